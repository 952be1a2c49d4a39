import { defineCollector, gauge } from '@submilli/core';
import { numberOf, readShow, type ShowRow, textOf, unlessZero } from '../show';

const metrics = {
  clients: gauge(
    'db_pool_client_connections_limit',
    'Client connections that PgBouncer takes in all: max_client_conn.',
  ),
  userServers: gauge(
    'db_pool_user_server_connections_limit',
    'Server connections that a user without a limit of its own may have: max_user_connections; absent when unlimited.',
  ),
  userClients: gauge(
    'db_pool_user_client_connections_limit',
    'Client connections that a user without a limit of its own may have: max_user_client_connections (1.24+); absent when unlimited.',
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
  timeout: gauge(
    'db_pool_setting_seconds',
    'Durations as SHOW CONFIG has them, by setting; absent when off (0) or not in this version.',
    ['setting'],
  ),
  setting: gauge('db_pool_setting', 'Numbers as SHOW CONFIG has them, by setting; absent when not in this version.', [
    'setting',
  ]),
  info: gauge('db_pool_settings_info', 'Always 1; settings that are words. Empty: not in this version, or not set.', [
    'pool_mode',
    'auth_type',
    'client_tls_sslmode',
    'server_tls_sslmode',
  ]),
} as const;

/** Durations that decide when a connection is closed, checked or retried. In most of them 0 means off. */
const DURATIONS = [
  ...['autodb_idle_timeout', 'cancel_wait_timeout', 'client_idle_timeout', 'client_login_timeout'],
  ...['idle_transaction_timeout', 'query_timeout', 'transaction_timeout', 'query_wait_notify', 'suspend_timeout'],
  ...['server_check_delay', 'server_connect_timeout', 'server_idle_timeout', 'server_lifetime', 'server_login_retry'],
  ...['pool_idle_timeout', 'stats_period', 'dns_max_ttl', 'dns_nxdomain_ttl', 'dns_zone_check_period'],
];

/** Here 0 is a time: a server is used once, checked before each use, tried again at once, a name asked for each time. */
const MEANT_AT_ZERO = new Set([
  ...['server_lifetime', 'server_check_delay', 'server_login_retry', 'dns_max_ttl', 'dns_nxdomain_ttl'],
]);

/** Numbers where 0 says something too: none, or no limit, as PgBouncer's documentation tells. */
const NUMBERS = [
  ...['min_pool_size', 'reserve_pool_size', 'max_db_connections', 'max_db_client_connections'],
  ...['max_prepared_statements', 'max_packet_size', 'pkt_buf', 'sbuf_loopcnt', 'listen_backlog'],
  ...['server_fast_close', 'server_reset_query_always', 'server_round_robin', 'so_reuseport', 'peer_id'],
];

/** SHOW CONFIG as one row with a column for each setting. */
export const settingsOf = (rows: readonly ShowRow[]): ShowRow =>
  Object.fromEntries(rows.map((row) => [textOf(row, 'key'), row.value]));

export const limits = defineCollector({
  name: 'limits',
  source: 'SHOW CONFIG',
  metrics,
  read: readShow('SHOW CONFIG', 'key'),
  publish: (rows: readonly ShowRow[], m) => {
    const settings = settingsOf(rows);
    const [pool_mode, auth_type] = [textOf(settings, 'pool_mode'), textOf(settings, 'auth_type')];
    const client_tls_sslmode = textOf(settings, 'client_tls_sslmode');
    const server_tls_sslmode = textOf(settings, 'server_tls_sslmode');
    return [
      m.clients({}, numberOf(settings, 'max_client_conn')),
      m.userServers({}, unlessZero(settings, 'max_user_connections')),
      m.userClients({}, unlessZero(settings, 'max_user_client_connections')),
      m.size({}, numberOf(settings, 'default_pool_size')),
      m.reserveTimeout({}, unlessZero(settings, 'reserve_pool_timeout')),
      m.waitTimeout({}, unlessZero(settings, 'query_wait_timeout')),
      ...DURATIONS.map((setting) =>
        m.timeout({ setting }, (MEANT_AT_ZERO.has(setting) ? numberOf : unlessZero)(settings, setting)),
      ),
      ...NUMBERS.map((setting) => m.setting({ setting }, numberOf(settings, setting))),
      m.info({ pool_mode, auth_type, client_tls_sslmode, server_tls_sslmode }, pool_mode === '' ? null : 1),
    ];
  },
});
