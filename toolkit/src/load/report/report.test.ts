import fc from 'fast-check';
import { judge } from '../verdict';
import { promiseArgument, promisesFrom, quantilesFor } from '../promises';
import { timeText } from '../words';
import { reportPage } from './page';
import { loadReport, type LoadReport, type PathReport } from './schema';
import { terminalReport } from './terminal';

const quantiles = [
  { quantile: 0.5, seconds: 0.002 },
  { quantile: 0.99, seconds: 0.02 },
  { quantile: 0.999, seconds: null },
];

const path = (change: Partial<PathReport> = {}): PathReport => ({
  via: 'pool',
  latency: { count: 5000, mean: 0.003, max: 0.4, quantiles },
  ...{ lag: null, throughput: 1000, retries: 2, clientsLost: 0, complaints: [], errorRatio: 0, unsent: null },
  failed: { serialization: 0, deadlock: 0, failed: 0, skipped: 0 },
  connectSeconds: 0.2,
  scripts: ['<buy>', 'sell'].map((name) => ({
    name,
    failed: 0,
    latency: { count: 2500, mean: 0.003, max: 0.4, quantiles },
  })),
  curve: [
    [0, 0.001],
    [0.5, 0.002],
    [0.99, 0.02],
  ],
  timeline: {
    stretchSeconds: 1,
    stretches: [0, 1, 2, 3, 4].map((at) => ({
      at,
      count: 1000,
      failed: at === 3 ? 2 : 0,
      p50: 0.002,
      p99: 0.02,
      max: 0.4,
    })),
  },
  time: {
    shares: [
      { part: 'server', seconds: 0.002 },
      { part: 'rest', seconds: 0.001 },
    ],
    absent: ['no pool exporter'],
  },
  ...change,
});

const promises = {
  latency: [
    { quantile: 0.99, seconds: 0.0025 },
    { quantile: 0.999, seconds: 1 },
  ],
  errorRatio: 0.01,
};

const report = (change: Partial<LoadReport> = {}): LoadReport => {
  const paths = change.paths ?? [path()];
  return {
    version: 1,
    id: 'x',
    startedAt: '2026-01-02T03:04:05.000Z',
    profile: { name: 'trading', does: 'what traders do' },
    ...{ clients: 50, threads: 2, seconds: 5, warmupSeconds: 1, rate: null, protocol: 'simple' },
    machine: {
      cores: 2,
      processor: 'A <B>',
      memoryBytes: 8e9,
      kernel: '6.1',
      system: 'Debian',
      loadBefore: 0.5,
      shared: true,
    },
    software: { pgbench: '15.18', postgresql: '15.18', pgbouncer: '1.18.0' },
    settings: { shared_buffers: '128MB' },
    ...{ paths, promises, verdict: judge(paths, promises, change.rate ?? null) },
    ...change,
  };
};

describe('the verdict', () => {
  it('names each promise that was missed, with what was found, and what could not be judged', () => {
    const { kept, findings, notJudged } = judge([path()], promises, null);
    expect({ kept, findings }).toEqual({
      ...{ kept: false, findings: ['through the pool: P99 is 20 ms, promised were 2.5 ms'] },
    });
    expect(notJudged).toEqual(['through the pool: P99.9, which takes 10 000 transactions, and there were 5 000']);
  });

  it('is that all was kept exactly when no quantile is above its promise and no more failed than may', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-4, max: 1, noNaN: true }),
        fc.double({ min: 1e-4, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (found, promise, errorRatio) => {
          const one = path({
            errorRatio,
            latency: { ...path().latency, quantiles: [{ quantile: 0.99, seconds: found }] },
          });
          const { kept } = judge([one], { latency: [{ quantile: 0.99, seconds: promise }], errorRatio: 0.01 }, null);
          expect(kept).toBe(found <= promise && errorRatio <= 0.01);
        },
      ),
    );
  });

  it('is missed without a single transaction, and when clients gave up', () => {
    const none = { latency: [], errorRatio: 0 };
    expect(judge([path({ latency: { count: 0, mean: null, max: null, quantiles: [] } })], none, null).kept).toBe(false);
    const lost = path({ clientsLost: 3, complaints: [{ why: 'ERROR:  no such table', count: 3 }] });
    expect(judge([lost], none, null).findings).toEqual(['through the pool: 3 clients gave up: ERROR:  no such table']);
  });

  it('is missed when the rate that was asked for was not reached', () => {
    const behind = path({ throughput: 600, unsent: 2000, lag: path().latency });
    expect(judge([behind], { latency: [], errorRatio: 0 }, 1000).findings).toEqual([
      'through the pool: only 600 of 1 000 transactions a second were done',
    ]);
    expect(judge([path({ throughput: 999, unsent: 0 })], { latency: [], errorRatio: 0 }, 1000).kept).toBe(true);
  });
});

