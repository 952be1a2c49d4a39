import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCURACY } from '@submilli/query';
import fc from 'fast-check';
import { parseLogLine } from './log-line';
import { readLog } from './read-log';
import { meanOf, neededFor, quantileIn, startRecorder } from './recorder';

const plain = { rated: false, retried: false };

/** From pgbench's manual, chapter "Per-Transaction Logging". */
const manual = {
  plain: '0 199 2241 0 1175850568 995598',
  rated: '0 81 4621 0 1412881037 912698 3005',
  skipped: '0 83 skipped 0 1412881037 914578 5217',
  retried: '3 0 47423 0 1499414498 34501 3',
  failed: '0 0 failed 0 1499414498 84905 9',
  deadlock: '2 0 deadlock 0 1499414498 86248 9',
};

describe('a line of pgbench’s log', () => {
  it('is read as its manual has it', () => {
    expect(parseLogLine(manual.plain, plain)).toEqual({
      ...{ script: 0, outcome: 'done', seconds: 0.002241, endedAt: 1175850568.995598, lag: 0, retries: 0 },
    });
    expect(parseLogLine(manual.rated, { rated: true, retried: false })).toMatchObject({
      ...{ seconds: 0.004621, lag: 0.003005, outcome: 'done' },
    });
    expect(parseLogLine(manual.retried, { rated: false, retried: true })).toMatchObject({ retries: 3, lag: 0 });
  });

  it('says why a transaction was given up, and has no duration then', () => {
    const retried = { rated: false, retried: true };
    expect(parseLogLine(manual.skipped, { rated: true, retried: false })).toMatchObject({
      outcome: 'skipped',
      seconds: 0,
    });
    expect(parseLogLine(manual.failed, retried)).toMatchObject({ outcome: 'failed', retries: 9, seconds: 0 });
    expect(parseLogLine(manual.deadlock, retried)).toMatchObject({ outcome: 'deadlock' });
  });

  it('is none when it was cut off anywhere, or has other fields than were asked for', () => {
    expect(parseLogLine('', plain)).toBeUndefined();
    expect(parseLogLine(manual.rated, plain)).toBeUndefined();
    for (let end = 0; end < manual.plain.lastIndexOf(' '); end += 1) {
      expect(parseLogLine(manual.plain.slice(0, end), plain)).toBeUndefined();
    }
    expect(parseLogLine('0 199 what 0 1175850568 995598', plain)).toBeUndefined();
  });

  it('of every shape that pgbench can write gives back what was written', () => {
    fc.assert(
      fc.property(
        fc.record({
          ...{
            micros: fc.nat(9e8),
            script: fc.nat(20),
            second: fc.integer({ min: 1e9, max: 2e9 }),
            micro: fc.nat(999_999),
          },
          ...{ lag: fc.nat(1e7), retries: fc.nat(9), rated: fc.boolean(), retried: fc.boolean() },
        }),
        ({ micros, script, second, micro, lag, retries, rated, retried }) => {
          const text = [0, 1, micros, script, second, micro, ...(rated ? [lag] : []), ...(retried ? [retries] : [])];
          const line = parseLogLine(text.join(' '), { rated, retried });
          expect(line).toEqual({
            ...{ script, outcome: 'done', seconds: micros / 1e6, endedAt: second + micro / 1e6 },
            ...{ lag: rated ? lag / 1e6 : 0, retries: retried ? retries : 0 },
          });
        },
      ),
    );
  });
});

const at = 1_700_000_000;
const done = (seconds: number, begun: number, script = 0) => ({
  ...{ script, outcome: 'done' as const, seconds, endedAt: at + begun + seconds, lag: 0, retries: 0 },
});

