import { defineCollector, gauge } from '@submilli/core';
import { type Column, readShow, samplesOf, type ShowRow, textOf } from '../show';

const metrics = {
  clients: gauge(
    'db_pool_peer_client_connections',
    'Cancel requests for a peer: active ones are forwarded and wait for its answer, waiting ones are not yet forwarded.',
    ['peer', 'state'],
  ),
  servers: gauge('db_pool_peer_server_connections', 'Connections to a peer by state.', ['peer', 'state']),
} as const;

const columns: readonly Column<keyof typeof metrics>[] = [
  { column: 'cl_active_cancel_req', metric: 'clients', labels: { state: 'active_cancel_req' } },
  { column: 'cl_waiting_cancel_req', metric: 'clients', labels: { state: 'waiting_cancel_req' } },
  { column: 'sv_active_cancel', metric: 'servers', labels: { state: 'active_cancel' } },
  { column: 'sv_login', metric: 'servers', labels: { state: 'login' } },
];

export const peerPools = defineCollector({
  name: 'peer-pools',
  source: 'SHOW PEER_POOLS',
  needs: { pgbouncer: '1.19' },
  metrics,
  read: readShow('SHOW PEER_POOLS', 'peer_id'),
  publish: (rows: readonly ShowRow[], m) =>
    rows.flatMap((row) => samplesOf(row, columns, { peer: textOf(row, 'peer_id') }, m)),
});
