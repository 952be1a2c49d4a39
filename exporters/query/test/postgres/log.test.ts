import { appendFileSync, mkdtempSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Config,
  configSchema,
  createKeeper,
  createTarget,
  plansAnswer,
  readLogStatements,
  silentLogger,
  systemClock,
  type Target,
} from '@submilli/core';
import { type LocalPostgres, type Major, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import { makeRole, PASSWORD, scrape, scrapeUntil, valueOf, watch } from '../../../core/test/watching';
import { queryExporter } from '../../src';
import { log } from '../../src/samplers/log';

jest.setTimeout(60_000);

type Source = Config['postgres'][number]['log']['source'];

const configFor = (server: LocalPostgres, source: Source, more: object = {}): Config =>
  configSchema.parse({
    postgres: [
      { name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable', log: { source } },
    ],
    ...{ sample_interval_seconds: 0.2, window_seconds: 10, latency_window_seconds: 60 },
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 2000, scrape_ms: 4000 },
    ...more,
  });

const logging = (major: Major) => ({
  logging_collector: 'on',
  log_destination: major >= 15 ? 'jsonlog' : 'csvlog',
  log_min_duration_statement: '20ms',
  log_min_duration_sample: '0',
  log_statement_sample_rate: '1',
  log_directory: 'log',
  log_filename: 'submilli.log',
  lc_messages: 'C',
});

const start = async (major: Major): Promise<LocalPostgres> => {
  const server = await startPostgres({ major, settings: logging(major) });
  await makeRole(server);
  await server.query('CREATE EXTENSION pg_stat_statements');
  await server.query('CREATE TABLE t (id int PRIMARY KEY, x int)');
  await server.query('INSERT INTO t VALUES (1, 1)');
  return server;
};

const count = (type: string, phase: string): string =>
  `db_query_latency_seconds_count{database="postgres",query_type="${type}",phase="${phase}",source="log"}`;
const logBytes = 'db_query_log_read_bytes_total';

const begun = (target: Target): Promise<string> =>
  scrapeUntil(target, (text) => valueOf(text, 'db_query_log_behind_bytes') === 0);

const logPathOf = (server: LocalPostgres): string => {
  const directory = join(server.dataDir, 'log');
  const [name = ''] = readdirSync(directory).filter((file) => /\.(json|csv)$/.test(file));
  return join(directory, name);
};

describe.each(supportedMajors)('the log of PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  beforeAll(async () => {
    server = await start(major);
  }, 180_000);
  afterAll(() => server.stop());

  it.each(['file', 'sql'] as const)('is read by %s: phases apart, commits seen, errors counted', async (source) => {
    if (source === 'sql')
      for (const statement of readLogStatements({ role: 'submilli' })) await server.query(statement);
    const target = watch(queryExporter, configFor(server, source));
    const before = await begun(target);
    const client = new Client(server.clientConfig());
    await client.connect();
    for (let i = 0; i < 20; i += 1) {
      await client.query({ name: 'read', text: 'SELECT x FROM t WHERE id = $1', values: [1] });
      await client.query('BEGIN');
      await client.query('UPDATE t SET x = x + 1 WHERE id = $1', [1]);
      await client.query('COMMIT');
      await client.query('/* a comment */ INSERT INTO t VALUES (100 + 1) ON CONFLICT DO NOTHING');
    }
    await client.query('SELECT 1/0').catch(() => undefined);
    await client.query('SELECT \'garbage\n2026-01-01 00:00:00.000 UTC,"quoted"\'');
    await client.end();
    const text = await scrapeUntil(
      target,
      (t) => (valueOf(t, count('insert', 'simple')) ?? 0) >= 20 && (valueOf(t, 'db_query_log_behind_bytes') ?? 1) === 0,
    );
    const grown = (series: string): number => (valueOf(text, series) ?? 0) - (valueOf(before, series) ?? 0);
    expect(grown(count('select', 'execute'))).toBe(20);
    expect(grown(count('select', 'parse'))).toBe(1);
    expect(grown(count('select', 'bind'))).toBe(20);
    expect(grown(count('update', 'execute'))).toBe(20);
    expect(grown(count('insert', 'simple'))).toBe(20);
    expect(grown('db_commit_duration_seconds_count{database="postgres",source="log"}')).toBe(20);
    expect(grown('db_query_errors_total{database="postgres",sqlstate="22012"}')).toBe(1);
    expect(grown('db_query_log_lines_total{kind="garbage"}')).toBe(0);
    await target.close();
  });

  it('is read on behind a statement that is longer than what is read through the server at a time', async () => {
    for (const statement of readLogStatements({ role: 'submilli' })) await server.query(statement);
    const target = watch(queryExporter, configFor(server, 'sql'));
    const before = await begun(target);
    await server.query(`SELECT '${'x, "y"\n'.repeat(300_000)}'`);
    for (let i = 0; i < 5; i += 1) await server.query('DELETE FROM t WHERE id = 4711');
    const least = (valueOf(before, count('delete', 'simple')) ?? 0) + 5;
    const text = await scrapeUntil(target, (t) => (valueOf(t, count('delete', 'simple')) ?? 0) >= least);
    expect(valueOf(text, count('delete', 'simple'))).toBe(least);
    expect(valueOf(text, 'db_query_log_skipped_bytes_total')).toBeGreaterThan(0);
    await target.close();
  });

  it('names no text, no literal and no user in what is exposed', async () => {
    const target = watch(queryExporter, configFor(server, 'file'));
    await begun(target);
    await server.query("SELECT 'a-secret-literal'");
    const text = await scrapeUntil(target, (t) => (valueOf(t, count('select', 'simple')) ?? 0) > 0);
    expect(valueOf(text, count('select', 'simple'))).toBeGreaterThan(0);
    expect(text).not.toContain('a-secret-literal');
    await target.close();
  });
});

