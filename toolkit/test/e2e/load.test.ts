import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadReport, type LoadReport } from '../../src/load/report/schema';
import { stressReport } from '../../src/stress/schema';
import { layoutOf } from '../../src/stack/layout';
import { endRunning, jsonIn, running } from './running';
import { memberBy, onMember, stateDirectory, submilli, until, untilWhole } from './stack';

jest.setTimeout(300_000);

const state = stateDirectory();
const folder = join(state, '..');
const file = (name: string): string => join(folder, name);
/** Promises that this machine keeps, however busy it is, and one that no machine does. */
const easy = ['--promise', 'p50=20s', '--errors', '100'];
const impossible = ['--promise', 'p50=0.000001ms'];
const short = ['--clients', '4', '--warmup', '1', '--state', state];

beforeAll(async () => {
  const { status, output } = submilli(
    ...['stack', 'up', '--detach', '--yes', '--rate', '20', '--no-preview', '--state', state],
  );
  if (status !== 0) throw new Error(`the stack did not start:\n${output}`);
  await untilWhole();
}, 400_000);
afterAll(() => {
  endRunning();
  submilli('stack', 'down', '--state', state);
}, 120_000);

const load = (...args: string[]) => submilli('load', ...short, ...args);

const leftOnServer = async (): Promise<{ readonly clients: number; readonly tables: boolean }> =>
  onMember(state, (await memberBy(true)).port, async (client) => {
    const { rows } = await client.query<{ clients: number; tables: boolean }>(
      `SELECT (SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'submilli_load' AND state <> 'idle') AS clients,
              EXISTS (SELECT FROM pg_namespace WHERE nspname = 'submilli_load') AS tables`,
    );
    return rows[0] ?? { clients: -1, tables: true };
  });
const scratches = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('submilli-load-'));
const nothing = { clients: 0, tables: false };

describe('a short load, both ways', () => {
  let report: LoadReport;
  beforeAll(() => {
    const outcome = load('--duration', '8', '--html', file('load.html'), '--json', ...easy);
    if (outcome.status !== 0) throw new Error(`exit ${outcome.status}:\n${outcome.output}`);
    report = loadReport.parse(jsonIn(outcome));
  });

  it('has the latency of each way, as far as there are enough transactions', () => {
    expect(report.paths.map(({ via }) => via)).toEqual(['direct', 'pool']);
    for (const { latency, throughput, curve } of report.paths) {
      expect(latency.count).toBeGreaterThan(0);
      expect(throughput).toBeCloseTo(latency.count / 8, 3);
      const known = latency.quantiles.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]));
      expect(known.length).toBeGreaterThan(0);
      expect(known.toSorted((a, b) => a - b)).toEqual(known);
      expect(Math.max(...known)).toBeLessThanOrEqual((latency.max ?? 0) * 1.02);
      expect(curve.length).toBeGreaterThan(10);
    }
  });

  it('has where the time went, by the exporters, and says what they could not tell', () => {
    for (const { time } of report.paths) {
      const parts = time.shares.map(({ part }) => part);
      expect(parts.includes('server') || time.absent.length > 0).toBe(true);
      for (const { seconds } of time.shares) expect(seconds).toBeGreaterThanOrEqual(0);
    }
    const pooled = report.paths.find(({ via }) => via === 'pool');
    expect(pooled?.time.shares.map(({ part }) => part)).toContain('pool');
  });

  it('says what it was measured with', () => {
    expect(report.software).toMatchObject({ postgresql: expect.stringMatching(/^15\./) as string });
    expect(report.software.pgbouncer).toMatch(/^\d+\.\d+/);
    expect(report.machine).toMatchObject({ shared: true });
    expect(report.settings).toHaveProperty('default_pool_size');
    expect(report.verdict).toMatchObject({ kept: true, findings: [] });
  });

  it('is a page that fetches nothing, and in which no secret is', () => {
    const page = readFileSync(file('load.html'), 'utf8');
    expect(page).toContain('<strong>Kept</strong>');
    expect(page).not.toMatch(/https?:|<script|<link|<img|url\(|@import|\bon\w+=/);
    expect(page).not.toContain(readFileSync(layoutOf(state).secretOf('app'), 'utf8').trim());
    expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(4);
  });

  it('leaves nothing behind', async () => {
    expect(await leftOnServer()).toEqual(nothing);
    expect(scratches()).toEqual([]);
  });
});

