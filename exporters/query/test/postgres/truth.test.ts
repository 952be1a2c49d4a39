import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { configSchema, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { makeRole, PASSWORD, scrapeUntil, valueOf, watch } from '../../../core/test/watching';
import { queryExporter } from '../../src';

/**
 * What the log says, with a tenth of the body drawn, against what every client measured (`pgbench --log`). The clients'
 * time has the network and their own scheduling on top: the tolerances have room for it.
 */
jest.setTimeout(120_000);

const QUANTILES = [0.5, 0.95, 0.99, 0.999] as const;
const CLIENTS = 8;
const TRANSACTIONS = 1500;
/** Share of the body that is logged. */
const DRAWN = 0.1;

/** Real sleeps and real locks. */
const distributions = {
  unimodal: 'SELECT pg_sleep(0.003);',
  bimodal: `\\set r random(1, 100)
\\if :r <= 90
SELECT pg_sleep(0.002);
\\else
SELECT pg_sleep(0.012);
\\endif`,
  'heavy-tailed': `\\set u random(1, 100000)
\\set us least(1000 / sqrt(:u / 100000.0), 200000)
SELECT pg_sleep(:us / 1000000.0);`,
  locked: `WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock(1)),
  slept AS MATERIALIZED (SELECT pg_sleep(0.0005) FROM held) SELECT count(*) FROM slept;`,
} as const;
type Distribution = keyof typeof distributions;
const protocols = ['simple', 'extended', 'prepared'] as const;

const pgbench = (): string => {
  const root = '/usr/lib/postgresql';
  const found = readdirSync(root)
    .map((version) => join(root, version, 'bin', 'pgbench'))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`no pgbench under ${root}: submilli packages --for test`);
  return found;
};

/** Latencies in seconds, as the clients saw them, in order. */
const load = async (server: LocalPostgres, script: string, protocol: string): Promise<number[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'truth-'));
  const file = join(folder, 'script.sql');
  writeFileSync(file, script);
  const where = ['-h', server.host, '-p', String(server.port), '-U', server.superuser];
  const much = ['-c', String(CLIENTS), '-j', '1', '-t', String(TRANSACTIONS)];
  const log = ['--log', '--log-prefix', join(folder, 'log')];
  const args = [...where, '-n', '-M', protocol, ...much, ...log, '-f', file, 'postgres'];
  await promisify(execFile)(pgbench(), args, { env: { ...process.env, PGPASSWORD: server.password } });
  return readdirSync(folder)
    .filter((name) => name.startsWith('log.'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    .map((line) => Number(line.split(' ')[2]) / 1e6)
    .sort((a, b) => a - b);
};

const quantile = (sorted: readonly number[], q: number): number => sorted[Math.ceil(q * sorted.length) - 1] ?? NaN;

describe('the latency of the log against what clients measured', () => {
  let server: LocalPostgres;
  beforeAll(async () => {
    server = await startPostgres({
      major: 18,
      settings: {
        ...{ logging_collector: 'on', log_destination: 'jsonlog', log_directory: 'log', lc_messages: 'C' },
        ...{
          log_min_duration_statement: '5ms',
          log_min_duration_sample: '0',
          log_statement_sample_rate: String(DRAWN),
        },
      },
    });
    await makeRole(server);
    await server.query('CREATE EXTENSION pg_stat_statements');
  }, 180_000);
  afterAll(() => server.stop());

  const begin = (): Target => {
    const address = { host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' };
    return watch(
      queryExporter,
      configSchema.parse({
        postgres: [{ name: 'pg', ...address, log: { source: 'file' } }],
        ...{ sample_interval_seconds: 0.5, window_seconds: 60, latency_window_seconds: 60 },
      }),
    );
  };
  const series = (source: string, q: number): string =>
    `db_query_duration_seconds{database="postgres",query_type="select",source="${source}",quantile="${q}"}`;
  const calls = 'db_query_calls_total{database="postgres"}';

  const measure = async (distribution: Distribution, protocol: string) => {
    const target = begin();
    await scrapeUntil(
      target,
      (text) => valueOf(text, 'db_query_log_behind_bytes') === 0 && valueOf(text, calls) !== undefined,
    );
    const truth = await load(server, distributions[distribution], protocol);
    // The log's window is as long as the statistics': a beat after both have seen the last statement.
    const counted = (text: string): boolean => (valueOf(text, calls) ?? 0) >= truth.length;
    await scrapeUntil(target, counted);
    const lines = 'db_query_log_lines_total{kind="duration"}';
    let last = -1;
    const text = await scrapeUntil(target, (now) => {
      const settled = valueOf(now, lines) === last && valueOf(now, 'db_query_log_behind_bytes') === 0;
      last = valueOf(now, lines) ?? -1;
      return settled && counted(now);
    });
    const errors = QUANTILES.map((q) => {
      const logged = valueOf(text, series('log', q)) ?? NaN;
      // As far as a sample of a tenth may be off in rank (three deviations); above that never, but for the sketch and the
      // clock; below by what the clients' own scheduling added, which grows with the tail.
      const margin = 3 * Math.sqrt((q * (1 - q)) / (truth.length * DRAWN));
      const least = quantile(truth, q - margin) * (q > 0.95 ? 0.4 : 0.6) - 0.001;
      const most = quantile(truth, Math.min(1, q + margin)) * 1.05 + 0.001;
      return { q, logged, least, most };
    });
    await target.close();
    return errors;
  };

  describe.each(protocols)('%s protocol', (protocol) => {
    it.each(Object.keys(distributions) as Distribution[])('%s', async (distribution) => {
      const errors = await measure(distribution, protocol);
      for (const { q, logged, least, most } of errors) {
        expect({ q, logged, least, most, isNear: logged >= least && logged <= most }).toMatchObject({ isNear: true });
      }
    });
  });

  it('is not what mean and deviation model: without a log the figure says that it is an estimate', async () => {
    const address = { host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' };
    const target = watch(
      queryExporter,
      configSchema.parse({
        postgres: [{ name: 'pg', ...address, log: { source: 'off' } }],
        ...{ sample_interval_seconds: 0.5, window_seconds: 60 },
      }),
    );
    await scrapeUntil(target, (text) => valueOf(text, calls) !== undefined);
    const truth = await load(server, distributions.bimodal, 'simple');
    const text = await scrapeUntil(target, (now) => (valueOf(now, calls) ?? 0) >= truth.length);
    expect(text).not.toMatch(/^db_.*source="log"/m);
    const modelled = valueOf(text, series('estimate', 0.95)) ?? NaN;
    expect(Math.abs(modelled / quantile(truth, 0.95) - 1)).toBeGreaterThan(0.1);
    await target.close();
  });
});
