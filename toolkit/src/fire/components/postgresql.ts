import { type Case, doesNotApply, elsewhere, type Row, tells } from '../cell';

const alert = { name: 'PostgresDown', labels: { cluster: 'fire', target: 'pg' } } as const;

/** All that rests on the server is gone, and why is said in one place. */
const down = (how: string, reason: string, remedy: string): Case => ({
  ...{ how, exporter: 'database', metrics: { db_exporter_up: 0 }, absent: 'all', alert },
  status: { of: 'target', reason, remedy },
  log: `target is down: .*(${reason})`,
});

/** PostgreSQL, as the database exporter sees it; the query exporter asks it the same way. */
export const postgresql: Row = {
  kill: tells(down('the postmaster and all its backends', 'ECONNREFUSED', 'is the server running')),
  stop: tells(down('the postmaster and all its backends', 'no answer|timeout expired', 'hangs|connect_ms')),
  refuse: tells(down('nobody listens on its port', 'ECONNREFUSED', 'is the server running')),
  reset: tells(down('after half of what it sends', 'ECONNRESET|terminated|disconnected', 'tried again by itself')),
  slow: tells(down('a byte in 40 ms', 'no answer|timeout expired', 'hangs|connect_ms')),
  garbage: tells(down('random bytes, inside TLS', 'breaks PostgreSQL’s protocol', 'host and port')),
  tls: tells(
    { ...down('', 'self-signed|unable to verify', 'CA file'), tls: 'another authority' },
    { ...down('', 'certificate has expired', 'Renew the certificate'), tls: 'an expired certificate' },
    { ...down('', 'does not support SSL', 'sslmode: disable'), tls: 'plain text' },
  ),
  password: tells(
    down('the role has another one, and its sessions were ended', 'password authentication failed', 'password'),
  ),
  permission: tells({
    how: 'pg_monitor is revoked from the role',
    exporter: 'database',
    metrics: { db_exporter_up: 1, 'db_exporter_collector_success{collector="activity"}': 0 },
    absent: ['db_connections', 'db_oldest_transaction_seconds'],
    status: { of: 'activity', reason: 'not a member of pg_monitor', remedy: 'GRANT pg_monitor TO submilli' },
    log: 'activity is skipped: .*pg_monitor',
    alert: { name: 'SubmilliCollectorFailing', labels: { cluster: 'fire', target: 'pg', collector: 'activity' } },
  }),
  disk: elsewhere(
    'toolkit/test/e2e/drills.test.ts',
    'is passed: what was acknowledged is there, by one writer at a time',
    'the drill `full-disk` fills the primary’s disk under load: it takes hosts with disks of their own',
  ),
  clock: doesNotApply(
    'Ages are differences on the server’s own clock, within one statement: the exporter’s clock is not in them, nor is the time at which it was asked.',
  ),
  network: tells(down('the cable between', 'no answer|timeout expired|EHOSTUNREACH', 'hangs|connect_ms|network')),
};
