import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Account } from '@submilli/local-postgres';
import { makeDir, writeFile } from './files';
import type { Layout } from './layout';

/** Whose password each secret is; of the repositories of backups, their passphrases. */
export const secretNames = [
  'superuser',
  'replication',
  'rewind',
  'patroni',
  'app',
  'submilli',
  'canary',
  'pgbouncer',
  'repo1',
  'repo2',
] as const;
export type SecretName = (typeof secretNames)[number];

/**
 * Makes the missing secrets: 32 random bytes each, in a form that needs no quoting anywhere. The folder belongs to
 * whoever runs the supervisor, the files to the account of the services: it can read them and not replace them.
 */
export const ensureSecrets = (layout: Layout, account: Account | undefined, random = randomBytes): void => {
  makeDir(layout.secrets, undefined, account === undefined ? 0o700 : 0o711);
  for (const name of secretNames) {
    const path = layout.secretOf(name);
    if (!existsSync(path)) writeFile(path, `${random(32).toString('base64url')}\n`, account);
  }
};

export const readSecret = (layout: Layout, name: SecretName): string =>
  readFileSync(layout.secretOf(name), 'utf8').trim();

/**
 * The SCRAM-SHA-256 verifier PostgreSQL stores for a password (RFC 5803): with it, a password is set or checked and
 * never travels or reaches a log. PostgreSQL and PgBouncer must hold the same one, salt included, for PgBouncer to log
 * in to the server with what a client proved.
 */
export const scramVerifier = (password: string, salt: Buffer, iterations = 4096): string => {
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256');
  const hmac = (key: string): Buffer => createHmac('sha256', salted).update(key).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`;
};

/** The salt of a secret's verifier: made from the secret itself, so that each start arrives at the same verifier. */
export const verifierOf = (layout: Layout, name: SecretName): string => {
  const password = readSecret(layout, name);
  const salt = createHash('sha256').update(`submilli ${name} ${password}`).digest().subarray(0, 16);
  return scramVerifier(password, salt);
};
