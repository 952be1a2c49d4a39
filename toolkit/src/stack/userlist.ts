import type { Layout } from './layout';
import { verifierOf, type SecretName } from './secrets';

/** Who may log in to the pool, and with whose secret: the same verifiers as in PostgreSQL. */
export const userlistText = (layout: Layout, application: string): string => {
  const users: readonly (readonly [string, SecretName])[] = [
    [application, 'app'],
    ['submilli', 'submilli'],
    ['submilli_canary', 'canary'],
    ['pgbouncer', 'pgbouncer'],
  ];
  return users.map(([user, secret]) => `"${user}" "${verifierOf(layout, secret)}"\n`).join('');
};
