import {
  type Config,
  configSchema,
  type PostgresFacts,
  statementsAnswer,
  type Target,
  type TargetView,
} from '@submilli/core';
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
import { queryExporter } from '../../src';

jest.setTimeout(60_000);

const configFor = (server: LocalPostgres, limits: object = {}): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    sample_interval_seconds: 0.2,
    window_seconds: 10,
    limits,
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 2000, scrape_ms: 4000 },
  });

const watch = (config: Config): Target => watchWith(queryExporter, config);

const sumOf = (text: string, metric: string): number =>
  [...text.matchAll(new RegExp(`^${metric}\\{[^}]*database="postgres"[^}]*\\} (\\S+)$`, 'gm'))].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  );

const calls = 'db_query_calls_total{database="postgres"}';

/** The sampler has taken its first reading, from which everything is counted. */
const begun = (target: Target): Promise<string> => scrapeUntil(target, (text) => valueOf(text, calls) !== undefined);

const UNCONFIGURED = 'db_exporter_collector_skipped{collector="statements",reason="configuration"}';

const work = async (server: LocalPostgres, statements: readonly string[], times: number): Promise<void> => {
  const client = new Client(server.clientConfig());
  await client.connect();
  for (let i = 0; i < times; i += 1) for (const statement of statements) await client.query(statement);
  await client.end();
};

describe.each(supportedMajors)('the query exporter on PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let target: Target;

  beforeAll(async () => {
    server = await startPostgres({ major });
    await makeRole(server);
    await server.query('CREATE EXTENSION pg_stat_statements');
    await server.query('CREATE TABLE t (id int PRIMARY KEY, x int)');
    target = watch(configFor(server));
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await server.stop();
  });

  it('counts calls, rows and time by type, and none of its own', async () => {
    await begun(target);
    await work(
      server,
      [
        'INSERT INTO t SELECT coalesce(max(id), 0) + 1 FROM t',
        'SELECT count(*) FROM t',
        'UPDATE t SET x = 1 WHERE id = 1',
      ],
      50,
    );
    // A statement that is new is counted under its type as soon as that is known.
    const text = await scrapeUntil(target, (t) => sumOf(t, 'db_query_statement_calls_total') >= 150);
    expect(valueOf(text, calls)).toBe(150);
    expect(sumOf(text, 'db_query_statement_calls_total')).toBe(150);
    for (const type of ['insert', 'select', 'update']) {
      expect(
        valueOf(text, `db_query_duration_seconds_count{database="postgres",query_type="${type}",source="estimate"}`),
      ).toBe(50);
    }
    expect(valueOf(text, 'db_queries_per_second{database="postgres"}')).toBeGreaterThan(0);
    expect(sumOf(text, 'db_query_statement_wal_bytes_total')).toBeGreaterThan(0);
    expect(sumOf(text, 'db_query_statement_rows_total')).toBeGreaterThanOrEqual(50);
    expect(collectorsFailing(text)).toEqual([]);
  });

  it('estimates quantiles for reads, says that it does, and gives none for writes', async () => {
    await work(server, ['SELECT count(*) FROM generate_series(1, 1000)'], 300);
    const quantile = (type: string, q: number): string =>
      `db_query_duration_seconds{database="postgres",query_type="${type}",source="estimate",quantile="${q}"}`;
    const text = await scrapeUntil(target, (t) => valueOf(t, quantile('select', 0.95)) !== undefined);
    const [median, high] = [valueOf(text, quantile('select', 0.5)), valueOf(text, quantile('select', 0.95))];
    expect(median).toBeGreaterThan(0);
    expect(high).toBeGreaterThanOrEqual(median ?? Infinity);
    expect(text).not.toMatch(/query_type="(insert|update)",source="[^"]*",quantile/);
    expect(valueOf(text, 'db_query_estimate_coverage_ratio{database="postgres",query_type="select"}')).toBeGreaterThan(
      0.5,
    );
  });

  it('lists the statements of the window without their text', async () => {
    await scrape(target);
    const answer = statementsAnswer.parse(
      queryExporter.resources[0]?.answer(target.view() as TargetView<PostgresFacts>),
    );
    expect(answer.statements.length).toBeGreaterThan(0);
    expect(answer.statements[0]?.queryid).toMatch(/^-?\d+$/);
    expect(JSON.stringify(answer)).not.toMatch(/generate_series|INSERT INTO/i);
  });

  it('shows no spike and nothing negative when the statistics are reset', async () => {
    // All of the 450 calls of the tests before, also those that the last beat had not seen yet.
    const before = valueOf(await scrapeUntil(target, (t) => (valueOf(t, calls) ?? 0) >= 450), calls) ?? NaN;
    await server.query('SELECT pg_stat_statements_reset()');
    await work(server, ['SELECT 1 AS after_reset'], 5);
    const text = await scrapeUntil(target, (t) => (valueOf(t, calls) ?? 0) >= before + 5);
    expect(valueOf(text, calls)).toBeGreaterThanOrEqual(before + 5);
    expect(valueOf(text, calls)).toBeLessThan(before + 20);
  });

  it('says what is missing without pg_monitor, and without the extension', async () => {
    await server.query('REVOKE pg_monitor FROM submilli');
    const without = await scrapeUntil(target, (text) => collectorsFailing(text).length > 3);
    expect([...collectorsFailing(without)].sort()).toEqual(['log', 'log-settings', 'running', 'statements']);
    expect(without).not.toMatch(/^db_quer/m);
    await server.query('GRANT pg_monitor TO submilli');
    await server.query('DROP EXTENSION pg_stat_statements');
    const skipped = 'db_exporter_collector_skipped{collector="statements",reason="extension"}';
    expect(valueOf(await scrapeUntil(target, (text) => valueOf(text, skipped) === 1), skipped)).toBe(1);
    const run = target.view().runs.find(({ name }) => name === 'statements')?.run;
    expect(run).toMatchObject({
      skip: { remedy: expect.stringContaining('CREATE EXTENSION pg_stat_statements;') as string },
    });
    await server.query('CREATE EXTENSION pg_stat_statements');
    expect(valueOf(await begun(target), calls)).toBeGreaterThanOrEqual(0);
  });
});

