import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import type { Report } from '../../src/report/model';
import { DAY, fourWeeks, HOUR, momentsOf } from './history/fortnight';
import { freePort, type LivePrometheus, startPrometheus } from './history/prometheus';
import { endsWith, submilli } from './stack';

jest.setTimeout(300_000);

const end = Math.floor(Date.now() / 1000 / HOUR) * HOUR - HOUR;
const at = momentsOf(end);
const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
const folder = mkdtempSync(join(tmpdir(), 'submilli-report-'));
const file = (name: string): string => join(folder, name);

let prometheus: LivePrometheus;
const report = (...args: string[]) =>
  submilli('report', '--prometheus', prometheus.url, '--prometheus-only', '--end', iso(end), ...args);

beforeAll(async () => {
  prometheus = await startPrometheus(fourWeeks(end));
});
afterAll(() => prometheus.stop());

describe('a weekly report of a real Prometheus', () => {
  let weekly: Report;
  beforeAll(() => {
    const made = report('--out', file('weekly.json'));
    expect(made).toEqual({ status: 0, output: made.output });
    weekly = JSON.parse(readFileSync(file('weekly.json'), 'utf8')) as Report;
  });

  it('is of seven whole days, and compared with those before', () => {
    expect(weekly.period).toEqual({
      name: 'weekly',
      from: iso(end - 7 * DAY),
      to: iso(end),
      previousFrom: iso(end - 14 * DAY),
    });
  });

  it('has the score with its dip, though that was shorter than a step', () => {
    const [trading, audit] = weekly.scores;
    expect(trading).toMatchObject({ cluster: 'main', database: 'trading', lowest: { value: 31 } });
    expect(trading?.median).toBeGreaterThan(90);
    expect(Math.abs((trading?.belowSeconds ?? 0) - 1470)).toBeLessThan(300);
    expect(trading?.previous?.lowest).toBeGreaterThan(90);
    expect(trading?.worst).toMatchObject({ component: 'latency' });
    expect(audit).toMatchObject({ database: 'audit', lowest: { value: 99 }, worst: null });
  });

  it('says what was not known, and puts nothing in its place', () => {
    const [trading] = weekly.scores;
    expect(trading?.coverage.ratio).toBeLessThan(0.99);
    expect(trading?.coverage.gaps).toHaveLength(1);
    expect(trading?.points.filter(([when]) => when > at.gap.from + HOUR && when < at.gap.to)).toEqual([]);
    expect(weekly.unknown.join('\n')).toMatch(/known for 9\d % of the period only/);
  });

  it('has true quantiles of both weeks, by the targets', () => {
    const [trading] = weekly.latency;
    const [p50, p99, p999] = trading?.distribution.quantiles ?? [];
    expect(p50?.seconds).toBeCloseTo(0.0002, 5);
    // Between 2.5 ms (981 ‰) and 5 ms (993 ‰); the storm moves it a little.
    expect(p99?.seconds).toBeGreaterThan(0.004);
    expect(p99?.seconds).toBeLessThan(0.005);
    expect(p999?.seconds).toBeGreaterThan(0.01);
    expect(trading?.targets.map(({ quantile, kept }) => [quantile, kept])).toEqual([
      [0.5, true],
      [0.9, true],
      [0.95, true],
      [0.99, false],
      [0.999, false],
    ]);
    expect(trading?.targets.find(({ quantile }) => quantile === 0.99)?.before?.seconds).toBeLessThan(0.0025);
    expect(trading?.kinds.map(({ queryType }) => queryType)).toEqual(['select', 'update']);
    expect(trading?.budget?.usedRatio).toBeGreaterThan(1.5);
  });

  it('counts statements as they were, the gap apart', () => {
    const statements = weekly.latency[0]?.distribution.statements ?? 0;
    const expected = 40 * (7 * DAY);
    expect(statements / expected).toBeGreaterThan(0.95);
    expect(statements / expected).toBeLessThan(1.03);
  });

  it('names the statement that became slower', () => {
    expect(weekly.statements?.top.map(({ queryid }) => queryid)).toEqual(['1001', '1002', '-1003']);
    const [slower, ...others] = weekly.statements?.slower ?? [];
    expect(others).toEqual([]);
    expect(slower?.queryid).toBe('-1003');
    expect(slower?.ratio).toBeCloseTo(3.1, 1);
  });

  it('gathers alerts to incidents, and says what moved first', () => {
    const [storm, lost, ...others] = weekly.incidents?.incidents ?? [];
    expect(others).toEqual([]);
    expect(weekly.incidents).toMatchObject({ leftOut: 0, previous: 0, alertsKnown: true });
    expect(storm).toMatchObject({ cluster: 'main', severity: 'critical' });
    expect(storm?.alerts.map(({ name, severity }) => [name, severity])).toEqual([
      ['PostgresSessionsBlocked', 'warning'],
      ['PostgresSessionsBlocked', 'critical'],
    ]);
    expect(Math.abs(Date.parse(storm?.from ?? '') / 1000 - (at.lockStorm + 90))).toBeLessThanOrEqual(60);
    expect(storm?.moved?.slice(0, 2).map(({ signal, direction }) => [signal, direction])).toEqual([
      ['oldest transaction', 'rose'],
      ['sessions blocked by locks', 'rose'],
    ]);
    expect(storm?.moved?.map(({ signal }) => signal)).toContain('statements’ P99');
    expect(lost?.alerts.map(({ name }) => name)).toEqual(['PatroniMemberDown']);
    expect(lost?.events.map(({ what }) => what)).toContain('failover');
    expect(lost?.moved?.map(({ signal, direction }) => [signal, direction])).toContainEqual([
      'servers that answer',
      'fell',
    ]);
  });

  it('has the failover with what it took, who had it, and the cause that was counted first', () => {
    const [main] = weekly.failovers;
    expect(main).toMatchObject({
      ...{ cluster: 'main', others: 0, splitBrainSeconds: 0 },
      failovers: [{ at: iso(at.failover), from: 'pg2', to: 'pg1', seconds: 4.2, error: 0.3 }],
      interruptions: [{ cause: 'node-loss', count: 1 }],
      recovery: [{ fault: 'node-loss', predictedSeconds: 6, measuredSeconds: 4.2 }],
    });
    expect(main?.unwritableSeconds).toBeCloseTo(4.2, 0);
  });

  it('foresees the full disk, and nothing where it is not sure', () => {
    const disk = weekly.capacity.find(({ what }) => what.startsWith('disk'));
    // 500 GB, 368 of them used, 6 more a day.
    expect(disk?.exhaustedInDays?.soonest).toBeGreaterThan(20);
    expect(disk?.exhaustedInDays?.latest).toBeLessThan(24);
    expect(disk?.tone).toBe('bad');
    const of = (what: string) => weekly.capacity.find((item) => item.what.startsWith(what));
    expect(of('transaction ids')).toMatchObject({ perDay: null, exhaustedInDays: null });
    expect(of('connections')?.perDay).toBeNull();
    expect(of('sequence')?.exhaustedInDays?.soonest).toBeGreaterThan(90);
    expect(of('size of the database')?.exhaustedInDays).toBeNull();
    expect(of('size of the database')?.perDay?.value).toBeCloseTo(5.5e9, -8);
  });

  it('tells advice that came and went', () => {
    expect(weekly.advice).toMatchObject({ before: 3, now: 2, opened: null, closed: null });
    expect(weekly.advice?.byRule).toEqual([
      { rule: 'missing-index', severity: 'warning', before: 0, now: 1 },
      { rule: 'unused-index', severity: 'info', before: 3, now: 1 },
    ]);
  });

  it('begins with what matters, bad news first', () => {
    const tones = weekly.headlines.map(({ tone }) => tone);
    expect(tones.toSorted((a, b) => Number(b === 'bad') - Number(a === 'bad'))).toEqual(tones);
    const text = weekly.headlines.map((one) => one.text).join('\n');
    expect(text).toMatch(/The score of main \/ trading fell to 31/);
    expect(text).toMatch(/P99 of main \/ trading was 4\.\d+ ms where 2\.5 ms was promised/);
    expect(text).toMatch(/2 incidents, 1 of them critical, 0 in the period before/);
    expect(text).toMatch(/Disk \/var\/lib\/postgresql of pg1:9100 is at 7\d.* %: grows by/);
  });
});

