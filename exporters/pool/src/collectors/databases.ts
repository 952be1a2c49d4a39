import { defineCollector, gauge } from '@submilli/core';
import { type Column, CONSOLE, readShow, samplesOf, type ShowRow, textOf } from '../show';

const labels = ['database'] as const;

/** Columns that describe where connections go and how. `database` is the name there, which may be another one. */
const INFO = { host: 'host', port: 'port', server_database: 'database', force_user: 'force_user' } as const;
const MODES = { pool_mode: 'pool_mode', load_balance_hosts: 'load_balance_hosts' } as const;

const metrics = {
  info: gauge(
    'db_pool_database_info',
    'Always 1; where connections of this database go. Empty: left to the client, to the default, or not in this version.',
    ['database', 'host', 'port', 'server_database', 'force_user', 'pool_mode', 'load_balance_hosts'],
  ),
  size: gauge('db_pool_size', 'Server connections that each pool of this database may have.', labels),
  minSize: gauge('db_pool_min_size', 'Server connections that each pool of this database keeps open.', labels),
  reserve: gauge('db_pool_reserve_size', 'Further server connections allowed after reserve_pool_timeout.', labels),
  lifetime: gauge('db_pool_server_lifetime_seconds', 'Age at which a server connection is closed (1.23+).', labels),
  servers: gauge(
    'db_pool_database_server_connections',
    'Server connections that all pools of this database have together.',
    labels,
  ),
  serversLimit: gauge(
    'db_pool_database_server_connections_limit',
    'Server connections that all pools of this database may have together; absent when unlimited.',
    labels,
  ),
  clients: gauge('db_pool_database_client_connections', 'Client connections of this database (1.24+).', labels),
  clientsLimit: gauge(
    'db_pool_database_client_connections_limit',
    'Client connections that this database may have (1.24+); absent when unlimited.',
    labels,
  ),
  paused: gauge(
    'db_pool_paused',
    'Whether this database was paused by its name (1) or not (0); PAUSE without a name is in db_pool_state.',
    labels,
  ),
  disabled: gauge('db_pool_disabled', 'Whether this database was disabled (1) or not (0).', labels),
} as const;

const columns: readonly Column<keyof typeof metrics>[] = [
  { column: 'pool_size', metric: 'size' },
  { column: 'min_pool_size', metric: 'minSize' },
  // Renamed in 1.24; never are both there.
  { column: 'reserve_pool', metric: 'reserve' },
  { column: 'reserve_pool_size', metric: 'reserve' },
  { column: 'server_lifetime', metric: 'lifetime' },
  { column: 'current_connections', metric: 'servers' },
  { column: 'max_connections', metric: 'serversLimit', zeroIsNone: true },
  { column: 'current_client_connections', metric: 'clients' },
  { column: 'max_client_connections', metric: 'clientsLimit', zeroIsNone: true },
  { column: 'paused', metric: 'paused' },
  { column: 'disabled', metric: 'disabled' },
];

export const databases = defineCollector({
  name: 'databases',
  source: 'SHOW DATABASES',
  metrics,
  read: readShow('SHOW DATABASES', 'name'),
  publish: (rows: readonly ShowRow[], m) =>
    rows
      .filter((row) => textOf(row, 'name') !== CONSOLE)
      .flatMap((row) => {
        const database = textOf(row, 'name');
        return [
          m.info({ database, ...textsOf(row, INFO), ...textsOf(row, MODES) }, 1),
          ...samplesOf(row, columns, { database }, m),
        ];
      }),
});

const textsOf = <K extends string>(row: ShowRow, columnOf: Readonly<Record<K, string>>): Record<K, string> => {
  const entries = Object.entries<string>(columnOf).map(([label, column]) => [label, textOf(row, column)]);
  return Object.fromEntries(entries) as Record<K, string>;
};
