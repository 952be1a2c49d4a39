import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadReport, type LoadReport } from '../../../src/load/report/schema';
import { layoutOf } from '../../../src/stack/layout';
import { jsonIn, running } from '../running';
import { endsWith, submilli, until } from '../stack';
import { easy, FETCHES, impossible, leftOf, nothing } from './left';

const SECONDS = 5;

export const describeLoad = (state: string): void => {
  const file = (name: string): string => join(state, '..', name);
  const short = ['--clients', '4', '--warmup', '1', '--state', state];
  const load = (...args: string[]) => submilli('load', ...short, ...args);
  const appSecret = () => readFileSync(layoutOf(state).secretOf('app'), 'utf8').trim();

  describe('a short load, both ways', () => {
    let report: LoadReport;
    beforeAll(() => {
      const outcome = load('--duration', String(SECONDS), '--html', file('load.html'), '--json', ...easy);
      if (outcome.status !== 0) throw new Error(`exit ${outcome.status}:\n${outcome.output}`);
      report = loadReport.parse(jsonIn(outcome));
    });

    it('has the latency of each way, as far as there are enough transactions', () => {
      expect(report.paths.map(({ via }) => via)).toEqual(['direct', 'pool']);
      for (const { latency, throughput, curve } of report.paths) {
        expect(latency.count).toBeGreaterThan(0);
        expect(throughput).toBeCloseTo(latency.count / SECONDS, 3);
        const known = latency.quantiles.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]));
        expect(known.length).toBeGreaterThan(0);
        expect(known.toSorted((a, b) => a - b)).toEqual(known);
        expect(Math.max(...known)).toBeLessThanOrEqual((latency.max ?? 0) * 1.02);
        expect(curve.length).toBeGreaterThan(1);
      }
    });

    it('has where the time went, by the exporters', () => {
      const parts = report.paths.map(({ time }) => time.shares.map(({ part }) => part));
      expect(parts[0]).toContain('server');
      expect(parts[0]).not.toContain('pool');
      expect(parts[1]).toEqual(expect.arrayContaining(['server', 'pool']));
      const seconds = report.paths.flatMap(({ time }) => time.shares.map((share) => share.seconds));
      expect(Math.min(...seconds)).toBeGreaterThanOrEqual(0);
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
      expect(page).not.toMatch(FETCHES);
      expect(page).not.toContain(appSecret());
      expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(4);
    });

    it('leaves nothing behind', async () => {
      expect(await leftOf(state)).toEqual(nothing);
    });
  });

  describe('what was promised', () => {
    const direct = ['--duration', '3', '--via', 'direct', '--html', file('promised.html')];

    it('and is not kept is exit 1, and says what was missed by how much', async () => {
      const { status, output } = load(...direct, '--profile', 'read', ...impossible);
      expect(status).toBe(1);
      expect(output).toMatch(/MISSED\n {2}directly: P50 is .+, promised were /);
      expect(readFileSync(file('promised.html'), 'utf8')).toContain('<strong>Missed</strong>');
      expect(await leftOf(state)).toEqual(nothing);
    });

    it('is of when transactions were due, where there is a rate', () => {
      const rated = ['--duration', '4', '--via', 'pool', '--rate', '20', '--html', file('rate.html'), '--json'];
      const outcome = load(...rated, ...easy);
      const report = loadReport.parse(jsonIn(outcome));
      expect(report).toMatchObject({ rate: 20, paths: [{ via: 'pool' }] });
      expect(report.paths[0]?.lag).not.toBeNull();
      expect(outcome.status).toBe(report.verdict.kept ? 0 : 1);
    });

    it('is not kept where a client gave up, whatever the others did', () => {
      writeFileSync(file('one.sql'), 'SELECT 1 / :client_id;\n');
      const { status, output } = load(...direct, '--profile', file('one.sql'), ...easy);
      expect(status).toBe(1);
      expect(output).toContain('directly: 1 client gave up: ERROR:  division by zero');
    });

    it('is not judged where no transaction was done, and why stands there', () => {
      writeFileSync(file('all.sql'), 'SELECT 1 / 0;\n');
      const { status, output } = load(...direct, '--profile', file('all.sql'));
      expect(status).toBe(2);
      expect(output).toMatch(/no load: ERROR: {2}division by zero/);
    });
  });

  describe('a load that is stopped', () => {
    const begun = async () => {
      const args = ['--duration', '600', '--via', 'direct', '--profile', 'write'];
      const long = running('load', ...short, ...args);
      const busy = await until(
        60,
        () => leftOf(state),
        ({ clients, tables }) => clients > 0 && tables,
      );
      expect(busy).toMatchObject({ tables: true });
      return long;
    };

    it('was the only one meanwhile; by Ctrl-C it is exit 130, and leaves nothing behind', async () => {
      const long = await begun();
      const other = load('--duration', '5', '--via', 'direct');
      endsWith(2, other);
      expect(other.output).toContain('another load runs on this database');
      long.kill('SIGINT');
      const { status, output } = await long.ended;
      expect(status).toBe(130);
      expect(output).toContain('interrupted; nothing is left of it');
      expect(await leftOf(state)).toEqual(nothing);
    });

    it('by SIGKILL is cleaned up by who watches over it', async () => {
      const long = await begun();
      long.kill('SIGKILL');
      await long.ended;
      const isGone = ({ clients, tables, files }: typeof nothing) => clients === 0 && !tables && files.length === 0;
      expect(await until(60, () => leftOf(state), isGone)).toEqual(nothing);
    });
  });

  describe('a load that can’t be', () => {
    const refused = (...args: string[]) => {
      const { status, output } = load('--duration', '5', '--html', file('never.html'), ...args);
      endsWith(2, { status, output });
      expect(existsSync(file('never.html'))).toBe(false);
      return output;
    };

    it('says what is in the way', () => {
      expect(refused('--clients', '1000', '--via', 'direct')).toMatch(/has room for \d+ more sessions, not for 1000/);
      expect(refused('--profile', file('none.sql'))).toContain('none.sql');
      expect(refused('--state', file('nowhere'))).toContain('no stack runs here');
      expect(refused('--pgbench', '/bin/true')).toContain('is no pgbench');
      expect(refused('--pgbench', file('pgbench'))).toContain('can’t be run as pgbench');
      writeFileSync(file('wrong'), 'not-the-password\n');
      expect(refused('--password-file', file('wrong'))).toContain('password authentication failed for user "trading"');
    });

    it('is refused before it begins where its page could not be written', () => {
      writeFileSync(file('taken'), '');
      const { status, output } = load('--duration', '600', '--html', join(file('taken'), 'load.html'));
      expect(status).toBe(2);
      expect(output).toContain('the page can’t be written');
    });

    it('is refused on a database of which nobody said that it is for that', () => {
      const config = layoutOf(state).exporterConfig;
      const login = ['--user', 'trading', '--password-file', layoutOf(state).secretOf('app')];
      const output = refused('--target', 'pg1', '--config', config, '--via', 'direct', ...login);
      expect(output).toMatch(/is not marked for load tests|is a standby/);
      expect(output).not.toContain(appSecret());
    });
  });
};
