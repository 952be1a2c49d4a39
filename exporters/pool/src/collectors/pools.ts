import { defineCollector, gauge } from '@submilli/core';
import { type Column, CONSOLE, MICROSECONDS, numberOf, readShow, samplesOf, type ShowRow, textOf } from '../show';

const labels = ['database', 'user'] as const;

const metrics = {
  clients: gauge(
    'db_pool_client_connections',
    'Client connections by state, as SHOW POOLS counts them: active is linked to a server or idle, waiting has no server yet.',
    [...labels, 'state'],
  ),
  servers: gauge('db_pool_server_connections', 'Server connections by state, as SHOW POOLS counts them.', [
    ...labels,
    'state',
  ]),
  maxwait: gauge(
    'db_pool_maxwait_seconds',
    'How long the first client in the queue has been waiting, to the microsecond; 0 when nobody waits.',
    labels,
  ),
  info: gauge(
    'db_pool_info',
    'Always 1; how the pool works. Its user is the one that logs in to the server. Empty: not set, or not in this version.',
    [...labels, 'pool_mode', 'load_balance_hosts'],
  ),
} as const;

type Name = keyof typeof metrics;
const clients = (column: string, state: string): Column<Name> => ({ column, metric: 'clients', labels: { state } });
const servers = (column: string, state: string): Column<Name> => ({ column, metric: 'servers', labels: { state } });

const columns: readonly Column<Name>[] = [
  clients('cl_active', 'active'),
  clients('cl_waiting', 'waiting'),
  // Two columns since 1.18, one until then.
  clients('cl_cancel_req', 'cancel_req'),
  clients('cl_active_cancel_req', 'active_cancel_req'),
  clients('cl_waiting_cancel_req', 'waiting_cancel_req'),
  servers('sv_active', 'active'),
  servers('sv_active_cancel', 'active_cancel'),
  servers('sv_being_canceled', 'being_canceled'),
  servers('sv_idle', 'idle'),
  servers('sv_used', 'used'),
  servers('sv_tested', 'tested'),
  servers('sv_login', 'login'),
];

/** SHOW POOLS splits the wait into whole seconds and the microseconds beyond them; this is both, in seconds. */
export const maxwaitOf = (row: ShowRow): number | null => {
  const seconds = numberOf(row, 'maxwait');
  const beyond = 'maxwait_us' in row ? numberOf(row, 'maxwait_us') : 0;
  return seconds === null || beyond === null ? null : (seconds * MICROSECONDS + beyond) / MICROSECONDS;
};

const sumOf = (row: ShowRow, columns: readonly string[]): number =>
  columns.reduce((sum, column) => sum + (numberOf(row, column) ?? 0), 0);

/** Server connections that can't be used for another client, nor closed to make room: those that do something. */
export const busyOf = (row: ShowRow): number =>
  sumOf(row, ['sv_active', 'sv_active_cancel', 'sv_being_canceled', 'sv_tested', 'sv_login']);

/** Server connections that are logged in, whatever they do. */
export const loggedInOf = (row: ShowRow): number =>
  sumOf(row, ['sv_active', 'sv_being_canceled', 'sv_tested', 'sv_idle', 'sv_used']);

/** Whether all pools of a database work in session mode, whoever said so: the setting, the database or the user. */
export const isSessionPooled = (rows: readonly ShowRow[], database: string): boolean => {
  const own = rows.filter((row) => textOf(row, 'database') === database);
  return own.length > 0 && own.every((row) => textOf(row, 'pool_mode') === 'session');
};

export const pools = defineCollector({
  name: 'pools',
  source: 'SHOW POOLS',
  metrics,
  read: readShow('SHOW POOLS', 'database'),
  publish: (rows: readonly ShowRow[], m) =>
    rows
      .filter((row) => textOf(row, 'database') !== CONSOLE)
      .flatMap((row) => {
        const pool = { database: textOf(row, 'database'), user: textOf(row, 'user') };
        const how = { pool_mode: textOf(row, 'pool_mode'), load_balance_hosts: textOf(row, 'load_balance_hosts') };
        return [...samplesOf(row, columns, pool, m), m.maxwait(pool, maxwaitOf(row)), m.info({ ...pool, ...how }, 1)];
      }),
});
