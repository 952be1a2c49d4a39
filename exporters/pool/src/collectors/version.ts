import { defineCollector, gauge, type SqlSession } from '@submilli/core';
import type { PoolFacts } from '../source';

export const version = defineCollector({
  name: 'version',
  source: 'SHOW VERSION',
  metrics: { info: gauge('db_pool_version_info', 'Always 1; PgBouncer’s version.', ['version']) },
  // Known already: the version is the first thing that a session asks for.
  read: (_session: SqlSession, env: { readonly facts: PoolFacts }) => Promise.resolve(env.facts.version),
  publish: (text: string, m) => [m.info({ version: text }, 1)],
});
