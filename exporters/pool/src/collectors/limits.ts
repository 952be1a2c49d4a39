import { defineCollector, gauge } from '@submilli/core';
import { numberOf, readShow, type ShowRow, textOf, unlessZero } from '../show';

const metrics = {
  clients: gauge(
    'db_pool_client_connections_limit',
    'Client connections that PgBouncer takes in all: max_client_conn.',
  ),
  userServers: gauge(
    'db_pool_user_server_connections_limit',
    'Server connections that one user may have: max_user_connections; absent when unlimited.',
  ),
  size: gauge('db_pool_default_size', 'Server connections of a pool whose database sets no size: default_pool_size.'),
  reserveTimeout: gauge(
    'db_pool_reserve_timeout_seconds',
    'How long a client waits before the reserve is used: reserve_pool_timeout; absent when the reserve is off.',
  ),
  waitTimeout: gauge(
    'db_pool_query_wait_timeout_seconds',
    'How long a client may wait for a server before it is disconnected: query_wait_timeout; absent when for ever.',
  ),
} as const;

export const limits = defineCollector({
  name: 'limits',
  source: 'SHOW CONFIG',
  metrics,
  read: readShow('SHOW CONFIG', 'key'),
  publish: (rows: readonly ShowRow[], m) => {
    const settings: ShowRow = Object.fromEntries(rows.map((row) => [textOf(row, 'key'), row.value]));
    return [
      m.clients({}, numberOf(settings, 'max_client_conn')),
      m.userServers({}, unlessZero(settings, 'max_user_connections')),
      m.size({}, numberOf(settings, 'default_pool_size')),
      m.reserveTimeout({}, unlessZero(settings, 'reserve_pool_timeout')),
      m.waitTimeout({}, unlessZero(settings, 'query_wait_timeout')),
    ];
  },
});
