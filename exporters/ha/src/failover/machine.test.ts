import fc from 'fast-check';
import { fold, GAP_MS, nothingWatched, type Watch } from './machine';
import type { Beat, Sight } from './sight';

const EPOCH = 1_795_000_000_000;
const well: Omit<Sight, 'name' | 'at'> = {
  ...{ writable: false, timeline: null, started: 100, postgres: 'answers', patroni: 'answers' },
  ...{ stopping: false, storeLost: false, brokeAt: null },
};
const primary = (name: string, timeline = 1, more: Partial<Sight> = {}) => ({
  name,
  ...well,
  writable: true,
  timeline,
  ...more,
});
const standby = (name: string, more: Partial<Sight> = {}) => ({ name, ...well, ...more });
const gone = (name: string, more: Partial<Sight> = {}) => ({ name, ...well, started: null, ...more });

const beatAt = (at: number, sights: readonly Omit<Sight, 'at'>[], more: Partial<Beat> = {}): Beat => ({
  ...{ at, wall: EPOCH + at, scheduled: false, sights: sights.map((sight) => ({ at, ...sight })) },
  ...more,
});
const run = (...beats: readonly Beat[]): Watch => beats.reduce(fold, nothingWatched);
/** One beat a second, then four while the primary is gone. */
const story = (lost: Partial<Sight>, after: readonly Omit<Sight, 'at'>[], during = 8): Watch =>
  run(
    beatAt(0, [primary('pg1'), standby('pg2')]),
    beatAt(1000, [primary('pg1'), standby('pg2')]),
    ...Array.from({ length: during }, (_, i) => beatAt(2000 + 250 * i, [gone('pg1', lost), standby('pg2')])),
    beatAt(2000 + 250 * during, after),
  );
const promoted = [gone('pg1', { postgres: 'refused' }), primary('pg2', 2)];

describe('a failover', () => {
  it('lasts from the last look with a primary to the first one, as exactly as the looks are close', () => {
    const { records, totals } = story({ postgres: 'refused', patroni: 'refused' }, promoted);
    expect(records).toEqual([
      {
        ...{ startedAt: EPOCH + 1000, detectedAt: EPOCH + 2000, writableAt: EPOCH + 4000 },
        ...{ low: 1.75, high: 3, seconds: 2.375, from: 'pg1', to: 'pg2', timelineBefore: 1, timelineAfter: 2 },
        ...{ outcome: 'failover', planned: false, cause: 'node-loss', sure: 'high' },
        evidence: ['PostgreSQL refused connections', 'Patroni refused connections'],
      },
    ]);
    expect(totals).toMatchObject({ counts: { 'node-loss failover false': 1 }, unwritableSeconds: 2.375 });
  });

  it('begins when our session broke, if that tells it better', () => {
    const { records } = story({ postgres: 'refused', patroni: 'answers', brokeAt: 1900 }, promoted);
    expect(records[0]).toMatchObject({ startedAt: EPOCH + 1900, high: 2.1, cause: 'postmaster-crash' });
  });

  it.each<[string, Partial<Sight>, string]>([
    ['PostgreSQL is gone and Patroni is not', { postgres: 'refused' }, 'postmaster-crash'],
    ['both are gone and the host answers', { postgres: 'refused', patroni: 'refused' }, 'node-loss'],
    ['connections are taken and nobody speaks', { postgres: 'silent', patroni: 'silent' }, 'hang'],
    ['PostgreSQL alone says nothing', { postgres: 'silent' }, 'hang'],
    ['not even the host answers', { postgres: 'unreachable', patroni: 'unreachable' }, 'network'],
    ['it was stopped in order', { postgres: 'refused', stopping: true }, 'switchover'],
    ['its Patroni had lost the store', { postgres: 'starting', stopping: true, storeLost: true }, 'dcs'],
    ['there is no Patroni', { postgres: 'refused', patroni: null }, 'postmaster-crash'],
    ['nothing is known of it', { postgres: null, patroni: null }, 'unknown'],
  ])('where %s has its cause', (_, lost, cause) => {
    expect(story(lost, promoted).records).toMatchObject([{ cause }]);
  });

  it('within one beat is seen, and took no longer than that', () => {
    const { records } = run(
      beatAt(0, [primary('pg1'), standby('pg2')]),
      beatAt(1000, [standby('pg1', { stopping: true }), primary('pg2', 2)]),
    );
    expect(records).toMatchObject([{ low: 0, high: 1, seconds: 0.5, cause: 'switchover', planned: true }]);
  });

  it('to the same server on another timeline is one', () => {
    const { records } = story({ postgres: 'starting', storeLost: true }, [primary('pg1', 2, { started: 200 })]);
    expect(records).toMatchObject([{ from: 'pg1', to: 'pg1', outcome: 'failover', cause: 'dcs' }]);
  });

  it('that happened while nobody looked is known, and not how long it took', () => {
    const { watch } = { watch: run(beatAt(0, [primary('pg1')])) };
    const restarted: Watch = { ...watch, lastWritable: null, lastAt: null };
    const { records } = fold(restarted, beatAt(60_000, [standby('pg1'), primary('pg2', 2)]));
    expect(records).toMatchObject([{ startedAt: null, seconds: null, low: null, from: 'pg1', to: 'pg2' }]);
    const asleep = run(
      beatAt(0, [primary('pg1')]),
      beatAt(GAP_MS * 3, [gone('pg1', { postgres: 'refused' }), standby('pg2')]),
      beatAt(GAP_MS * 3 + 250, promoted),
    );
    expect(asleep.records).toMatchObject([{ seconds: null, outcome: 'failover' }]);
  });
});

