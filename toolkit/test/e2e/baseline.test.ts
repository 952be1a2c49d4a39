import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Compared } from '../../src/baseline/compare';
import type { Listed } from '../../src/baseline/listed';
import type { BaselineFile } from '../../src/baseline/model';
import { freePort, type LivePrometheus, startPrometheus } from './history/prometheus';
import { DAY, HOUR, seasonalMonth } from './history/season';
import { endsWith, type Outcome, submilli } from './stack';

jest.setTimeout(300_000);

const end = Math.floor(Date.now() / 1000 / HOUR) * HOUR;
const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
const folder = mkdtempSync(join(tmpdir(), 'submilli-baseline-'));
const file = (name: string): string => join(folder, name);
const learnt = file('made/for/it/baseline.json');

let prometheus: LivePrometheus;
const baseline = (verb: string, ...args: string[]): Outcome =>
  submilli('baseline', verb, ...(verb === 'list' ? [] : ['--prometheus', prometheus.url]), '--file', learnt, ...args);

/** The JSON that was printed: progress is not on standard output, and both come together here. */
const printed = <T>({ output }: Outcome): T =>
  JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)) as T;
const compared = (...args: string[]): readonly Compared[] =>
  printed<{ compared: Compared[] }>(baseline('compare', '--json', ...args)).compared;
const of = (all: readonly Compared[], metric: string, database = 'trading', queryType = ''): Compared | undefined =>
  all.find((one) => one.metric === metric && one.database === database && one.queryType === queryType);

beforeAll(async () => {
  prometheus = await startPrometheus(seasonalMonth(end));
  endsWith(0, baseline('update'));
});
afterAll(() => prometheus.stop());

describe('a baseline learnt from a real Prometheus', () => {
  const stored = (): BaselineFile => JSON.parse(readFileSync(learnt, 'utf8')) as BaselineFile;

  it('holds the hours of every metric that is there, as they were', () => {
    const { version, source, series } = stored();
    expect({ version, source }).toEqual({ version: 1, source: prometheus.url });
    const ids = new Set(series.map(({ metric }) => metric));
    expect([...ids].sort()).toEqual([
      ...['buffer-misses', 'latency-p50', 'latency-p99', 'latency-p99.9', 'pool-wait', 'score-lost', 'transactions'],
    ]);
    const trading = series.find(({ metric, database }) => metric === 'transactions' && database === 'trading');
    expect(trading?.values.filter((value) => value !== null).length).toBeGreaterThanOrEqual(29 * 24 - 1);
    expect(trading?.values.at(-20)).toBeGreaterThan(1);
    // 40/s, and a 2 % that takes longer than 1 ms: P99 lies half way to the tenth of it.
    const p99 = series.find(({ metric, queryType }) => metric === 'latency-p99' && queryType === 'update');
    const values = (p99?.values ?? []).flatMap((value) => value ?? []);
    expect(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]).toBeCloseTo(0.0032, 3);
  });

  it('is found again by list, with what is usual when, and where its level changed for good', () => {
    const { rows } = printed<{ rows: Listed[] }>(baseline('list', '--json'));
    const row = (database: string): Listed | undefined =>
      rows.find((one) => one.metric === 'transactions' && one.database === database);
    expect(row('trading')?.changes).toEqual([]);
    const [change, ...more] = row('audit')?.changes ?? [];
    expect(more).toEqual([]);
    expect(Math.abs(Date.parse(change?.at ?? '') / 1000 - (end - 10 * DAY))).toBeLessThanOrEqual(6 * HOUR);
    expect((change?.since ?? NaN) / (change?.before ?? NaN)).toBeCloseTo(1.6, 1);
    expect(row('audit')?.counting).toBeLessThanOrEqual(10 * 24 + 6);
    // Tuesday at 06:00 and at 18:00, Sunday at 06:00 in UTC.
    const usual = (slot: number): number => row('trading')?.usual[slot]?.p50 ?? NaN;
    expect(usual(30) / usual(42)).toBeCloseTo(3, 0);
    expect(usual(30) / usual(150)).toBeCloseTo(2.5, 0);
    const { status, output } = baseline('list');
    expect(status).toBe(0);
    expect(output).toMatch(/transactions +main \/ audit .* → /);
  });
});

