import { type Config, configSchema, connectSql, deadlineIn, systemClock, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import {
  collectorsFailing,
  makeRole,
  PASSWORD,
  scrape,
  scrapeUntil,
  valueOf,
  watch as watchWith,
} from '../../../core/test/watching';
import { databaseExporter } from '../../src';

jest.setTimeout(60_000);

const configFor = (server: LocalPostgres): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    sample_interval_seconds: 0.2,
    window_seconds: 10,
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 1000, scrape_ms: 4000 },
  });

/** Up, and no collector or sampler still waits for its connection to be opened again. */
const isWell = (text: string): boolean => text.includes('\ndb_exporter_up 1\n') && collectorsFailing(text).length === 0;

const watch = (config: Config): Target => watchWith(databaseExporter, config);

const connect = async (server: LocalPostgres): Promise<Client> => {
  const client = new Client(server.clientConfig());
  await client.connect();
  return client;
};

describe.each(supportedMajors)('the database exporter on PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let target: Target;

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { track_io_timing: 'on', track_wal_io_timing: 'on' } });
    await makeRole(server);
    target = watch(configFor(server));
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await server.stop();
  });

  it('reads every collector that a primary has', async () => {
    const text = await scrape(target);
    expect(collectorsFailing(text)).toEqual([]);
    const skipped = [...text.matchAll(/^db_exporter_collector_skipped\{collector="([^"]+)",reason="([^"]+)"\} 1$/gm)];
    const unforeseen = skipped.filter(
      ([, , reason = '']) => !['role', 'version', 'grant', 'configuration'].includes(reason),
    );
    expect(unforeseen).toEqual([]);
    expect(valueOf(text, 'db_server_role{role="primary"}')).toBe(1);
  });

  it('counts sessions by state, an open transaction, and a waiter for a lock', async () => {
    const [holder, waiter] = [await connect(server), await connect(server)];
    try {
      await holder.query('CREATE TABLE IF NOT EXISTS held (x int)');
      await holder.query('BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE');
      const waiting = waiter.query('SELECT count(*) FROM held');
      const text = await scrapeUntil(target, (t) => valueOf(t, 'db_lock_waiters{database="postgres"}') === 1);
      expect(valueOf(text, 'db_connections{database="postgres",state="idle in transaction"}')).toBe(1);
      expect(valueOf(text, 'db_connections_total{state="idle in transaction",database="postgres"}')).toBe(1);
      expect(valueOf(text, 'db_oldest_transaction_seconds{database="postgres"}')).toBeGreaterThan(0);
      await holder.query('ROLLBACK');
      await waiting;
    } finally {
      await Promise.all([holder.end(), waiter.end()]);
    }
  });

  it('moves its counters with what the database does', async () => {
    const before = await scrape(target);
    const client = await connect(server);
    await client.query('CREATE TABLE moves AS SELECT g FROM generate_series(1, 1000) g');
    await client.query('SELECT 1/0').catch(() => undefined);
    await client.query('CHECKPOINT');
    await client.end();
    // Every backend reports its statistics by itself, and up to 14 to a process that may still be reading the file.
    const growth: [series: string, least: number][] = [
      ['db_tuples_inserted_total{database="postgres"}', 1000],
      ['db_transactions_total{database="postgres",outcome="rollback"}', 1],
      ['db_checkpoints_total{trigger="requested"}', 1],
      ['db_wal_position_bytes_total', 1],
      ['db_wal_bytes_total', 1],
    ];
    const grownIn = (text: string, series: string): number =>
      (valueOf(text, series) ?? NaN) - (valueOf(before, series) ?? NaN);
    const after = await scrapeUntil(target, (text) =>
      growth.every(([series, least]) => grownIn(text, series) >= least),
    );
    const grown = (series: string): number => grownIn(after, series);
    for (const [series, least] of growth) expect([series, grown(series) >= least]).toEqual([series, true]);
    expect(grown('db_wal_fsync_seconds_total')).toBeGreaterThanOrEqual(0);
    expect(valueOf(after, 'db_size_bytes{database="postgres"}')).toBeGreaterThan(1_000_000);
  });

  it('gives the promised ratio and score over its window, with all parts covered', async () => {
    const text = await scrapeUntil(target, (t) => {
      const filled = valueOf(t, 'db_performance_score_coverage_ratio{database="postgres"}') === 1;
      return filled && valueOf(t, 'db_buffer_hit_ratio_percent{database="postgres"}') !== undefined;
    });
    const score = valueOf(text, 'db_performance_score{database="postgres"}');
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThanOrEqual(100);
  });

  it('keeps what needs no privilege when pg_monitor is taken away, and recovers when it is granted again', async () => {
    await server.query('REVOKE pg_monitor FROM submilli');
    const without = await scrape(target);
    expect(collectorsFailing(without)).toEqual(expect.arrayContaining(['activity', 'backends']));
    for (const { run } of target.view().runs) expect(run.state).not.toBe('failed');
    expect(without).not.toContain('db_connections');
    expect(valueOf(without, 'db_transactions_total{database="postgres",outcome="commit"}')).toBeGreaterThan(0);
    expect(valueOf(without, 'db_performance_score_coverage_ratio{database="postgres"}')).toBeLessThan(1);
    const activity = target.view().runs.find(({ name }) => name === 'activity')?.run;
    expect(activity).toMatchObject({ skip: { remedy: 'as a superuser: GRANT pg_monitor TO submilli;' } });
    await server.query('GRANT pg_monitor TO submilli');
    expect(collectorsFailing(await scrapeUntil(target, isWell))).toEqual([]);
  });

  it('is not held up by an ACCESS EXCLUSIVE lock on a table or on pg_database’s relations', async () => {
    const holder = await connect(server);
    await holder.query('CREATE TABLE IF NOT EXISTS ddl (x int); BEGIN; LOCK TABLE ddl IN ACCESS EXCLUSIVE MODE');
    expect(collectorsFailing(await scrapeUntil(target, isWell))).toEqual([]);
    await holder.end();
  });

  it('holds at most two connections, both named as ours', async () => {
    await scrape(target);
    const rows = await server.query<{ application_name: string }>(
      `SELECT application_name FROM pg_stat_activity WHERE usename = 'submilli'`,
    );
    expect(rows.map((row) => row.application_name)).toEqual(['submilli/database', 'submilli/database']);
  });
});

