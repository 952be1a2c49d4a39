import fc from 'fast-check';
import { soakPage } from '../docs/soak-page';
import { bounds, judge } from './judge';
import { between, isOff } from './mirror';
import { seeded } from './random';
import type { FaultRecord, Process, Recording, Scrape } from './recording';
import { reportOf } from './report/make';
import { soakReport } from './report/schema';
import { scheduleOf } from './schedule';

const HOUR = 3600;
const MIB = 2 ** 20;

const scrapeAt = (at: number, rest: Partial<Scrape> = {}): Scrape => ({
  ...{
    at,
    seconds: 0.1,
    exporter: 'database',
    target: 'pg1',
    failed: null,
    up: true,
    failing: [],
    series: 900,
    stale: [],
  },
  ...{ largest: { name: 'db_locks', series: 40 }, goneSeconds: null, exporterRan: true, ...rest },
});

const fault = (rest: Partial<FaultRecord> = {}): FaultRecord => ({
  ...{ kind: 'node-loss', what: 'kill -9 of pg1', at: 700, mendedAt: 720, wholeAt: 725, wellAt: 727, scrapes: 2 },
  ...{ trouble: null, helped: [], ...rest },
});

/** An hour in which all was well; `leak` adds to what a process holds at a moment. */
const anHour = (
  rest: Partial<Recording> = {},
  leak: (at: number) => Partial<Record<'bytes' | 'fds', number>> = () => ({}),
) => {
  const random = seeded(5);
  const moments = Array.from({ length: HOUR / 10 }, (_, i) => i * 10);
  const processes = moments.map((at): Process => {
    const { bytes = 0, fds = 0 } = leak(at);
    const heapBytes = (60 + 30 * random()) * MIB + bytes;
    const holdings = { residentBytes: 150 * MIB + heapBytes, threads: 11, descriptors: 48 + fds, sockets: 20 + fds };
    return { ...{ at, service: 'exporters', life: '1@2', holdings, heapBytes }, resources: 30 + fds, timers: 12 };
  });
  const recording: Recording = {
    ...{ startedAt: '2026-01-02T03:04:05.000Z', seconds: HOUR, processes, asked: 100, refused: [], backwards: [] },
    scrapes: moments.map((at) => scrapeAt(at)),
    sessions: moments.map((at) => ({ at, where: 'pg1', life: 'a', count: 5 })),
    folders: moments.map((at) => ({ at, files: 14, bytes: 40_000 + at })),
    mirrors: [{ at: 9, what: 'database pg1: db_transactions_total', before: 5, shown: 6, after: 7 }],
    ...{ faults: [fault()], failovers: { timelines: 1, counted: 1 }, unreadable: [] },
    ...rest,
  };
  return recording;
};

const broken = (recording: Recording): string[] =>
  judge(recording).checks.flatMap(({ name, findings }) => (findings.length === 0 ? [] : [name]));

describe('the verdict of a soak', () => {
  it('finds nothing in an hour in which all was well', () => {
    expect(broken(anHour())).toEqual([]);
    expect(judge(anHour()).notJudged).toEqual([]);
  });

  it('finds planted leaks of memory and of descriptors, and says of what and how fast', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 400 }), (perHour) => {
        const { checks } = judge(anHour({}, (at) => ({ bytes: (perHour * MIB * at) / HOUR })));
        expect(checks[0]?.findings.join()).toMatch(/heap in use of exporters: [\d.]+ MiB more each hour/);
      }),
      { numRuns: 10 },
    );
    const { checks } = judge(anHour({}, (at) => ({ fds: Math.floor(at / 400) })));
    expect(checks[0]?.findings.map((text) => text.split(':')[0])).toEqual([
      'open descriptors of exporters',
      'open sockets of exporters',
      'active handles and requests of exporters',
    ]);
  });

  it.each<[string, string, Partial<Recording>]>([
    [
      'a session that stays behind at each fault',
      'leaks',
      { sessions: anHour().sessions.map((one) => ({ ...one, count: 5 + Math.floor(one.at / 300) })) },
    ],
    [
      'drafts that are never removed',
      'leaks',
      { folders: anHour().folders.map((one) => ({ ...one, files: 14 + Math.floor(one.at / 60) })) },
    ],
    [
      'a counter that went back',
      'counters',
      { backwards: [{ at: 1, source: 'database pg1', series: 'db_x_total', from: 2, to: 1 }] },
    ],
    [
      'a counter that its server does not have so',
      'mirrors',
      { mirrors: [{ at: 1, what: 'x', before: 5, shown: 8, after: 7 }] },
    ],
    ['a family beyond its bound', 'series', { scrapes: [scrapeAt(1, { largest: { name: 'db_x', series: 2001 } })] }],
    [
      'a cluster that did not come back',
      'recovery',
      { faults: [fault({ wholeAt: null, wellAt: null, trouble: 'no leader' })] },
    ],
    ['exporters that did not come back', 'recovery', { faults: [fault({ wellAt: null, trouble: 'pool: down' })] }],
    ['exporters that came back late', 'recovery', { faults: [fault({ wellAt: 726 + bounds.recoverySeconds })] }],
    ['a dead server that is shown as up', 'stale', { scrapes: [scrapeAt(1, { goneSeconds: 15 })] }],
    ['values of a target that is down', 'stale', { scrapes: [scrapeAt(1, { up: false, stale: ['db_connections'] })] }],
    ['an exporter that does not answer', 'answers', { scrapes: [scrapeAt(1, { failed: 'too slow' })] }],
    [
      'a question that is not answered',
      'answers',
      { refused: [{ at: 1, url: 'http://x/api/v1/status', why: 'answers 500' }] },
    ],
    [
      'kept state that can’t be read',
      'restarts',
      { unreadable: ['state cannot be read: Unexpected end of JSON input'] },
    ],
    ['failovers that are counted twice', 'restarts', { failovers: { timelines: 1, counted: 2 } }],
  ])('finds %s', (_, name, rest) => {
    expect(broken(anHour(rest))).toEqual([name]);
  });

  it('takes no offence at an exporter that was ended, and none at a server that has only just gone', () => {
    const scrapes = [
      scrapeAt(1, { failed: 'connect ECONNREFUSED 127.0.0.1:9091', exporterRan: true }),
      scrapeAt(2, { failed: 'socket hang up', exporterRan: false }),
      scrapeAt(3, { goneSeconds: 4 }),
      scrapeAt(4, { goneSeconds: 20, up: false }),
    ];
    expect(broken(anHour({ scrapes }))).toEqual([]);
  });

  it('says what it could not judge, rather than that all was well', () => {
    const short = anHour();
    const processes = short.processes.filter(({ at }) => at < 1200);
    expect(judge({ ...short, processes }).notJudged.join()).toContain('heap in use');
    const nothing = {
      ...short,
      processes: [],
      sessions: [],
      folders: [],
      mirrors: [],
      faults: [],
      scrapes: [],
      asked: 0,
    };
    expect(judge(nothing).checks.map(({ judged }) => judged)).not.toContain(true);
  });
});