describe('promises', () => {
  const config = { thresholds: { rollback_ratio_warning: 1 } } as Parameters<typeof promisesFrom>[2];

  it('are those of the exporters, unless others are named', () => {
    expect(promisesFrom(undefined, undefined, config)).toMatchObject({ errorRatio: 0.01 });
    expect(promisesFrom(undefined, undefined, config).latency).toContainEqual({ quantile: 0.99, seconds: 0.0025 });
    const named = promiseArgument('p99.9=8ms', promiseArgument('P50=300us', undefined));
    expect(promisesFrom(named, 0, config)).toEqual({
      latency: [
        { quantile: 0.5, seconds: 0.0003 },
        { quantile: 0.999, seconds: 0.008 },
      ],
      errorRatio: 0,
    });
    expect(quantilesFor({ latency: [{ quantile: 0.75, seconds: 1 }], errorRatio: 0 })).toContain(0.75);
  });

  it.each(['p99', 'p99=3', 'p100=1s', 'p0=1s', '99=1s', 'p99=0ms', 'p99=-1ms'])(
    'are refused when they say nothing: %s',
    (text) => {
      expect(() => promiseArgument(text, undefined)).toThrow('As in p99=2.5ms');
    },
  );
});

describe('a report', () => {
  it('is what its schema says, and survives being written and read', () => {
    expect(loadReport.parse(JSON.parse(JSON.stringify(report())))).toEqual(report());
  });

  it('marks on a terminal what was missed, and says what latency it shows', () => {
    const text = terminalReport(report());
    expect(text).toMatch(/^P99 +2\.5 ms +20 ms !$/m);
    expect(text).toMatch(/^P99\.9 +1 s +–$/m);
    expect(text).toContain('through the pool: no pool exporter');
    expect(text).toContain('hides it: say --rate');
    expect(text).toContain('MISSED');
  });

  it('with a rate says that latency is from when it was due, and what was never sent', () => {
    const text = terminalReport(report({ rate: 1500, paths: [path({ lag: path().latency, unsent: 2500 })] }));
    expect(text).toContain('from when a transaction was due');
    expect(text).toContain('2 500 transactions (33.3 %) were due and never sent');
  });

  it('is one page that fetches nothing and runs nothing, with what it was told escaped', () => {
    const page = reportPage(report({ paths: [path({ via: 'direct' }), path()] }));
    expect(page).not.toMatch(/<script|<link|<img|src=|href=|@import|url\(/);
    expect(page).toContain('A &lt;B&gt;');
    expect(page).toContain('&lt;buy&gt;');
    expect(page).toContain('prefers-color-scheme: dark');
    expect(page.match(/<svg/g)).toHaveLength(4);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
    expect(page).toBe(reportPage(report({ paths: [path({ via: 'direct' }), path()] })));
  });

  it('has a page even where nothing was measured', () => {
    const empty = { count: 0, mean: null, max: null, quantiles: [] };
    const nothing = path({
      ...{ latency: empty, throughput: 0, curve: [], scripts: [], time: { shares: [], absent: [] } },
      timeline: { stretchSeconds: 1, stretches: [{ at: 0, count: 0, failed: 0, p50: null, p99: null, max: null }] },
    });
    expect(reportPage(report({ paths: [nothing] }))).not.toMatch(/NaN|undefined|Infinity/);
    expect(terminalReport(report({ paths: [nothing] }))).toContain('no transaction was done');
  });
});

it('times are said in the unit that people would say', () => {
  expect([0.0000871, 0.00241, 0.0999, 12.34, null].map(timeText)).toEqual([
    '87.1 µs',
    '2.41 ms',
    '99.9 ms',
    '12.3 s',
    '–',
  ]);
});
