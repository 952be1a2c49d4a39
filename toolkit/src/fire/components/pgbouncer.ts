import { type Case, doesNotApply, type Row, tells } from '../cell';

const alert = { name: 'PgBouncerDown', labels: { cluster: 'fire', target: 'pool' } } as const;

const down = (how: string, reason: string, remedy: string): Case => ({
  ...{ how, exporter: 'pool', metrics: { db_exporter_up: 0 }, absent: 'all', alert },
  status: { of: 'target', reason, remedy },
  log: `target is down: .*(${reason})`,
});

/** PgBouncer, as the pool exporter sees its console. */
export const pgbouncer: Row = {
  kill: tells(down('its process', 'ECONNREFUSED', 'is the server running')),
  stop: tells(down('its process', 'no answer|timeout expired', 'hangs|connect_ms')),
  refuse: tells(down('nobody listens on its port', 'ECONNREFUSED', 'is the server running')),
  reset: tells(down('after half of what it sends', 'ECONNRESET|terminated|disconnected', 'tried again by itself')),
  slow: tells(down('a byte in 40 ms', 'no answer|timeout expired', 'hangs|connect_ms')),
  garbage: tells(down('random bytes', 'breaks PostgreSQL’s protocol', 'host and port')),
  tls: tells({
    ...down('asked for TLS, it has none', 'does not support SSL', 'client_tls_sslmode'),
    tls: 'plain text',
  }),
  password: tells(down('the exporter’s password file holds another one', 'authentication failed', 'auth_file')),
  permission: tells(down('the role is no longer among stats_users', 'not allowed', 'stats_users')),
  disk: doesNotApply('It writes nothing but its log, and goes on without.'),
  clock: doesNotApply(
    'The exporter compares its timestamps with each other, within one answer, and with no clock of its own.',
  ),
  network: tells(down('the cable between', 'no answer|timeout expired|EHOSTUNREACH', 'hangs|connect_ms|network')),
};
