import { defineCollector, gauge, type SqlSession } from '@submilli/core';
import { numberOf, show, type ShowRow, textOf } from '../show';
import type { PoolFacts } from '../source';

const metrics = {
  maxClients: gauge('db_pool_max_client_connections', 'Client connections that PgBouncer accepts in all.'),
  waitTimeout: gauge(
    'db_pool_query_wait_timeout_seconds',
    'How long a client may wait for a server before it is disconnected; absent when for ever.',
  ),
} as const;

export const limits = defineCollector({
  name: 'limits',
  source: 'SHOW CONFIG',
  every: 60,
  metrics,
  read: (session: SqlSession, _env: { readonly facts: PoolFacts }, deadline) =>
    show(session, 'SHOW CONFIG', 'key', deadline),
  publish: (rows: readonly ShowRow[], m) => {
    const setting = (key: string): number | null => {
      const row = rows.find((candidate) => textOf(candidate, 'key') === key);
      return row === undefined ? null : numberOf(row, 'value');
    };
    const wait = setting('query_wait_timeout');
    return [m.maxClients({}, setting('max_client_conn')), m.waitTimeout({}, wait === 0 ? null : wait)];
  },
});
