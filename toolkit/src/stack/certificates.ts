import { X509Certificate } from 'node:crypto';
import { chmodSync, chownSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import type { Account } from '@submilli/local-postgres';
import {
  authorities,
  AUTHORITY_DAYS,
  authorityExtensions,
  type Authority,
  CERTIFICATE_DAYS,
  type CertificatePlan,
  extensionsOf,
  type Found,
  isAuthorityDue,
  whyMake,
} from '../cluster/certificates';
import { exec } from './exec';
import { makeDir, writeFile } from './files';
import type { Layout } from './layout';

/**
 * Makes the certificates that are missing, end soon or are for other names, with openssl. The authorities' keys are for
 * whoever runs the supervisor alone; the others for the account of the services. Resolves with the names of those made.
 */
export const ensureCertificates = async (
  layout: Layout,
  plans: readonly CertificatePlan[],
  account: Account | undefined,
  now: number = Date.now(),
): Promise<string[]> => {
  makeDir(layout.certs, undefined, 0o755);
  const made: string[] = [];
  for (const authority of Object.keys(authorities) as Authority[]) {
    const there = readCertificate(layout.certOf(authority));
    if (!isAuthorityDue(there?.validToDate.getTime(), now) && existsSync(layout.keyOf(authority))) continue;
    const subject = authorities[authority];
    await make(layout, authority, subject, AUTHORITY_DAYS, authorityExtensions, [], undefined);
    made.push(authority);
  }
  for (const plan of plans) {
    if (whyMake(plan, find(layout, plan), now) === undefined) continue;
    const signer = ['-CA', layout.certOf(plan.authority), '-CAkey', layout.keyOf(plan.authority)];
    await make(layout, plan.name, plan.commonName, CERTIFICATE_DAYS, extensionsOf(plan), signer, account);
    made.push(plan.name);
  }
  return made;
};

const readCertificate = (path: string): (X509Certificate & { validToDate: Date }) | undefined => {
  if (!existsSync(path)) return undefined;
  const certificate = new X509Certificate(readFileSync(path));
  return Object.assign(certificate, { validToDate: new Date(certificate.validTo) });
};

const find = (layout: Layout, { name, authority }: CertificatePlan): Found | undefined => {
  const found = readCertificate(layout.certOf(name));
  const signer = readCertificate(layout.certOf(authority));
  if (found === undefined || signer === undefined || !existsSync(layout.keyOf(name))) return undefined;
  return {
    commonName: /^CN=(.*)$/m.exec(found.subject)?.[1] ?? '',
    names: (found.subjectAltName ?? '')
      .split(', ')
      .filter((entry) => entry !== '')
      .map((entry) => entry.replace(/^(DNS|IP Address):/, '')),
    validTo: found.validToDate.getTime(),
    isOurs: found.checkIssued(signer) && found.verify(signer.publicKey),
  };
};

const make = async (
  layout: Layout,
  name: string,
  commonName: string,
  days: number,
  extensions: readonly string[],
  signer: readonly string[],
  account: Account | undefined,
): Promise<void> => {
  const key = `${layout.keyOf(name)}.partial`;
  rmSync(key, { force: true });
  const text = await exec(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-sha256'],
      ...['-keyout', key, '-days', String(days), '-subj', `/CN=${commonName}`, ...signer],
      ...extensions.flatMap((extension) => ['-addext', extension]),
    ],
    // Without the system's configuration, whose extensions would be added to ours.
    { purpose: `making the certificate of ${name}`, env: { OPENSSL_CONF: '/dev/null' } },
  );
  chmodSync(key, 0o600);
  if (account !== undefined) chownSync(key, account.uid, account.gid);
  renameSync(key, layout.keyOf(name));
  writeFile(layout.certOf(name), text, undefined, 0o644);
};
