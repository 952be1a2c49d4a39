import { spawnSync } from 'node:child_process';
import type { Target } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { differences, type Exception, judged } from '../../../core/test/side-by-side';
import { collectorsFailing, scrape, scrapeUntil, valueOf } from '../../../core/test/watching';
import { type LocalPgbouncer, MAX_CLIENTS, startPgbouncer } from './pgbouncer';
import { configFor, users, watch } from './watching';

jest.setTimeout(60_000);

/**
 * Three of the four collectors of Debian 12's exporter (another program than pgbouncer_exporter, of 2015), by its own
 * code: the whole program can't be run beside any PgBouncer since 1.8, as the first test shows.
 */
const collectorsOfDebian = `
import sys
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_pgbouncer_exporter.utils import get_connection
from prometheus_pgbouncer_exporter.collectors import DatabasesCollector, ListsCollector, PoolsCollector
connection = get_connection(sys.argv[1], sys.argv[2], '127.0.0.1')
registry = CollectorRegistry()
registry.register(PoolsCollector(databases=None, connection=connection))
registry.register(DatabasesCollector(databases=None, connection=connection))
registry.register(ListsCollector(connection=connection))
print(generate_latest(registry).decode())
`;

/** What pgbouncer_exporter, and so our view, calls what Debian's calls otherwise. */
const renamed: Readonly<Record<string, string>> = {
  pgbouncer_active_clients: 'pgbouncer_pools_client_active_connections',
  pgbouncer_waiting_clients: 'pgbouncer_pools_client_waiting_connections',
  pgbouncer_pool_size: 'pgbouncer_databases_pool_size',
  pgbouncer_reserve_pool: 'pgbouncer_databases_reserve_pool',
  pgbouncer_dns_names: 'pgbouncer_cached_dns_names',
  pgbouncer_dns_zones: 'pgbouncer_cached_dns_zones',
  pgbouncer_dns_queries: 'pgbouncer_in_flight_dns_queries',
};

const exceptions: readonly Exception[] = [
  [/^family only there: pgbouncer_dns_pending$/, 'not used by PgBouncer; not in pgbouncer_exporter'],
  [/^family only here: pgbouncer_stats_totals_/, 'SHOW STATS is what breaks Debian’s'],
  [/^family only here: pgbouncer_(up|version_info|config_\w+|client_connections)$/, 'not in Debian’s'],
  [/^family only here: pgbouncer_pools_(client_(active_cancel|waiting_cancel|maxwait)|server)_\w+$/, 'not in Debian’s'],
  [/^family only here: pgbouncer_databases_(max_connections|current_connections|paused|disabled)$/, 'not in Debian’s'],
  [
    /^label only here: pgbouncer_databases_\w+ (name|host|port|force_user|pool_mode)$/,
    'Debian’s has only the database',
  ],
];

