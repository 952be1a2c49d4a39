import fc from 'fast-check';
import { type ActivityTime, rowsOf, type Seen, startActivityTime, takeSample } from './activity-time';

const seen = (wait_event: string, sessions: number, database = 'app'): Seen => ({
  ...{ database, state: 'active', wait_event_type: 'Lock', wait_event, sessions },
});

const secondsOf = (state: ActivityTime): Record<string, number> =>
  Object.fromEntries(rowsOf(state).map(({ kind, seconds }) => [kind.wait_event, seconds]));

/** One sample a second, from a state that has taken `from` of them. */
const takeAll = (state: ActivityTime, samples: readonly (readonly Seen[])[]): ActivityTime =>
  samples.reduce((last, found) => takeSample(last, found, last.samples * 1000, 1), state);

/** What a row grew since it was last read, as Prometheus has it: one that was away, or fell, began at zero. */
const growth = (before: Record<string, number>, now: Record<string, number>): number =>
  Object.entries(now).reduce((sum, [event, seconds]) => {
    const then = before[event] ?? 0;
    return sum + (seconds >= then ? seconds - then : seconds);
  }, 0);

describe('sampled activity', () => {
  it('adds the time since the sample before for each session seen, but never more than two intervals', () => {
    const first = takeSample(startActivityTime(10), [seen('relation', 2)], 0, 1);
    expect(secondsOf(first)).toEqual({ relation: 2 });
    const second = takeSample(first, [seen('relation', 1), seen('tuple', 1)], 1500, 1);
    expect(secondsOf(second)).toEqual({ relation: 3.5, tuple: 1.5 });
    expect(secondsOf(takeSample(second, [seen('tuple', 1)], 60_000, 1))).toEqual({ relation: 3.5, tuple: 3.5 });
  });

  it('keeps the row of what has ended, as long as nothing else needs its place', () => {
    const busy = takeAll(startActivityTime(2), [[seen('relation', 1)], ...Array.from({ length: 50 }, () => [])]);
    expect(secondsOf(busy)).toEqual({ relation: 1 });
  });

  it('gives a row at once to a wait that is new, however long others have been going on before', () => {
    const hour = Array.from({ length: 3600 }, () => [seen('a', 1), seen('b', 1)]);
    const quiet = takeAll(startActivityTime(2), hour);
    const calm = takeSample(quiet, [], quiet.samples * 1000 + 6 * 3_600_000, 1);
    expect(secondsOf(takeSample(calm, [seen('storm', 50)], (calm.lastAt ?? 0) + 1000, 1))).toMatchObject({ storm: 50 });
  });

  it('sums up what has no row by database, under "other"', () => {
    const state = takeAll(startActivityTime(1), [[seen('a', 9)], [seen('b', 1), seen('c', 2, 'web')], [seen('b', 1)]]);
    expect(rowsOf(state).map(({ kind, seconds }) => [kind.database, kind.wait_event, seconds])).toEqual([
      ['app', 'a', 9],
      ['app', 'other', 2],
      ['web', 'other', 2],
    ]);
  });

  it('shows every second sampled once, in a bounded number of rows of which each only grows while it is there', () => {
    const sample = fc.dictionary(fc.constantFrom(...'abcdefghijklmnopqrst'), fc.integer({ min: 1, max: 50 }), {
      maxKeys: 8,
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (samples, limit) => {
        let state = startActivityTime(limit);
        for (const found of samples) {
          const before = secondsOf(state);
          const rows = Object.entries(found).map(([event, sessions]) => seen(event, sessions));
          const stayed = new Set(state.shown.keys());
          state = takeSample(state, rows, state.samples * 1000, 1);
          const now = secondsOf(state);
          expect(growth(before, now)).toBe(rows.reduce((sum, { sessions }) => sum + sessions, 0));
          for (const [key, { kind, seconds }] of state.shown) {
            if (stayed.has(key)) expect(seconds).toBeGreaterThanOrEqual(before[kind.wait_event] ?? Infinity);
          }
          expect(now.other ?? 0).toBeGreaterThanOrEqual(before.other ?? 0);
          expect(state.shown.size).toBeLessThanOrEqual(Math.floor(limit * 1.5));
          expect(state.recent.size).toBeLessThanOrEqual(limit * 10);
        }
      }),
    );
  });
});
