import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ReferenceCluster } from '@submilli/core';
import { ensureCertificates } from '../stack/certificates';
import { writeFile } from '../stack/files';
import { layoutOf } from '../stack/layout';
import { ensureSecrets, readSecret } from '../stack/secrets';
import { rolesSql } from '../stack/trading';
import { userlistText } from '../stack/userlist';
import { bundleOf, type Parcel, readmeOf } from './bundle';
import { planCertificates } from './certificates';
import { specFromConfig } from './from-config';

export type Written = { readonly parcels: readonly Parcel[]; readonly certificates: readonly string[] };

/**
 * Writes the files of every machine below `out`, for their owner alone. Secrets and certificates that are there stay, so
 * that rendering again changes only what the configuration changed, or what is about to end.
 */
export const writeBundle = async (reference: ReferenceCluster, out: string): Promise<Written> => {
  const layout = layoutOf(out);
  mkdirSync(out, { recursive: true, mode: 0o700 });
  ensureSecrets(layout, undefined);
  const spec = specFromConfig(reference, (of) => readSecret(layout, of));
  const certificates = await ensureCertificates(layout, planCertificates(spec.topology), undefined);
  const { configuration } = reference.directories;
  const parcels = bundleOf(spec, {
    configuration,
    userlist: userlistText(layout, spec.application),
    roles: rolesSql(layout, spec.database, spec.application),
  });
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFile(path, text, undefined);
  };
  for (const parcel of parcels) {
    const folder = join(out, parcel.name);
    rmSync(folder, { recursive: true, force: true });
    for (const [name, text] of Object.entries(parcel.files)) put(join(folder, name), text);
    mkdirSync(join(folder, 'certs'), { mode: 0o700 });
    for (const name of [...parcel.authorities, ...parcel.certificates]) {
      copyFileSync(layout.certOf(name), join(folder, 'certs', `${name}.crt`));
    }
    for (const name of parcel.certificates) copyFileSync(layout.keyOf(name), join(folder, 'certs', `${name}.key`));
    for (const name of parcel.secrets) put(join(folder, 'secrets', name), `${readSecret(layout, name)}\n`);
  }
  put(join(out, 'README.md'), readmeOf(spec, parcels, configuration));
  return { parcels, certificates };
};