describe('compared with it', () => {
  it('the last day is worse where it is, by how much it is, and better where it is that', () => {
    endsWith(1, baseline('compare', '--cluster', 'main'));
    const all = compared('--cluster', 'main');
    // 8 % longer than 1 ms, 0.8 % longer than 5 ms: P99 lies at 4.89 ms.
    const slower = of(all, 'latency-p99', 'trading', 'select');
    expect(slower).toMatchObject({ verdict: 'worse' });
    expect(slower?.usual).toBeCloseTo(0.0032, 3);
    expect(slower?.now?.value).toBeCloseTo(0.0049, 3);
    expect(slower?.now?.low).toBeLessThanOrEqual(slower?.now?.value ?? NaN);
    expect(slower?.now?.high).toBeLessThan(0.0055);
    expect(slower?.p).toBeLessThan(0.001);
    expect(of(all, 'buffer-misses')).toMatchObject({ verdict: 'better' });
    expect(of(all, 'latency-p99', 'trading', 'update')).toMatchObject({ verdict: 'as usual' });
    expect(of(all, 'transactions')).toMatchObject({ verdict: 'as usual' });
    expect(of(all, 'score-lost')).toMatchObject({ verdict: 'as usual' });
    expect(of(all, 'pool-wait')).toMatchObject({ verdict: 'as usual', usual: 0 });
  });

  it('what has its new level since days is as usual', () => {
    const audit = of(compared('--cluster', 'main'), 'transactions', 'audit');
    expect(audit).toMatchObject({ verdict: 'as usual' });
    expect(Math.abs(Date.parse(audit?.since ?? '') / 1000 - (end - 10 * DAY))).toBeLessThanOrEqual(7 * HOUR);
  });

  it('a day when all was well is as usual, though three hours of the baseline were an outage', () => {
    const { status, output } = baseline('compare', '--cluster', 'main', '--end', iso(end - 2 * DAY));
    expect(output).toContain('nothing changed');
    expect(status).toBe(0);
  });

  it('what is no more, or is too young, is not known: nobody calls it well', () => {
    const gone = baseline('compare', '--cluster', 'gone');
    endsWith(2, gone);
    expect(gone.output).toContain('it is not there any more');
    const young = baseline('compare', '--cluster', 'young');
    endsWith(2, young);
    expect(young.output).toMatch(/only 2\d hours count in the baseline, of 72/);
  });

  it('is told on the terminal with what, where, by how much and how sure', () => {
    const { output } = baseline('compare', '--cluster', 'main');
    expect(output).toMatch(/worse +P99 of select +main \/ trading +3\.\d+ ms +4\.\d+ ms +\+\d\d % .* p [<=] 0\.0/);
  });
});

describe('learnt again', () => {
  it('keeps what Prometheus has forgotten, and nothing that is too old', async () => {
    const path = file('twice.json');
    const update = (url: string, ...args: string[]) =>
      submilli('baseline', 'update', '--prometheus', url, '--file', path, ...args).status;
    expect(update(prometheus.url, '--weeks', '2')).toBe(0);
    const count = (): number =>
      (JSON.parse(readFileSync(path, 'utf8')) as BaselineFile).series.find(({ metric }) => metric === 'score-lost')
        ?.values.length ?? 0;
    expect(count()).toBe(14 * 24);
    const forgetful = await startPrometheus(
      seasonalMonth(end).map(({ series, moments }) => ({ series, moments: moments.filter((at) => at > end - DAY) })),
    );
    try {
      expect(update(forgetful.url, '--weeks', '2')).toBe(0);
      expect(count()).toBe(14 * 24);
      expect(update(forgetful.url, '--weeks', '1')).toBe(0);
      expect(count()).toBe(7 * 24);
    } finally {
      await forgetful.stop();
    }
  });
});

describe('without what it needs', () => {
  it('says that there is no baseline yet, and how to make one', () => {
    for (const args of [['compare', '--prometheus', prometheus.url], ['list']]) {
      const { status, output } = submilli('baseline', ...args, '--file', file('none.json'));
      expect(status).toBe(2);
      expect(output).toContain('submilli baseline update');
    }
  });

  it('writes nothing where Prometheus does not answer, or knows nothing', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const update = (url: string) => submilli('baseline', 'update', '--prometheus', url, '--file', file('never.json'));
    const unanswered = update(nobody);
    endsWith(2, unanswered);
    expect(unanswered.output).toContain('Is Prometheus there?');
    expect(baseline('compare', '--prometheus', nobody).status).toBe(2);
    const empty = await startPrometheus([]);
    try {
      const { status, output } = update(empty.url);
      expect(status).toBe(1);
      expect(output).toContain('nothing was written');
      // Everything that was there is missing.
      expect(baseline('compare', '--prometheus', empty.url).status).toBe(2);
    } finally {
      await empty.stop();
    }
    expect(existsSync(file('never.json'))).toBe(false);
  });

  it.each([
    ['half of a file', () => readFileSync(learnt, 'utf8').slice(0, 5000), 'is no baseline that can be read'],
    ['something else', () => '{"version":1,"series":3}', 'is no baseline that can be read'],
    ['a newer one', () => '{"version":2}', 'is of version 2'],
  ])('leaves a file alone that it cannot read: %s', (_, content, why) => {
    const path = file('damaged.json');
    writeFileSync(path, content());
    for (const verb of ['update', 'compare', 'list']) {
      const url = verb === 'list' ? [] : ['--prometheus', prometheus.url];
      const { status, output } = submilli('baseline', verb, ...url, '--file', path);
      expect(status).toBe(2);
      expect(output).toContain(why);
      expect(readFileSync(path, 'utf8')).toBe(content());
    }
  });

  it('ends at Ctrl-C, and the file is as it was', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const before = readFileSync(learnt, 'utf8');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const bin = join(__dirname, '..', '..', 'bin', 'submilli.js');
    const child = spawn(process.execPath, [bin, 'baseline', 'update', '--prometheus', url, '--file', learnt]);
    silent.once('connection', () => child.kill('SIGINT'));
    const status = await new Promise((resolve) => child.once('exit', resolve));
    silent.closeAllConnections();
    silent.close();
    expect(status).toBe(130);
    expect(readFileSync(learnt, 'utf8')).toBe(before);
    expect(readdirSync(join(learnt, '..'))).toEqual(['baseline.json']);
  });
});