describe('the view of pgbouncer_exporter', () => {
  let server: LocalPostgres;
  let pgbouncer: LocalPgbouncer;
  let target: Target;
  let trader: Client;

  const config = () => ({ ...configFor(pgbouncer.port), compatibility: ['pgbouncer_exporter' as const] });
  const python = (...args: string[]) =>
    spawnSync('/usr/bin/python3', args, {
      env: { ...process.env, PGPASSWORD: users.submilli, PGSSLMODE: 'disable' },
      encoding: 'utf8',
      timeout: 20_000,
    });
  const askDebian = (): string => {
    const { stdout, stderr, status } = python('-c', collectorsOfDebian, 'submilli', String(pgbouncer.port));
    if (status !== 0) throw new Error(stderr);
    return Object.entries(renamed).reduce(
      (text, [old, now]) => text.replaceAll(new RegExp(`\\b${old}\\b`, 'g'), now),
      stdout,
    );
  };
  const viewOf = (text: string): string =>
    text
      .split('\n')
      .filter((line) => /^(# TYPE )?pgbouncer_/.test(line))
      .join('\n');

  beforeAll(async () => {
    server = await startPostgres({ major: 17 });
    pgbouncer = await startPgbouncer(server, users);
    trader = new Client({
      ...{ host: '127.0.0.1', port: pgbouncer.port, database: 'app', user: 'trader', password: users.trader },
      application_name: 'desk',
    });
    trader.on('error', () => undefined);
    await trader.connect();
    await trader.query('BEGIN');
    target = watch(config());
    await scrape(target);
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await trader.end();
    await pgbouncer.remove();
    await server.stop();
  });

  it('is not there unless it is asked for', async () => {
    const plain = watch(configFor(pgbouncer.port));
    const text = await scrape(plain);
    await plain.close();
    expect(text).not.toMatch(/^pgbouncer_|compat/m);
  });

  it('says what that exporter says, of the console too', async () => {
    const text = await scrape(target);
    expect(collectorsFailing(text)).toEqual([]);
    expect(valueOf(text, 'pgbouncer_up')).toBe(1);
    expect(text).toMatch(/^pgbouncer_version_info\{version="PgBouncer \d+\.\S+"\} 1$/m);
    expect(valueOf(text, 'pgbouncer_config_max_client_connections')).toBe(MAX_CLIENTS);
    expect(valueOf(text, 'pgbouncer_config_max_user_connections')).toBe(0);
    const desk = '{database="app",user="trader",application_name="desk",state="active"}';
    expect(valueOf(text, `pgbouncer_client_connections${desk}`)).toBe(1);
    expect(text).toMatch(/^pgbouncer_databases_max_connections\{name="app",.*,pool_mode=""\} 5$/m);
    expect(text).toContain('database="pgbouncer"');
    const after = await scrapeUntil(
      target,
      (t) => (valueOf(t, 'pgbouncer_stats_totals_received_bytes_total{database="app"}') ?? 0) > 0,
    );
    expect(valueOf(after, 'pgbouncer_stats_totals_received_bytes_total{database="app"}')).toBeGreaterThan(0);
    expect(after).toMatch(/^# TYPE pgbouncer_stats_totals_received_bytes_total counter$/m);
  });

  it('has no name that promtool objects to', async () => {
    const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: `${viewOf(await scrape(target))}\n`,
      encoding: 'utf8',
    });
    const named = [...(stdout + stderr).matchAll(/^(\w+) (?!no help text)/gm)].map(([, name]) => name);
    expect(named).toEqual([]);
  });

  it('cannot be compared with the whole of Debian’s exporter, which asks for columns that are gone since 1.8', () => {
    const args = ['--host=127.0.0.1', '--port=0', '--pgbouncer-host=127.0.0.1', '--pgbouncer-user=submilli'];
    const { status, stderr } = python(
      '/usr/bin/prometheus-pgbouncer-exporter',
      ...args,
      `--pgbouncer-port=${pgbouncer.port}`,
    );
    expect(stderr).toContain(`KeyError: 'total_requests'`);
    expect(status).toBe(1);
  });

  it('has the values of those collectors of Debian’s that work, under the current names', async () => {
    let verdict = { unexplained: ['nothing was compared'], idle: [] as string[] };
    // Debian's is a client of the console that comes and goes: what it adds is gone a moment later.
    for (let attempt = 0; attempt < 5 && verdict.unexplained.length + verdict.idle.length > 0; attempt += 1) {
      const before = askDebian();
      const ours = viewOf(await scrape(target));
      verdict = judged(differences(before, ours, askDebian()), [...exceptions, ...itself]);
    }
    expect(verdict).toEqual({ unexplained: [], idle: [] });
  });

  /** It counts its own connection to the console. */
  const itself: readonly Exception[] = [
    [/^value: pgbouncer_pools_client_active_connections\{database="pgbouncer",/, 'its own connection'],
    [/^value: pgbouncer_used_clients\{\}/, 'its own connection'],
    [/^value: pgbouncer_free_clients\{\}/, 'its own connection'],
  ];

  it('says 0 for up, and nothing else, while PgBouncer is away', async () => {
    await pgbouncer.stop();
    const down = await scrapeUntil(target, (text) => valueOf(text, 'pgbouncer_up') === 0);
    await pgbouncer.start();
    expect(viewOf(down)).toBe('# TYPE pgbouncer_up gauge\npgbouncer_up 0');
  });
});