describe('what is recorded', () => {
  it('has the quantiles of the exact distribution, to the accuracy of the sketch', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-5, max: 30, noNaN: true }), { minLength: 1000, maxLength: 3000 }),
        fc.constantFrom(0.5, 0.9, 0.99),
        (seconds, quantile) => {
          const recorder = startRecorder({ from: at - 1, to: at + 1 }, 1);
          for (const one of seconds) recorder.add(done(one, 0));
          const { latency } = recorder.end();
          const sorted = seconds.toSorted((a, b) => a - b);
          const exact = sorted[Math.ceil(quantile * sorted.length) - 1] ?? NaN;
          const found = quantileIn(latency, quantile) ?? NaN;
          expect(Math.abs(found - exact) / exact).toBeLessThanOrEqual(ACCURACY * 1.01);
          expect(latency.max).toBe(sorted.at(-1));
          expect(latency.count).toBe(seconds.length);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('has no quantile that fewer than ten transactions lie beyond', () => {
    const recorder = startRecorder({ from: at, to: at + 10 }, 1);
    for (let i = 0; i < 999; i += 1) recorder.add(done(0.001, i / 1000));
    expect(quantileIn(recorder.end().latency, 0.99)).toBeNull();
    recorder.add(done(0.001, 1));
    expect(quantileIn(recorder.end().latency, 0.99)).toBeCloseTo(0.001, 5);
    expect(neededFor(0.99)).toBe(1000);
    expect(neededFor(0.999)).toBe(10_000);
  });

  it('is of transactions that began in the time that counts, and of all of those, however late they ended', () => {
    const recorder = startRecorder({ from: at + 5, to: at + 10 }, 1);
    for (const one of [done(1, 4.99), done(60, 9.99), done(0.1, 10)]) recorder.add(one);
    expect(recorder.end().latency).toMatchObject({ count: 1, max: 60 });
  });

  it('adds up: stretches and scripts have each transaction once', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.double({ min: 1e-5, max: 2, noNaN: true }),
            fc.double({ min: 0, max: 399, noNaN: true }),
            fc.nat(2),
          ),
        ),
        (transactions) => {
          const recorder = startRecorder({ from: at, to: at + 400 }, 3);
          for (const [seconds, begun, script] of transactions) recorder.add(done(seconds, begun, script));
          const { latency, stretches, scripts } = recorder.end();
          const sum = (all: readonly { latency: { count: number } }[]) =>
            all.reduce((n, one) => n + one.latency.count, 0);
          expect([sum(stretches), sum(scripts)]).toEqual([latency.count, latency.count]);
          expect(stretches.length).toBeLessThanOrEqual(120);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('counts what failed by its reason, and in no distribution', () => {
    const recorder = startRecorder({ from: at, to: at + 10 }, 1);
    recorder.add({ ...done(0, 1), outcome: 'deadlock', retries: 2 });
    recorder.add({ ...done(0.2, 1), retries: 1 });
    expect(recorder.end()).toMatchObject({
      failed: { deadlock: 1, serialization: 0 },
      retries: 3,
      latency: { count: 1 },
    });
  });
});

describe('a log', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'submilli-log-'))));
  afterEach(() => rmSync(directory, { recursive: true }));
  const request = { rated: false, retried: false, prefix: 'run', scripts: 1, warmupSeconds: 1, seconds: 2 };
  const line = (begun: number, micros: number): string => {
    const end = Math.round((at + begun) * 1e6) + micros;
    return `0 1 ${micros} 0 ${Math.floor(end / 1e6)} ${end % 1e6}`;
  };

  it('of several threads is one, from its first transaction on, without the warm-up and what came after', async () => {
    writeFileSync(join(directory, 'run.77'), [line(0.1, 1000), line(1.2, 2000), line(2.9, 500_000), ''].join('\n'));
    writeFileSync(join(directory, 'run.77.1'), [line(0, 1000), line(1.5, 4000), line(3.01, 9000), ''].join('\n'));
    writeFileSync(join(directory, 'other.1'), line(1.5, 9_000_000));
    const log = await readLog({ ...request, directory });
    expect(log?.begunAt).toBeCloseTo(at, 4);
    expect(log?.latency).toMatchObject({ count: 3, max: 0.5 });
    expect(meanOf(log?.latency ?? { count: 0, sum: 0, max: 0, sketch: new Map() })).toBeCloseTo(0.506 / 3, 6);
  });

  it('that ends in half a line loses that line alone, and says so', async () => {
    writeFileSync(join(directory, 'run.1'), `${line(0, 1000)}\n${line(1.5, 1000)}\n0 1 20`);
    expect(await readLog({ ...request, directory })).toMatchObject({ unread: 1, latency: { count: 1 } });
  });

  it('is none where no transaction was done', async () => {
    expect(await readLog({ ...request, directory })).toBeUndefined();
    writeFileSync(join(directory, 'run.1'), '');
    expect(await readLog({ ...request, directory })).toBeUndefined();
  });
});
