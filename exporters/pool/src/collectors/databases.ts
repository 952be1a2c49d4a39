import { defineCollector, gauge, type SqlSession } from '@submilli/core';
import { type Column, CONSOLE, numberOf, samplesOf, show, type ShowRow, textOf } from '../show';
import type { PoolFacts } from '../source';

const labels = ['database'] as const;

const metrics = {
  info: gauge(
    'db_pool_database_info',
    'Always 1; where connections of this name go. Empty: decided by the client, or the socket.',
    ['database', 'host', 'port', 'server_database', 'force_user', 'pool_mode'],
  ),
  size: gauge('db_pool_size', 'Server connections a pool of this database may have.', labels),
  minSize: gauge('db_pool_min_size', 'Server connections that are kept open.', labels),
  reserve: gauge('db_pool_reserve_size', 'Further server connections allowed after reserve_pool_timeout.', labels),
  lifetime: gauge('db_pool_server_lifetime_seconds', 'Age at which a server connection is closed (1.24+).', labels),
  limit: gauge(
    'db_pool_connections_limit',
    'Server connections that all pools of this database may have together; absent when unlimited.',
    labels,
  ),
  current: gauge('db_pool_connections', 'Server connections that all pools of this database have now.', labels),
  clientLimit: gauge(
    'db_pool_client_connections_limit',
    'Client connections this database may have; absent when unlimited (1.24+).',
    labels,
  ),
  clientCurrent: gauge(
    'db_pool_database_client_connections',
    'Client connections that this database has now (1.24+).',
    labels,
  ),
  paused: gauge('db_pool_paused', 'Whether the database is paused (1) or not (0).', labels),
  disabled: gauge('db_pool_disabled', 'Whether the database is disabled (1) or not (0).', labels),
} as const;

/** `reserve_pool` was renamed `reserve_pool_size` with 1.24; never are both there. */
const columns: readonly Column<keyof typeof metrics>[] = [
  { column: 'pool_size', metric: 'size' },
  { column: 'min_pool_size', metric: 'minSize' },
  { column: 'reserve_pool', metric: 'reserve' },
  { column: 'reserve_pool_size', metric: 'reserve' },
  { column: 'server_lifetime', metric: 'lifetime' },
  { column: 'current_connections', metric: 'current' },
  { column: 'current_client_connections', metric: 'clientCurrent' },
  { column: 'paused', metric: 'paused' },
  { column: 'disabled', metric: 'disabled' },
];

/** PgBouncer writes "no limit" as 0; a limit of zero would read as "always full". */
const limitOf = (row: ShowRow, column: string): number | null => {
  const limit = numberOf(row, column);
  return limit === 0 ? null : limit;
};

export const databases = defineCollector({
  name: 'databases',
  source: 'SHOW DATABASES',
  metrics,
  read: (session: SqlSession, _env: { readonly facts: PoolFacts }, deadline) =>
    show(session, 'SHOW DATABASES', 'pool_size', deadline),
  publish: (rows: readonly ShowRow[], m) =>
    rows
      .filter((row) => textOf(row, 'name') !== CONSOLE)
      .flatMap((row) => {
        const database = textOf(row, 'name');
        return [
          m.info(
            {
              database,
              host: textOf(row, 'host'),
              port: textOf(row, 'port'),
              server_database: textOf(row, 'database'),
              force_user: textOf(row, 'force_user'),
              pool_mode: textOf(row, 'pool_mode'),
            },
            1,
          ),
          ...samplesOf(row, columns, { database }, m),
          m.limit({ database }, limitOf(row, 'max_connections')),
          m.clientLimit({ database }, limitOf(row, 'max_client_connections')),
        ];
      }),
});