describe.each([14, 15, 18] as const)('plans in the log of PostgreSQL %i', (major) => {
  it('are read from auto_explain’s JSON: where many more rows came than were expected, and no literal', async () => {
    const server = await startPostgres({
      major,
      preload: ['pg_stat_statements', 'auto_explain'],
      settings: {
        ...logging(major),
        'auto_explain.log_min_duration': '0',
        'auto_explain.log_format': 'json',
        'auto_explain.log_analyze': 'on',
      },
    });
    await makeRole(server);
    await server.query('CREATE TABLE pairs AS SELECT g % 100 AS a, g % 100 AS b FROM generate_series(1, 500000) g');
    await server.query('ANALYZE pairs');
    const target = watch(queryExporter, configFor(server, 'file'));
    await begun(target);
    await server.query('SELECT count(*) FROM pairs WHERE a = 42 AND b = 42 AND a + b = 84');
    const found = async (): Promise<readonly { underestimate: object | null }[]> => {
      const resource = queryExporter.resources.find(({ path }) => path === 'plans');
      return Promise.resolve(plansAnswer.parse(resource?.answer(target.view())).logged);
    };
    await scrapeUntil(target, () => (target.view().snapshots.of(log)?.plans.size ?? 0) > 0);
    const plans = await found();
    expect(plans.find(({ underestimate }) => underestimate !== null)).toMatchObject({
      underestimate: { node: 'Seq Scan', table: 'pairs' },
    });
    expect(JSON.stringify(plans)).not.toContain('Filter');
    await scrape(target);
    expect(target.view().advice?.found.map(({ rule }) => rule)).toContain('rows-underestimated');
    await target.close();
    await server.stop();
  }, 120_000);
});