describe('what was promised', () => {
  it('and is not kept is exit 1, and says what was missed by how much', async () => {
    const { status, output } = load(
      ...['--duration', '5', '--via', 'direct', '--profile', 'read', '--html', file('missed.html'), ...impossible],
    );
    expect(status).toBe(1);
    expect(output).toMatch(/MISSED\n {2}directly: P50 is .+, promised were /);
    expect(readFileSync(file('missed.html'), 'utf8')).toContain('<strong>Missed</strong>');
    expect(await leftOnServer()).toEqual(nothing);
  });

  it('is of when transactions were due, where there is a rate', () => {
    const outcome = load(
      ...['--duration', '5', '--via', 'pool', '--rate', '10', '--html', file('rate.html'), '--json', ...easy],
    );
    const report = loadReport.parse(jsonIn(outcome));
    expect(report).toMatchObject({ rate: 10, paths: [{ via: 'pool' }] });
    expect(report.paths[0]?.lag).not.toBeNull();
    expect(outcome.status).toBe(report.verdict.kept ? 0 : 1);
  });

  it('counts transactions that fail, and clients that give up', () => {
    writeFileSync(file('fails.sql'), 'SELECT 1 / 0;\n');
    const { status, output } = load(
      '--duration',
      '5',
      '--via',
      'direct',
      '--profile',
      file('fails.sql'),
      '--html',
      file('f.html'),
    );
    expect([1, 2]).toContain(status);
    expect(output).toMatch(/division by zero/);
  });
});

describe('a load that is stopped', () => {
  const begun = async (...args: string[]) => {
    const long = running('load', ...short, '--duration', '600', '--via', 'direct', '--profile', 'write', ...args);
    const busy = await until(60, leftOnServer, ({ clients, tables }) => clients > 0 && tables);
    expect(busy).toMatchObject({ tables: true });
    return long;
  };

  it('by Ctrl-C is exit 130, and leaves nothing behind', async () => {
    const long = await begun();
    long.kill('SIGINT');
    const { status, output } = await long.ended;
    expect(status).toBe(130);
    expect(output).toContain('interrupted; nothing is left of it');
    expect(await leftOnServer()).toEqual(nothing);
    expect(scratches()).toEqual([]);
  });

  it('by SIGKILL is cleaned up by who watches over it', async () => {
    const long = await begun();
    long.kill('SIGKILL');
    await long.ended;
    expect(await until(60, leftOnServer, (left) => left.clients === 0 && !left.tables)).toEqual(nothing);
    expect(
      await until(
        60,
        () => Promise.resolve(scratches()),
        (left) => left.length === 0,
      ),
    ).toEqual([]);
  });

  it('is the only one meanwhile', async () => {
    const long = await begun();
    const { status, output } = load('--duration', '5', '--via', 'direct');
    expect(status).toBe(2);
    expect(output).toContain('another load runs on this database');
    long.kill('SIGTERM');
    expect((await long.ended).status).toBe(130);
  });
});

describe('a load that can’t be', () => {
  const refused = (...args: string[]) => {
    const { status, output } = load('--duration', '5', '--html', file('never.html'), ...args);
    expect(status).toBe(2);
    expect(existsSync(file('never.html'))).toBe(false);
    return output;
  };

  it('says what is in the way', () => {
    expect(refused('--clients', '1000', '--via', 'direct')).toMatch(/has room for \d+ more sessions, not for 1000/);
    expect(refused('--profile', file('none.sql'))).toContain('none.sql');
    expect(refused('--state', file('nowhere'))).toContain('no stack runs here');
    expect(refused('--pgbench', '/bin/true')).toContain('is no pgbench');
  });

  it('is refused on a database of which nobody said that it is for that', () => {
    const config = layoutOf(state).exporterConfig;
    const login = ['--user', 'trading', '--password-file', layoutOf(state).secretOf('app')];
    const target = ['--target', 'pg1', '--config', config, '--via', 'direct', ...login];
    const output = refused(...target);
    expect(output).toMatch(/is not marked for load tests|is a standby/);
    expect(output).not.toContain(readFileSync(layoutOf(state).secretOf('app'), 'utf8').trim());
  });
});

describe('a stress', () => {
  it('raises the load step by step, and says where the knee is, what broke and how soon it recovered', async () => {
    const outcome = submilli(
      ...['stress', '--state', state, '--via', 'pool', '--profile', 'read', '--first', '1', '--most', '4'],
      ...['--step-duration', '3', '--warmup', '1', '--recovery', '6', '--html', file('stress.html'), '--json', ...easy],
    );
    const report = stressReport.parse(jsonIn(outcome));
    expect(report.steps.map(({ clients }) => clients)).toEqual([1, 2, 4].slice(0, report.steps.length));
    expect(report.steps.every(({ path }) => path.throughput > 0)).toBe(true);
    expect(report.ended).not.toBe('');
    expect(report.recovery).toMatchObject({ clients: 1, withinSeconds: 6 });
    expect(outcome.status).toBe(report.verdict.kept ? 0 : 1);
    const page = readFileSync(file('stress.html'), 'utf8');
    expect(page).toContain('There was no further step');
    expect(page).not.toMatch(/https?:|<script|<link|<img|url\(|@import|\bon\w+=/);
    expect(await leftOnServer()).toEqual(nothing);
  });

  it('that does not hold what it was to hold is exit 1', () => {
    const { status, output } = submilli(
      ...['stress', '--state', state, '--via', 'direct', '--profile', 'read', '--most', '1', '--hold', '1'],
      ...['--step-duration', '2', '--warmup', '0', '--recovery', '5', '--html', file('hold.html'), ...impossible],
    );
    expect(status).toBe(1);
    expect(output).toContain('it broke with 1 clients, and was to hold 1');
  });
});
