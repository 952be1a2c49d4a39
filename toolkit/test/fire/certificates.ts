import { execFileSync } from 'node:child_process';
import { chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from '@submilli/local-postgres';
import { FAKETIME } from './clock';

export type Pair = { readonly cert: string; readonly key: string };

/** Valid since yesterday: somebody's clock will be set back. */
const YESTERDAY = { LD_PRELOAD: FAKETIME, FAKETIME: '-1d' };

const openssl = (args: readonly string[], env: NodeJS.ProcessEnv = YESTERDAY): void => {
  execFileSync('openssl', args, { stdio: 'pipe', env: { ...process.env, ...env } });
};

/** An authority, a certificate of it for these addresses, one that has expired, and one of somebody else. */
export const makeCertificates = (directory: string, addresses: readonly string[], account: Account | undefined) => {
  mkdirSync(directory);
  const path = (name: string): string => join(directory, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = (name: string): void =>
    openssl([
      ...['req', '-x509', ...newKey, '-days', '3650', '-subj', `/CN=${name}`],
      ...['-keyout', path(`${name}.key`), '-out', path(`${name}.crt`)],
    ]);
  const extensions = path('names.ext');
  writeFileSync(extensions, `subjectAltName=${addresses.map((address) => `IP:${address}`).join(',')}\n`);
  const pair = (name: string, ca: string, env?: NodeJS.ProcessEnv): Pair => {
    openssl(['req', ...newKey, '-subj', `/CN=${name}`, '-keyout', path(`${name}.key`), '-out', path(`${name}.csr`)]);
    openssl(
      [
        ...['x509', '-req', '-in', path(`${name}.csr`), '-CA', path(`${ca}.crt`), '-CAkey', path(`${ca}.key`)],
        ...['-CAcreateserial', '-days', '3', '-extfile', extensions, '-out', path(`${name}.crt`)],
      ],
      env,
    );
    return { cert: path(`${name}.crt`), key: path(`${name}.key`) };
  };
  authority('ca');
  authority('other-ca');
  const node = pair('node', 'ca');
  /** PostgreSQL takes a key only from its owner. */
  const owned = { cert: path('owned.crt'), key: path('owned.key') };
  copyFileSync(node.cert, owned.cert);
  copyFileSync(node.key, owned.key);
  if (account !== undefined) for (const file of Object.values(owned)) chownSync(file, account.uid, account.gid);
  return {
    ca: path('ca.crt'),
    ...{ node, owned },
    // Signed when it was 2020, for three days.
    expired: pair('expired', 'ca', { LD_PRELOAD: FAKETIME, FAKETIME: '2020-01-01 00:00:00' }),
    foreign: pair('foreign', 'other-ca'),
  };
};

export type Certificates = ReturnType<typeof makeCertificates>;

export const readPair = ({ cert, key }: Pair) => ({ cert: readFileSync(cert), key: readFileSync(key) });