describe('its forms', () => {
  it('as a page fetches nothing, runs nothing, and is small enough to be mailed', () => {
    endsWith(0, report('--out', file('weekly.html')));
    const page = readFileSync(file('weekly.html'), 'utf8');
    expect(page.replaceAll(prometheus.url, '')).not.toMatch(/https?:|<script|<link|<img|url\(|@import|\bon\w+=/);
    expect(statSync(file('weekly.html')).size).toBeLessThan(300_000);
    expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(4);
    expect(page).toContain('class="gap"');
    expect(page).toContain('PostgresSessionsBlocked');
  });

  it('as Markdown says the same', () => {
    const { status, output } = report('--format', 'markdown');
    expect(status).toBe(0);
    expect(output).toContain('## Latency against what was promised');
    expect(output).toMatch(/\| P99 +\| 2\.5 ms +\| 4\.\d+ ms/);
    expect(output).toMatch(/1\. \d\d:\d\d:\d\d, .* before the first alert: oldest transaction rose/);
  });

  it('may be of a day or thirty, of one cluster, and of a disk whose size is given', () => {
    endsWith(0, report('--period', 'daily', '--out', file('daily.json')));
    const daily = JSON.parse(readFileSync(file('daily.json'), 'utf8')) as Report;
    expect(daily.incidents?.incidents).toEqual([]);
    expect(daily.failovers[0]?.failovers).toEqual([]);
    expect(
      report('--period', 'monthly', '--cluster', 'main', '--disk-size', '500GB', '--out', file('monthly.json')),
    ).toMatchObject({ status: 0 });
    const monthly = JSON.parse(readFileSync(file('monthly.json'), 'utf8')) as Report;
    expect(monthly.scores[0]?.coverage.ratio).toBeLessThan(0.6);
    expect(monthly.scores[0]?.previous).toBeNull();
    expect(monthly.capacity.map(({ what }) => what)).toContain('databases and WAL on the disk');
  });

  it('leaves nothing behind but the file', () => {
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });
});

describe('without what it needs', () => {
  const asked = (url: string, ...args: string[]) =>
    submilli('report', '--prometheus', url, '--prometheus-only', ...args);

  it('says that Prometheus does not answer, and writes nothing', async () => {
    const { status, output } = asked(`http://127.0.0.1:${await freePort()}`, '--out', file('none.html'));
    expect(status).toBe(2);
    expect(output).toMatch(/no answer from http:\/\/127\.0\.0\.1:\d+\/api\/v1\/query_range: connect ECONNREFUSED/);
    expect(output).toContain('Is Prometheus there?');
    expect(existsSync(file('none.html'))).toBe(false);
  });

  it('makes no good news of a time that nothing is known of', () => {
    const { status } = report('--end', '2020-01-01', '--out', file('empty.json'));
    expect(status).toBe(1);
    const empty = JSON.parse(readFileSync(file('empty.json'), 'utf8')) as Report;
    expect(empty.headlines.map(({ tone }) => tone)).toEqual(['neutral']);
    expect(empty.unknown.join('\n')).toContain('No score of any database');
  });

  it('in the first hour says since when something is known, and asks for no exporter', async () => {
    const up = { 'db_exporter_up{cluster="main",target="pg1"}': () => 1 };
    const moments = Array.from({ length: 100 }, (_, i) => end + 600 + 30 * i);
    const young = await startPrometheus([{ series: up, moments }]);
    try {
      const { status } = asked(young.url, '--end', iso(end), '--out', file('young.json'));
      expect(status).toBe(1);
      const { headlines, unknown } = JSON.parse(readFileSync(file('young.json'), 'utf8')) as Report;
      const clock = (at: number): string => iso(at).slice(11, 16);
      expect(headlines).toHaveLength(1);
      expect(headlines[0]?.text).toMatch(
        new RegExp(`^Nothing before .* ${clock(end + 600)} is known, .* ends at .* ${clock(end)} \\(UTC\\)`),
      );
      expect(unknown.join('\n')).not.toContain('scraped?');
    } finally {
      await young.stop();
    }
  });

  it('refuses a user in the URL, a wrong moment and half of a login, and shows no secret', () => {
    const { status, output } = asked('http://me:hush@127.0.0.1:1');
    expect(status).toBe(2);
    expect(output).toContain('has a user or password in it');
    expect(output).not.toContain('hush');
    expect(report('--end', 'tomorrow').output).toContain('is no moment');
    expect(report('--prometheus-user', 'me').output).toContain('go together');
  });

  it('logs in with files, and says so when that is refused', async () => {
    // bcrypt of "hush"
    const hash = '$2b$04$Ok6INQ4dhj/0e5Esq9tLkecsGXFAsyyMG51gnjszMa7J2BUHEniTu';
    const guarded = await startPrometheus([], `basic_auth_users:\n  me: ${hash}\n`);
    try {
      writeFileSync(file('password'), 'wrong\n');
      const login = ['--prometheus-user', 'me', '--prometheus-password-file', file('password')];
      const refused = asked(guarded.url, ...login);
      endsWith(2, refused);
      expect(refused.output).toMatch(/refuses us \(HTTP 401\)/);
      expect(refused.output).not.toContain('wrong');
      writeFileSync(file('password'), 'hush\n');
      expect(asked(guarded.url, ...login, '--out', file('guarded.json')).status).toBe(1);
      expect(asked(guarded.url, '--prometheus-token-file', file('nowhere')).output).toContain('cannot read the secret');
    } finally {
      await guarded.stop();
    }
  });

  describe('and with a server that is not Prometheus', () => {
    let server: Server;
    let body = '';
    const listening = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    beforeAll(async () => {
      server = createServer((_, response) => {
        if (body === 'never') return;
        response.end(body);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => {
      server.closeAllConnections();
      server.close();
    });
    /** The server is in this process: it may not be waited for without letting it answer. */
    const run = (...args: string[]): Promise<{ status: number | null; output: string }> =>
      new Promise((resolve) => {
        const bin = join(__dirname, '..', '..', 'bin', 'submilli.js');
        const child = spawn(process.execPath, [
          bin,
          'report',
          '--prometheus',
          listening(),
          '--prometheus-only',
          ...args,
        ]);
        let output = '';
        child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
        child.stderr.on('data', (chunk: Buffer) => {
          output += chunk.toString();
          if (body === 'never' && output.includes('Asking')) setTimeout(() => child.kill('SIGINT'), 500);
        });
        child.on('exit', (status) => resolve({ status, output }));
      });

    it.each([
      '<html>hello</html>',
      '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[["x"]]}]}}',
      '',
    ])('says so: %s', async (garbage) => {
      body = garbage;
      const { status, output } = await run();
      expect(status).toBe(2);
      expect(output).toContain('something that is not Prometheus');
    });

    it('ends at Ctrl-C, and writes nothing', async () => {
      body = 'never';
      const { status, output } = await run('--out', file('interrupted.html'));
      expect(status).toBe(130);
      expect(output).toContain('interrupted; nothing was written');
      expect(existsSync(file('interrupted.html'))).toBe(false);
    });
  });
});