describe('what is no failover', () => {
  it('is a restart in place, be it shorter than a beat', () => {
    const beats = [beatAt(0, [primary('pg1'), standby('pg2')]), beatAt(1000, [primary('pg1'), standby('pg2')])];
    const back = primary('pg1', 1, { started: 200, brokeAt: 1200, stopping: true });
    const { records } = run(...beats, beatAt(2000, [back, standby('pg2')]));
    expect(records).toMatchObject([
      { cause: 'restart', planned: true, outcome: 'return', startedAt: EPOCH + 1200, low: 0, high: 0.8 },
    ]);
    // A session alone that broke is none.
    const ended = primary('pg1', 1, { brokeAt: 1200 });
    expect(run(...beats, beatAt(2000, [ended, standby('pg2')])).records).toEqual([]);
  });

  it('is a restart in place, which is counted apart', () => {
    const back = [primary('pg1', 1, { started: 200 }), standby('pg2')];
    expect(story({ postgres: 'refused' }, back).records).toMatchObject([
      { outcome: 'return', cause: 'postmaster-crash', from: 'pg1', to: 'pg1' },
    ]);
    expect(story({ postgres: 'refused', stopping: true }, back).records).toMatchObject([
      { cause: 'restart', planned: true },
    ]);
  });

  it('is a primary that is slow for a moment; one that is for longer hung', () => {
    const same = [primary('pg1'), standby('pg2')];
    expect(story({ postgres: 'silent' }, same, 4).records).toEqual([]);
    expect(story({ postgres: 'silent' }, same, 12).records).toMatchObject([{ cause: 'hang', outcome: 'return' }]);
  });

  it('is our own network that is away', () => {
    const cut = { postgres: 'unreachable', patroni: 'unreachable' } as const;
    const { records } = run(
      beatAt(0, [primary('pg1'), standby('pg2')]),
      ...Array.from({ length: 40 }, (_, i) => beatAt(1000 + 250 * i, [gone('pg1', cut), gone('pg2', cut)])),
      beatAt(11_000, [primary('pg1'), standby('pg2')]),
    );
    expect(records).toEqual([]);
  });

  it('is an old primary that comes back on its old timeline', () => {
    const { records, primary: now } = run(
      beatAt(0, [primary('pg1', 3), standby('pg2')]),
      beatAt(250, [primary('pg1', 3), primary('pg2', 2)]),
      beatAt(500, [gone('pg1', { postgres: 'silent' }), primary('pg2', 2)]),
      beatAt(750, [primary('pg1', 3), primary('pg2', 2)]),
    );
    expect(records).toEqual([]);
    expect(now?.name).toBe('pg1');
  });

  it('is a member whose API and server are found to be one under another name', () => {
    const { records } = run(
      beatAt(0, [primary('10.0.0.1:8008', 1, { started: 100 })]),
      beatAt(1000, [primary('pg1', 1, { started: 100 })]),
    );
    expect(records).toEqual([]);
  });
});

describe('a split brain', () => {
  const both = [primary('pg1', 1, { patroni: 'refused' }), primary('pg2', 2, { started: 200 })];

  it('is two that can be written to in two beats running, and is over when one of them is', () => {
    const beats = [beatAt(0, [primary('pg1'), standby('pg2')]), beatAt(250, both)];
    expect(run(...beats).splits).toEqual([]);
    const split = run(...beats, beatAt(500, both), beatAt(750, both));
    expect(split.splits).toEqual([{ startedAt: EPOCH + 250, endedAt: null, seconds: 0.5, members: ['pg1', 'pg2'] }]);
    expect(split.totals.splitSeconds).toBe(0.5);
    const over = fold(split, beatAt(1000, [standby('pg1'), primary('pg2', 2)]));
    expect(over.splits).toMatchObject([{ endedAt: EPOCH + 750 }]);
    expect(over.doubt).toBeNull();
  });

  it('is a failover without a gap, because Patroni is dead and its PostgreSQL is not', () => {
    const { records } = run(beatAt(0, [primary('pg1'), standby('pg2')]), beatAt(250, both), beatAt(500, both));
    expect(records).toMatchObject([{ cause: 'patroni-loss', seconds: 0, low: 0, high: 0, from: 'pg1', to: 'pg2' }]);
  });
});

