import { defineCollector, gauge, type SqlSession } from '@submilli/core';
import { type Column, CONSOLE, MICROSECONDS, numberOf, samplesOf, show, type ShowRow, textOf } from '../show';
import type { PoolFacts } from '../source';

const metrics = {
  clients: gauge(
    'db_pool_client_connections',
    'Client connections by state: active (linked to a server or idle), waiting for a server, or cancelling.',
    ['database', 'user', 'state'],
  ),
  servers: gauge(
    'db_pool_server_connections',
    'Server connections by state, as in SHOW POOLS: active, idle, used, tested, login, being cancelled.',
    ['database', 'user', 'state'],
  ),
  maxwait: gauge(
    'db_pool_maxwait_seconds',
    'How long the first client in the queue has been waiting, to the microsecond; 0 when nobody waits.',
    ['database', 'user'],
  ),
  mode: gauge('db_pool_mode_info', 'Always 1; the pool’s mode.', ['database', 'user', 'mode']),
  loadBalance: gauge('db_pool_load_balance_hosts_info', 'Always 1; how hosts are chosen (1.24+).', [
    'database',
    'user',
    'mode',
  ]),
} as const;

const column = (name: string, metric: 'clients' | 'servers', state: string): Column<keyof typeof metrics> => ({
  column: name,
  metric,
  labels: { state },
});

/** `cl_cancel_req` became two columns with 1.18. */
const columns: readonly Column<keyof typeof metrics>[] = [
  column('cl_active', 'clients', 'active'),
  column('cl_waiting', 'clients', 'waiting'),
  column('cl_cancel_req', 'clients', 'cancel_req'),
  column('cl_active_cancel_req', 'clients', 'active_cancel_req'),
  column('cl_waiting_cancel_req', 'clients', 'waiting_cancel_req'),
  column('sv_active', 'servers', 'active'),
  column('sv_active_cancel', 'servers', 'active_cancel'),
  column('sv_being_canceled', 'servers', 'being_canceled'),
  column('sv_idle', 'servers', 'idle'),
  column('sv_used', 'servers', 'used'),
  column('sv_tested', 'servers', 'tested'),
  column('sv_login', 'servers', 'login'),
];

/** Whole seconds and the microseconds beyond them, as SHOW POOLS splits them. */
export const maxwaitOf = (row: ShowRow): number | null => {
  const seconds = numberOf(row, 'maxwait');
  return seconds === null ? null : seconds + (numberOf(row, 'maxwait_us') ?? 0) * MICROSECONDS;
};

export const pools = defineCollector({
  name: 'pools',
  source: 'SHOW POOLS',
  metrics,
  read: (session: SqlSession, _env: { readonly facts: PoolFacts }, deadline) =>
    show(session, 'SHOW POOLS', 'cl_waiting', deadline),
  publish: (rows: readonly ShowRow[], m) =>
    rows
      .filter((row) => textOf(row, 'database') !== CONSOLE)
      .flatMap((row) => {
        const labels = { database: textOf(row, 'database'), user: textOf(row, 'user') };
        const [mode, loadBalance] = [textOf(row, 'pool_mode'), textOf(row, 'load_balance_hosts')];
        return [
          ...samplesOf(row, columns, labels, m),
          m.maxwait(labels, maxwaitOf(row)),
          m.mode({ ...labels, mode }, mode === '' ? null : 1),
          m.loadBalance({ ...labels, mode: loadBalance }, loadBalance === '' ? null : 1),
        ];
      }),
});
