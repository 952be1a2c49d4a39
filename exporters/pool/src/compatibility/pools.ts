import { defineDerived } from '@submilli/core';
import { pools } from '../collectors/pools';
import { type Column, samplesOf, textOf } from '../show';
import type { PoolFacts } from '../source';
import { needs, peerGauge, type Rows } from './peer';

const ofPool = (name: string, help: string) => peerGauge(`pgbouncer_pools_${name}`, help, ['database', 'user']);

const metrics = {
  clientActive: ofPool('client_active_connections', 'Clients that are linked to a server, or idle.'),
  clientActiveCancel: ofPool('client_active_cancel_connections', 'Clients whose cancel request was passed on.'),
  clientWaiting: ofPool('client_waiting_connections', 'Clients that wait for a server.'),
  clientWaitingCancel: ofPool('client_waiting_cancel_connections', 'Clients whose cancel request waits.'),
  serverActive: ofPool('server_active_connections', 'Servers that are linked to a client.'),
  serverActiveCancel: ofPool('server_active_cancel_connections', 'Servers that pass on a cancel request.'),
  serverBeingCanceled: ofPool('server_being_canceled_connections', 'Servers that wait for a cancel request to end.'),
  serverIdle: ofPool('server_idle_connections', 'Servers that can be used at once.'),
  serverUsed: ofPool('server_used_connections', 'Servers that must be checked before they are used.'),
  serverTesting: ofPool('server_testing_connections', 'Servers that are being reset or checked.'),
  serverLogin: ofPool('server_login_connections', 'Servers that are logging in.'),
  maxwait: ofPool('client_maxwait_seconds', 'How long the first client in the queue waits, in whole seconds.'),
} as const;

const columns: readonly Column<keyof typeof metrics>[] = [
  { column: 'cl_active', metric: 'clientActive' },
  { column: 'cl_active_cancel_req', metric: 'clientActiveCancel' },
  { column: 'cl_waiting', metric: 'clientWaiting' },
  { column: 'cl_waiting_cancel_req', metric: 'clientWaitingCancel' },
  { column: 'sv_active', metric: 'serverActive' },
  { column: 'sv_active_cancel', metric: 'serverActiveCancel' },
  { column: 'sv_being_canceled', metric: 'serverBeingCanceled' },
  { column: 'sv_idle', metric: 'serverIdle' },
  { column: 'sv_used', metric: 'serverUsed' },
  { column: 'sv_tested', metric: 'serverTesting' },
  { column: 'sv_login', metric: 'serverLogin' },
  { column: 'maxwait', metric: 'maxwait' },
];

export const compatPools = defineDerived<PoolFacts, Rows, typeof metrics>({
  name: 'compat_pools',
  source: 'SHOW POOLS',
  needs,
  metrics,
  derive: (snapshots) => snapshots.of(pools) ?? [],
  publish: (rows, m) =>
    rows.flatMap((row) => samplesOf(row, columns, { database: textOf(row, 'database'), user: textOf(row, 'user') }, m)),
});