describe('a mirrored counter', () => {
  it('is right anywhere between two readings of its server, and nowhere else', () => {
    const at = (shown: number) => between(1, 'x', new Map([['a', 5]]), new Map([['a', shown]]), new Map([['a', 7]]));
    expect([4, 5, 6, 7, 8].map((shown) => at(shown).some(isOff))).toEqual([true, false, false, false, true]);
  });
});

describe('what is done next', () => {
  const kinds = ['a', 'b', 'c', 'r', 's'].map((kind) => ({ kind, restartsExporters: kind === 'r' || kind === 's' }));

  it('is every kind once before any is done again, and restarts of the exporters in the first part only', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const next = scheduleOf(kinds, seeded(seed));
        const first = Array.from({ length: 6 }, () => next(0.1)?.kind ?? '');
        expect(first.filter((_, i) => i % 2 === 1).sort()).toEqual(['a', 'b', 'c']);
        expect(new Set(first.filter((_, i) => i % 2 === 0))).toEqual(new Set(['r', 's']));
        const rest = Array.from({ length: 6 }, () => next(0.5)?.kind ?? '');
        expect(rest.slice(0, 3).sort()).toEqual(['a', 'b', 'c']);
        expect(rest.slice(3).sort()).toEqual(['a', 'b', 'c']);
      }),
      { numRuns: 30 },
    );
  });

  it('is nothing where there is nothing left that may be done', () => {
    const next = scheduleOf(
      kinds.filter(({ restartsExporters }) => restartsExporters),
      seeded(1),
    );
    expect([next(0.1), next(0.2)].map((kind) => kind?.restartsExporters)).toEqual([true, true]);
    expect(next(0.5)).toBeUndefined();
  });

  it('is the same for the same seed', () => {
    const run = (): unknown[] => {
      const next = scheduleOf(kinds, seeded(3));
      return Array.from({ length: 9 }, () => next(0.2)?.kind);
    };
    expect(run()).toEqual(run());
  });
});

describe('the report of a soak', () => {
  const machine = { cores: 2, processor: 'x', memoryBytes: 8e9, kernel: '6', system: 'Debian', loadBefore: 0.1 };
  const asked = { minutes: 60, seed: 1, rate: 100, processes: 1 as const, everySeconds: 2 };
  const report = reportOf(
    anHour({ faults: [fault(), fault({ at: 900, wellAt: null, trouble: 'a | b' })] }),
    asked,
    machine,
  );

  it('is what its schema says, whole', () => {
    expect(soakReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(report.passed).toBe(false);
  });

  it('is a page with pictures that fetch nothing, with the faults marked and no number that is none', () => {
    const files = soakPage(report);
    expect(Object.keys(files)).toEqual([
      ...['soak.md', 'images/soak-memory.svg', 'images/soak-descriptors.svg', 'images/soak-sessions.svg'],
    ]);
    for (const text of Object.values(files)) expect(text).not.toMatch(/NaN|Infinity|undefined|url\(/);
    expect(files['images/soak-memory.svg']?.match(/<rect class="event/g)).toHaveLength(2);
    expect(files['soak.md']).toContain('npm run soak -- --minutes 60 --seed 1');
    expect(files['soak.md']).toContain('**1 finding**');
  });
});
