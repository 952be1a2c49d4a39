import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Config, configSchema } from '@submilli/core';
import { freePort, type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import { differences, judged } from '../../../core/test/side-by-side';
import {
  collectorsFailing,
  makeRole,
  PASSWORD,
  scrape,
  scrapeUntil,
  valueOf,
  watch,
} from '../../../core/test/watching';
import { databaseExporter } from '../../src';
import { exceptions } from './compatibility-exceptions';

jest.setTimeout(60_000);

const configFor = (server: LocalPostgres, overrides: object = {}): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    compatibility: ['postgres_exporter'],
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 1000, scrape_ms: 4000 },
    ...overrides,
  });

/** One scrape of a new target: nothing in it was read before. */
const scrapeOnce = async (config: Config): Promise<string> => {
  const target = watch(databaseExporter, config);
  try {
    return await scrape(target);
  } finally {
    await target.close();
  }
};

const viewOf = (text: string): string =>
  text
    .split('\n')
    .filter((line) => /^(# TYPE )?(pg_|db_compat)/.test(line))
    .join('\n');

/** A table with TOAST, one never analyzed, a slot that nobody uses. */
const furnish = async (server: LocalPostgres): Promise<void> => {
  await makeRole(server);
  await server.query('CREATE TABLE quotes (id int PRIMARY KEY, note text)');
  await server.query(`INSERT INTO quotes SELECT g, repeat('x', 5000) FROM generate_series(1, 500) g`);
  await server.query('VACUUM ANALYZE quotes');
  await server.query('CREATE TABLE fresh AS SELECT 1 AS x');
  await server.query(`SELECT pg_create_physical_replication_slot('spare', true)`);
};

const settings = { autovacuum: 'off', track_io_timing: 'on' };

describe.each(supportedMajors)('the view of postgres_exporter on PostgreSQL %i', (major) => {
  let server: LocalPostgres;

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { ...settings, log_statement: 'all' } });
    await furnish(server);
  }, 180_000);
  afterAll(() => server.stop());

  it('is not there, nor is a statement run for it, unless it is asked for', async () => {
    const text = await scrapeOnce(configFor(server, { compatibility: ['patroni'] }));
    expect(text).not.toMatch(/^(pg|patroni)_|compat/m);
    // Only the view reads that column of pg_roles.
    expect(readFileSync(server.logFile, 'utf8')).not.toContain('rolconnlimit');
    await scrapeOnce(configFor(server));
    expect(readFileSync(server.logFile, 'utf8')).toContain('rolconnlimit');
  });

  it('has all collectors at work, and says so in that exporter’s words', async () => {
    const text = await scrapeOnce(configFor(server));
    expect(collectorsFailing(text)).toEqual([]);
    expect(text).not.toMatch(/^pg_scrape_collector_success\{.*\} 0$/m);
    expect(valueOf(text, 'pg_up')).toBe(1);
    expect(valueOf(text, 'pg_exporter_last_scrape_error')).toBe(0);
    expect(valueOf(text, 'pg_settings_shared_buffers_bytes')).toBeGreaterThan(1_000_000);
    expect(valueOf(text, 'pg_settings_statement_timeout_seconds')).toBeUndefined();
    const checkpoints = valueOf(text, 'pg_stat_bgwriter_checkpoints_req_total');
    expect(checkpoints === undefined).toBe(major >= 17);
    const conflicts = /^pg_stat_database_conflicts_confl_active_logicalslot\{.*datname="postgres".*\} 0$/m.test(text);
    expect(conflicts).toBe(major >= 16);
  });

  it('says 0 for up, and nothing else of the server, while that is away', async () => {
    const target = watch(databaseExporter, configFor(server));
    await scrape(target);
    await server.kill('SIGKILL');
    const down = await scrapeUntil(target, (text) => valueOf(text, 'pg_up') === 0);
    await target.close();
    await server.restart();
    expect(valueOf(down, 'pg_exporter_last_scrape_error')).toBe(1);
    expect(viewOf(down)).not.toMatch(/^pg_(?!up|exporter)/m);
  });

  it('is not held up by DDL, and knows a table’s size while it is locked', async () => {
    const holder = new Client(server.clientConfig());
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE quotes IN ACCESS EXCLUSIVE MODE');
    const text = await scrapeOnce(configFor(server));
    await holder.end();
    expect(collectorsFailing(text)).toEqual([]);
    const quotes = '{datname="postgres",schemaname="public",relname="quotes"}';
    const [size] = await server.query<{ bytes: string }>(`SELECT pg_table_size('quotes') AS bytes`);
    const shown = valueOf(text, `pg_stat_user_tables_table_size_bytes${quotes}`) ?? NaN;
    // Without the free space and visibility maps, of which pg_class knows nothing.
    expect(Number(size?.bytes) - shown).toBeGreaterThanOrEqual(0);
    expect(Number(size?.bytes) - shown).toBeLessThanOrEqual(8 * 8192);
    expect(text).not.toMatch(/size_bytes\{.*relname="fresh"/);
  });

  it('shows a vacuum at work, by phase', async () => {
    await server.query('CREATE TABLE slow AS SELECT g FROM generate_series(1, 50000) g');
    const vacuumer = new Client(server.clientConfig());
    vacuumer.on('error', () => undefined);
    await vacuumer.connect();
    await vacuumer.query('SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1');
    const vacuum = vacuumer.query('VACUUM slow').catch(() => undefined);
    const target = watch(databaseExporter, configFor(server));
    const slow = 'datname="postgres",relname="public.slow"';
    const scanning = `pg_stat_progress_vacuum_phase{${slow},phase="scanning heap"}`;
    const text = await scrapeUntil(target, (t) => valueOf(t, scanning) === 1);
    await target.close();
    await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_progress_vacuum`);
    await vacuum;
    expect(valueOf(text, scanning)).toBe(1);
    expect(valueOf(text, `pg_stat_progress_vacuum_phase{${slow},phase="vacuuming heap"}`)).toBe(0);
    expect(valueOf(text, `pg_stat_progress_vacuum_heap_blks{${slow}}`)).toBeGreaterThan(100);
  });
});

describe('the view of postgres_exporter within its bounds', () => {
  let server: LocalPostgres;

  beforeAll(async () => {
    server = await startPostgres({ major: 17, settings });
    await furnish(server);
  }, 180_000);
  afterAll(() => server.stop());

  it('names the busiest applications and puts the others together', async () => {
    const names = [...Array<number>(24).keys()].map((n) => `client ${String(n).padStart(2, '0')}`);
    const clients = names.map((name) => new Client(server.clientConfig({ application_name: name })));
    await Promise.all(clients.map((client) => client.connect()));
    const text = await scrapeOnce(configFor(server));
    await Promise.all(clients.map((client) => client.end()));
    const shown = [...text.matchAll(/^pg_stat_activity_count\{.*application_name="(client \d+|other)".*\} (\d+)$/gm)];
    const sum = shown.reduce((total, [, , count]) => total + Number(count), 0);
    expect(shown.some(([, name]) => name === 'other')).toBe(true);
    expect(new Set(shown.map(([, name]) => name)).size).toBeLessThanOrEqual(21);
    expect(sum).toBeGreaterThanOrEqual(names.length);
  });

  it('shows as many tables as a family may have series, the busiest, and how many it left out', async () => {
    await server.query(
      `DO $$ BEGIN FOR i IN 1..20 LOOP EXECUTE format('CREATE TABLE idle_%s (x int)', i); END LOOP; END $$`,
    );
    const text = await scrapeOnce(configFor(server, { limits: { series_per_family: 10 } }));
    const tables = [...text.matchAll(/^pg_stat_user_tables_seq_scan\{.*relname="(\w+)"\}/gm)].map(([, name]) => name);
    expect(tables).toHaveLength(10);
    expect(tables).toContain('quotes');
    expect(valueOf(text, 'db_compatibility_tables_omitted{database="postgres"}')).toBe(12);
  });

  it('keeps what needs no privilege when pg_monitor is missing, and fails the rest as that exporter would', async () => {
    await server.query('REVOKE pg_monitor FROM submilli');
    const text = await scrapeOnce(configFor(server));
    await server.query('GRANT pg_monitor TO submilli');
    const failing = collectorsFailing(text).filter((name) => name.startsWith('compat_'));
    expect(failing).toEqual(
      ['stat_activity', 'stat_progress_vacuum', 'stat_replication', 'wal'].map((name) => `compat_${name}`),
    );
    expect(valueOf(text, 'pg_scrape_collector_success{collector="wal"}')).toBe(0);
    expect(valueOf(text, 'pg_database_connection_limit{datname="postgres"}')).toBe(-1);
    expect(text).not.toContain('pg_stat_activity_count');
  });

  it('has no name that promtool objects to but those that are that exporter’s', async () => {
    const text = await scrapeOnce(configFor(server, { legacy_metrics: false }));
    const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    const named = new Set([...(stdout + stderr).matchAll(/^(\w+) /gm)].map(([, name = '']) => name));
    const wrong = [...named].filter((name) => !name.startsWith('pg_settings_')).sort();
    const counters = (prefix: string, ...columns: string[]) => columns.map((column) => `${prefix}_${column}`);
    expect(wrong).toEqual(
      [
        ...counters('pg_locks', 'count'),
        ...counters('pg_stat_activity', 'count'),
        ...counters('pg_stat_archiver', 'archived_count', 'failed_count'),
        ...counters('pg_stat_database', 'xact_commit', 'xact_rollback', 'stats_reset', 'deadlocks', 'conflicts'),
        ...counters('pg_stat_database', 'blks_read', 'blks_hit', 'blk_read_time', 'blk_write_time'),
        ...counters('pg_stat_database', 'tup_returned', 'tup_fetched', 'tup_inserted', 'tup_updated', 'tup_deleted'),
        ...counters('pg_stat_database', 'temp_files', 'temp_bytes'),
        ...['deadlock', 'lock', 'snapshot', 'bufferpin', 'tablespace'].map(
          (cause) => `pg_stat_database_conflicts_confl_${cause}`,
        ),
        ...counters('pg_stat_user_tables', 'seq_scan', 'seq_tup_read', 'idx_scan', 'idx_tup_fetch'),
        ...counters('pg_stat_user_tables', 'n_tup_ins', 'n_tup_upd', 'n_tup_del', 'n_tup_hot_upd'),
        ...counters('pg_stat_user_tables', 'vacuum_count', 'autovacuum_count', 'analyze_count', 'autoanalyze_count'),
        ...['heap', 'idx', 'toast', 'tidx'].flatMap((part) =>
          counters('pg_statio_user_tables', `${part}_blocks_read`, `${part}_blocks_hit`),
        ),
      ].sort(),
    );
  });

  it('reads a standby, which says that it is one', async () => {
    const standby = await server.standby();
    const text = await scrapeOnce(configFor(standby));
    await standby.stop();
    expect(collectorsFailing(text)).toEqual([]);
    expect(valueOf(text, 'pg_replication_is_replica')).toBe(1);
    expect(valueOf(text, 'pg_replication_lag_seconds')).toBe(0);
  });
});

describe('the view of postgres_exporter beside Debian’s own', () => {
  let server: LocalPostgres;
  let standby: LocalPostgres;
  let holder: Client;
  let peer: ChildProcess;
  let ask: () => Promise<string>;

  beforeAll(async () => {
    server = await startPostgres({ major: 15, settings });
    await furnish(server);
    standby = await server.standby();
    holder = new Client(server.clientConfig({ application_name: 'holder' }));
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE quotes IN SHARE MODE');
    const port = await freePort();
    const login = `postgresql://submilli:${PASSWORD}@${server.host}:${server.port}/postgres?sslmode=disable`;
    peer = spawn('prometheus-postgres-exporter', [`--web.listen-address=127.0.0.1:${port}`], {
      env: { ...process.env, DATA_SOURCE_NAME: login },
      stdio: 'ignore',
    });
    ask = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    for (let look = 0; look < 100 && !(await ask().catch(() => '')).includes('pg_up 1'); look += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }, 180_000);
  afterAll(async () => {
    peer.kill();
    await holder.end();
    await standby.stop();
    await server.stop();
  });

  /** How long something took is equal to nothing. */
  const isDuration = (line: string): boolean => /^value: pg_\w+_duration_seconds\{/.test(line);

  it('has its names, labels and types, and its values where they stand still, but for what is listed', async () => {
    const target = watch(databaseExporter, configFor(server));
    await scrape(target); // our two sessions are there before the peer counts them
    let verdict = { unexplained: ['nothing was compared'], idle: [] as string[] };
    // A session that came or went between two readings makes a difference once; one that is real stays.
    for (let attempt = 0; attempt < 5 && verdict.unexplained.length + verdict.idle.length > 0; attempt += 1) {
      const before = await ask();
      const ours = viewOf(await scrape(target));
      const after = await ask();
      verdict = judged(
        differences(before, ours, after).filter((line) => !isDuration(line)),
        exceptions,
      );
    }
    await target.close();
    expect(verdict).toEqual({ unexplained: [], idle: [] });
  });
});