describe('the log of a server', () => {
  let server: LocalPostgres;
  beforeAll(async () => {
    server = await start(18);
  }, 180_000);
  afterAll(() => server.stop());

  const selects = async (times: number): Promise<void> => {
    const client = new Client(server.clientConfig());
    await client.connect();
    for (let i = 0; i < times; i += 1) await client.query('SELECT x FROM t WHERE id = 1');
    await client.end();
  };
  const simple = count('select', 'simple');
  const seen = (target: Target, least: number): Promise<string> =>
    scrapeUntil(target, (text) => (valueOf(text, simple) ?? 0) >= least);

  it('is found by itself beside the server, when the files there are the server’s own', async () => {
    const target = watch(queryExporter, configFor(server, 'auto'));
    await begun(target);
    await selects(5);
    expect(valueOf(await seen(target, 5), simple)).toBe(5);
    await target.close();
  });

  it('is read on after a rotation, from the first line of the new file', async () => {
    await server.query(`ALTER SYSTEM SET log_filename = 'rotated-%H%M%S.log'`);
    const target = watch(queryExporter, configFor(server, 'file'));
    await begun(target);
    await selects(7);
    await server.query('SELECT pg_reload_conf()');
    await server.query('SELECT pg_rotate_logfile()');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await selects(7);
    const text = await seen(target, 16);
    // The two statements above are reads, too.
    expect(valueOf(text, simple)).toBe(16);
    expect(valueOf(text, 'db_query_log_skipped_bytes_total')).toBe(0);
    await target.close();
  });

  it('is read from its start after it was truncated', async () => {
    const target = watch(queryExporter, configFor(server, 'file'));
    await begun(target);
    const path = newest(server);
    truncateSync(path);
    await selects(3);
    expect(valueOf(await seen(target, 3), simple)).toBe(3);
    await target.close();
  });

  it('is read on by the next process where the one before it ended, and nothing is counted twice', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kept-'));
    const begin = (): Target => {
      const config = configFor(server, 'file');
      const [found] = queryExporter.targets(config, systemClock);
      if (found === undefined) throw new Error('unreachable');
      return createTarget({
        ...{ ...found, registry: queryExporter.registry, config, clock: systemClock, random: () => 0 },
        ...{ log: silentLogger, keeper: createKeeper(directory, silentLogger) },
      });
    };
    const first = begin();
    await begun(first);
    await selects(4);
    expect(valueOf(await seen(first, 4), simple)).toBe(4);
    await first.close();
    await selects(6);
    const second = begin();
    expect(valueOf(await seen(second, 6), simple)).toBe(6);
    await second.close();
    const third = begin();
    const text = await scrapeUntil(third, (t) => (valueOf(t, logBytes) ?? -1) >= 0);
    expect(valueOf(text, simple)).toBeUndefined();
    await third.close();
  });

  it('survives garbage and half a line', async () => {
    const target = watch(queryExporter, configFor(server, 'file'));
    await begun(target);
    const path = newest(server);
    appendFileSync(
      path,
      'no json at all\n{"timestamp":"2026-01-01 00:00:00.000 UTC","message":"duration: \n\u0000\u0001\n',
    );
    await selects(3);
    const text = await seen(target, 3);
    expect(valueOf(text, simple)).toBe(3);
    expect(valueOf(text, 'db_query_log_lines_total{kind="garbage"}')).toBe(3);
    await target.close();
  });

  it('gives up a backlog that is too large to catch up with, and says how much', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kept-'));
    const config = configFor(server, 'file');
    const [found] = queryExporter.targets(config, systemClock);
    if (found === undefined) throw new Error('unreachable');
    const keeper = createKeeper(directory, silentLogger);
    const begin = (): Target =>
      createTarget({
        ...{ ...found, registry: queryExporter.registry, config, clock: systemClock, random: () => 0 },
        ...{ log: silentLogger, keeper },
      });
    const first = begin();
    await begun(first);
    await first.close();
    const path = newest(server);
    const line = `{"timestamp":"2026-01-01 00:00:00.000 UTC","message":"nothing","x":"${'y'.repeat(1000)}"}\n`;
    const many = line.repeat(10_000);
    for (let i = 0; i < 8; i += 1) appendFileSync(path, many);
    const size = statSync(path).size;
    const second = begin();
    const text = await scrapeUntil(second, (t) => (valueOf(t, logBytes) ?? 0) > 0);
    const skipped = valueOf(text, 'db_query_log_skipped_bytes_total') ?? 0;
    expect(skipped).toBeGreaterThan(64 * 1024 * 1024);
    expect(skipped).toBeLessThan(size);
    await selects(2);
    expect(valueOf(await seen(second, 2), simple)).toBe(2);
    await second.close();
  }, 120_000);

  it('says what to change when there is none to read', async () => {
    await server.query(`ALTER SYSTEM SET log_destination = 'stderr'`);
    await server.query('SELECT pg_reload_conf()');
    const target = watch(queryExporter, configFor(server, 'auto'));
    await scrapeUntil(target, (text) => text.includes('db_exporter_collector_skipped{collector="log"'));
    const run = target.view().runs.find(({ name }) => name === 'log')?.run;
    expect(run).toMatchObject({
      state: 'skipped',
      skip: { reason: 'configuration', remedy: expect.stringContaining("log_destination = 'jsonlog'") as string },
    });
    expect(await scrape(target)).toContain('db_exporter_up 1');
    await target.close();
  });
});

const newest = (server: LocalPostgres): string => {
  const directory = join(server.dataDir, 'log');
  const files = readdirSync(directory).filter((file) => file.endsWith('.json'));
  const paths = files.map((file) => join(directory, file));
  return paths.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0] ?? logPathOf(server);
};
