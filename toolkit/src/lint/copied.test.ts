import { type Given } from './files/read';
import { lint } from './run';
import type { Context } from './scene';

/** A configuration that is copied from page to page. Each of these lines was meant well. */
const patroni = `scope: main
name: pg1
bootstrap:
  dcs:
    ttl: 8
    loop_wait: 1
    retry_timeout: 8
    failover_timeout: 10
    switchover_timeout: 10
`;
const postgresql = `max_connections: 1000
shared_buffers: 2GB
effective_cache_size: 6GB
wal_buffers: 64MB
checkpoint_completion_target: 0.7
random_page_cost: 1.1
effective_io_concurrency: 200
`;
const pgbouncer = `[databases]
app = host=10.0.0.1

[pgbouncer]
pool_mode = transaction
max_client_conn = 1000
default_pool_size = 100
min_pool_size = 50
reserve_pool_size = 10
server_connect_timeout = 1
server_login_retry = 1
query_timeout = 5
query_wait_timeout = 2
tcp_keepalive = 1
tcp_keepcnt = 3
tcp_keepidle = 600
tcp_keepintvl = 30
`;
const conf = `# copied\n${postgresql.replaceAll(': ', ' = ')}`;
const parameters = `    postgresql:\n      parameters:\n${postgresql.trimEnd().replaceAll(/^/gm, '        ')}\n`;

const context = (memory_mb: number, storage: 'ssd' | 'hdd' = 'ssd'): Context => ({
  ...{ machine: { memory_mb, cores: 8, storage }, openFiles: 1024 },
  versions: { pgbouncer: '1.18', postgresql: 15 },
});
const given = (kind: Given['kind'], path: string, text: string): Given => ({ kind, source: { path, text } });
const all = [given('patroni', 'patroni.yml', patroni + parameters), given('pgbouncer', 'pgbouncer.ini', pgbouncer)];

/** The rules that speak of the lines that are written, by the name on the line. */
const said = (files: readonly Given[], on: Context): Record<string, string[]> => {
  const byName: Record<string, string[]> = {};
  for (const { place, line, rule } of lint(files, on, () => undefined).findings) {
    const name = /^\s*([\w]+)\s*[:=]/.exec(place.source.text.split('\n')[line - 1] ?? '')?.[1];
    if (name !== undefined) byName[name] = [...new Set([...(byName[name] ?? []), rule.id])].toSorted();
  }
  return byName;
};

describe('the much-copied configuration', () => {
  it('is told each of its mistakes, on the line that makes it', () => {
    expect(said(all, context(8192))).toMatchObject({
      ttl: ['patroni-timers-raised'],
      retry_timeout: ['patroni-ttl-arithmetic'],
      failover_timeout: ['patroni-unknown-key'],
      switchover_timeout: ['patroni-unknown-key'],
      max_connections: ['across-server-exceeds-pools', 'postgresql-max-connections'],
      wal_buffers: ['postgresql-wal-buffers'],
      checkpoint_completion_target: ['postgresql-checkpoint-target'],
      pool_mode: ['pgbouncer-prepared-statements'],
      max_client_conn: ['pgbouncer-open-files'],
      default_pool_size: ['pgbouncer-pool-size'],
      min_pool_size: ['pgbouncer-min-pool-size'],
      reserve_pool_size: ['pgbouncer-reserve-unreachable'],
      server_connect_timeout: ['pgbouncer-connect-timeout'],
      server_login_retry: ['pgbouncer-login-retry'],
      query_timeout: ['pgbouncer-query-timeout'],
      query_wait_timeout: ['across-queue-failover', 'pgbouncer-query-wait'],
      tcp_keepidle: ['across-keepalive-failover', 'pgbouncer-keepalive'],
    });
  });

  it('is not blamed for the lines that are right on such a machine', () => {
    const names = Object.keys(said(all, context(8192)));
    for (const right of ['loop_wait', 'shared_buffers', 'effective_cache_size', 'random_page_cost']) {
      expect(names).not.toContain(right);
    }
    for (const right of ['effective_io_concurrency', 'tcp_keepalive', 'tcp_keepcnt', 'tcp_keepintvl']) {
      expect(names).not.toContain(right);
    }
  });

  it('is told that they are wrong on a smaller machine with disks that turn', () => {
    expect(said([given('postgresql', 'postgresql.conf', conf)], context(4096, 'hdd'))).toMatchObject({
      shared_buffers: ['postgresql-shared-buffers'],
      effective_cache_size: ['postgresql-effective-cache'],
      random_page_cost: ['postgresql-random-page-cost'],
      effective_io_concurrency: ['postgresql-io-concurrency'],
    });
  });

  it('is told what it leaves out: how the pool’s clients prove who they are, and peers that vanish', () => {
    const found = lint(all, context(8192), () => undefined).findings.map(({ rule }) => rule.id);
    expect(found).toEqual(
      expect.arrayContaining(['pgbouncer-auth-type', 'pgbouncer-user-timeout', 'pgbouncer-server-tls']),
    );
    expect(found).toEqual(
      expect.arrayContaining(['patroni-failsafe-off', 'patroni-asynchronous', 'patroni-start-timeout']),
    );
  });

  it('is told the same of its settings in a postgresql.conf', () => {
    expect(said([given('postgresql', 'postgresql.conf', conf)], context(8192))).toMatchObject({
      // With no pool in front, all of them may come at once.
      max_connections: ['postgresql-max-connections', 'postgresql-memory'],
      wal_buffers: ['postgresql-wal-buffers'],
      checkpoint_completion_target: ['postgresql-checkpoint-target'],
    });
  });

  it('runs with what Patroni makes of it: 20 s, and without the two settings that do not exist', () => {
    const report = lint(all, context(8192), () => undefined);
    const says = report.findings.map((finding) => finding.says).join('\n');
    expect(says).toContain('uses ttl 20, not 8');
    expect(says).toContain('loop_wait 1 + 2 * retry_timeout 8 is 17 s, more than ttl 8');
    expect(says).toContain('given up after 690 s');
  });
});