const runOf = (target: Target) => target.view().runs.find(({ name }) => name === 'statements')?.run;

describe('the query exporter beside an unusual server', () => {
  it('names the setting when the library is not loaded', async () => {
    const server = await startPostgres({ major: 16, preload: [] });
    await makeRole(server).catch(() => undefined);
    await server.query(`ALTER ROLE submilli PASSWORD '${PASSWORD}'`);
    await server.query('GRANT pg_monitor TO submilli');
    await server.query('CREATE EXTENSION pg_stat_statements');
    const target = watch(configFor(server));
    const text = await scrapeUntil(target, (t) => valueOf(t, UNCONFIGURED) === 1);
    expect(collectorsFailing(text)).toEqual([]);
    expect(runOf(target)).toMatchObject({
      skip: { remedy: expect.stringContaining('shared_preload_libraries') as string },
    });
    await target.close();
    await server.stop();
  });

  it('names the setting when statements have no id', async () => {
    const server = await startPostgres({ major: 15, settings: { compute_query_id: 'off' } });
    await makeRole(server);
    await server.query('CREATE EXTENSION pg_stat_statements');
    const target = watch(configFor(server));
    const text = await scrapeUntil(target, (t) => valueOf(t, UNCONFIGURED) === 1);
    expect(collectorsFailing(text)).toEqual([]);
    const advice = target.view().advice?.found.find(({ rule }) => rule === 'blind-spot');
    expect(advice?.action.text).toContain("ALTER SYSTEM SET compute_query_id = 'auto'");
    await target.close();
    await server.stop();
  });

  it('keeps a bounded number of series among thousands of statements, and loses no call', async () => {
    const server = await startPostgres({ major: 17, settings: { 'pg_stat_statements.max': '5000' } });
    await makeRole(server);
    await server.query('CREATE EXTENSION pg_stat_statements');
    const target = watch(configFor(server, { statements: 20 }));
    await begun(target);
    await server.query(`ALTER ROLE postgres SET pg_stat_statements.track = 'all'`);
    await server.query(`DO $do$ BEGIN FOR i IN 1..3000 LOOP EXECUTE format('SELECT 1 AS c%s', i); END LOOP; END $do$`);
    const text = await scrapeUntil(
      target,
      (t) => (valueOf(t, calls) ?? 0) >= 3000 && valueOf(t, calls) === sumOf(t, 'db_query_statement_calls_total'),
    );
    expect(valueOf(text, calls)).toBe(sumOf(text, 'db_query_statement_calls_total'));
    const shown = text.match(/^db_query_statement_calls_total\{/gm) ?? [];
    expect(shown.length).toBeLessThanOrEqual(20 * 1.5 + 9);
    await target.close();
    await server.stop();
  });
});