/** A cluster that does what clusters do, and how it looks beat by beat. */
const scenes = fc.array(
  fc.record({
    state: fc.constantFrom('well', 'well', 'well', 'lost', 'promote', 'restart', 'split'),
    beats: fc.integer({ min: 1, max: 12 }),
    reach: fc.constantFrom('refused', 'silent', 'unreachable', 'starting', null),
    every: fc.integer({ min: 100, max: 1500 }),
  }),
  { maxLength: 25 },
);

describe('whatever happens', () => {
  it('there is one record for each outage, none overlap, and none is negative', () => {
    fc.assert(
      fc.property(scenes, (told) => {
        const names = ['pg1', 'pg2'] as const;
        let [at, leader, timeline, started] = [0, 0, 1, 100];
        let lost = false;
        let expected = 0;
        let watch = fold(nothingWatched, beatAt(0, [primary('pg1', 1, { started }), standby('pg2')]));
        for (const { state, beats, reach, every } of told) {
          if (state === 'promote') {
            [leader, timeline, started] = [1 - leader, timeline + 1, started + 1];
            expected += 1;
          }
          if (state === 'restart') {
            started += 1;
            if (lost) expected += 1;
          }
          // The same server going on is a record only if it was away; a restart that nobody saw is none.
          if (state === 'lost') lost = true;
          else if (lost && (state === 'well' || state === 'split')) {
            started += 1;
            expected += 1;
          }
          if (state !== 'lost') lost = false;
          for (let i = 0; i < beats; i += 1) {
            at += every;
            const [own, other] = [names[leader] ?? 'pg1', names[1 - leader] ?? 'pg2'];
            const sights = [
              state === 'lost' ? gone(own, { postgres: reach }) : primary(own, timeline, { started }),
              state === 'split' ? primary(other, timeline - 1, { started: 1 }) : standby(other),
            ];
            watch = fold(watch, beatAt(at, sights));
          }
        }
        expect(watch.records.length).toBe(Math.min(100, expected));
        let end = -Infinity;
        for (const one of watch.records) {
          const start = one.startedAt ?? one.detectedAt;
          expect(start).toBeGreaterThanOrEqual(end);
          expect(one.detectedAt).toBeGreaterThanOrEqual(start);
          expect(one.writableAt).toBeGreaterThanOrEqual(one.detectedAt);
          if (one.seconds !== null) {
            expect(one.low).toBeGreaterThanOrEqual(0);
            expect(one.seconds).toBeGreaterThanOrEqual(one.low ?? NaN);
            expect(one.seconds).toBeLessThanOrEqual(one.high ?? NaN);
            expect(one.high).toBeCloseTo((one.writableAt - start) / 1000, 6);
          }
          end = one.writableAt;
        }
        expect(watch.totals.splitSeconds).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });

  it('any sights at all leave records in order and times that are not negative', () => {
    const sight = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      writable: fc.constantFrom(true, false, null),
      timeline: fc.option(fc.integer({ min: 1, max: 4 })),
      started: fc.option(fc.integer({ min: 1, max: 3 })),
      postgres: fc.constantFrom('answers', 'refused', 'silent', 'unreachable', 'starting', null),
      patroni: fc.constantFrom('answers', 'refused', 'silent', null),
      stopping: fc.boolean(),
      storeLost: fc.constantFrom(true, false, null),
      broke: fc.boolean(),
      early: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const beats = fc.array(
      fc.record({
        after: fc.integer({ min: 1, max: 7000 }),
        sights: fc.uniqueArray(sight, { maxLength: 3, selector: ({ name }) => name }),
        scheduled: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(beats, (all) => {
        let at = 0;
        let watch = nothingWatched;
        for (const { after, sights, scheduled } of all) {
          const before = at;
          at += after;
          const seen = sights.map(({ early, broke, ...one }): Sight => {
            const moment = at - after * early;
            return { ...one, at: moment, brokeAt: broke ? (before + moment) / 2 : null };
          });
          watch = fold(watch, { at, wall: EPOCH + at, scheduled, sights: seen });
        }
        let end = -Infinity;
        for (const { startedAt, detectedAt, writableAt, seconds, low, high } of watch.records) {
          expect(startedAt ?? detectedAt).toBeGreaterThanOrEqual(end - 1e-3);
          expect(writableAt).toBeGreaterThanOrEqual(detectedAt);
          if (startedAt !== null) expect(detectedAt).toBeGreaterThanOrEqual(startedAt - 1e-3);
          for (const value of [seconds, low, high]) if (value !== null) expect(value).toBeGreaterThanOrEqual(0);
          end = writableAt;
        }
        for (const { seconds } of watch.splits) expect(seconds).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });
});