describe('the database exporter beside a server in trouble', () => {
  let server: LocalPostgres;
  let target: Target;

  beforeAll(async () => {
    server = await startPostgres({ major: 18 });
    await makeRole(server);
    target = watch(configFor(server));
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await server.stop();
  });

  it('reads a standby, with what only a standby has', async () => {
    const standby = await server.standby();
    const other = watch(configFor(standby));
    try {
      const text = await scrape(other);
      expect(collectorsFailing(text)).toEqual([]);
      expect(valueOf(text, 'db_server_role{role="standby"}')).toBe(1);
      expect(valueOf(text, 'db_conflicts_total{database="postgres",cause="lock"}')).toBe(0);
    } finally {
      await other.close();
      await standby.stop();
    }
  }, 60_000);

  it('shows the busiest databases by themselves, and the others summed up', async () => {
    const names = ['one', 'two', 'three', 'four'];
    for (const name of names) await server.query(`CREATE DATABASE ${name}`);
    const clients = await Promise.all(
      names.map(async (database) => {
        const client = new Client(server.clientConfig({ database }));
        await client.connect();
        return client;
      }),
    );
    const config = configFor(server);
    const few = watch({ ...config, limits: { ...config.limits, databases: 2 } });
    try {
      const text = await scrape(few);
      expect(valueOf(text, 'db_databases{shown="true"}')).toBe(2);
      expect(valueOf(text, 'db_databases{shown="false"}')).toBe(3);
      const shown = [...text.matchAll(/^db_connections\{database="(\w+)",state="idle"\} (\d+)$/gm)];
      expect(shown.map(([, name]) => name)).toContain('other');
      expect(shown).toHaveLength(3);
      expect(shown.reduce((sum, [, , value]) => sum + Number(value), 0)).toBeGreaterThanOrEqual(names.length);
      const outside = [...text.matchAll(/^db_transactions_total\{database="other",outcome="commit"\} (\d+)$/gm)];
      expect(outside).toHaveLength(1);
    } finally {
      await few.close();
      await Promise.all(clients.map((client) => client.end()));
      for (const name of names) await server.query(`DROP DATABASE ${name}`);
    }
  }, 60_000);

  it('says down, without stale values, after a kill -9, and all is back after a restart', async () => {
    expect(await scrape(target)).toContain('\ndb_exporter_up 1\n');
    await server.kill('SIGKILL');
    const down = await scrapeUntil(target, (text) => text.includes('\ndb_exporter_up 0\n'));
    expect(down).not.toMatch(/^db_(?!exporter_)/m);
    await server.restart();
    const back = await scrapeUntil(target, isWell);
    expect(collectorsFailing(back)).toEqual([]);
  }, 60_000);

  it('answers within its deadline while the server hangs, says why, and recovers', async () => {
    server.pause();
    try {
      const hung = await scrape(target);
      expect(hung).toContain('\ndb_exporter_up 0\n');
      expect(hung).not.toMatch(/^db_(?!exporter_)/m);
      expect(target.view().problem?.message).toMatch(/no answer within|timeout/);
    } finally {
      server.resume();
    }
    const back = await scrapeUntil(target, isWell);
    expect(collectorsFailing(back)).toEqual([]);
  }, 60_000);

  it('asks anew when a prepared statement has other columns than before, as after an update of an extension', async () => {
    const soon = () => deadlineIn(20_000, systemClock);
    const { timeouts: limits, postgres } = configFor(server);
    const [address] = postgres as [(typeof postgres)[number]];
    await server.query('CREATE TABLE public.changing AS SELECT 1 AS a');
    await server.query('GRANT SELECT ON public.changing TO submilli');
    const options = { address, limits, applicationName: 'submilli/test', clock: systemClock } as const;
    const { session, close } = await connectSql({ ...options, dialect: 'postgres', prepares: true }, soon());
    const ask = () => session.query('SELECT * FROM public.changing', [], soon());
    expect([await ask(), await ask()]).toEqual([[{ a: 1 }], [{ a: 1 }]]);
    await server.query("ALTER TABLE public.changing ADD b text DEFAULT 'x'");
    expect([await ask(), await ask()]).toEqual([[{ a: 1, b: 'x' }], [{ a: 1, b: 'x' }]]);
    await close();
  });

  it('names a wrong password as such, without repeating it', async () => {
    const config = configFor(server);
    const wrong = watch({ ...config, postgres: config.postgres.map((p) => ({ ...p, password: 'hunter2' })) });
    expect(await scrape(wrong)).toContain('\ndb_exporter_up 0\n');
    expect(wrong.view().problem?.message).toContain('password authentication failed for user "submilli"');
    expect(wrong.view().problem?.kind).toBe('authentication');
    expect(JSON.stringify(wrong.view().problem)).not.toContain('hunter2');
    await wrong.close();
  });
});
