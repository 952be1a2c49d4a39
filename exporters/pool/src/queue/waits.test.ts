import { histogramValue } from '@submilli/core';
import fc from 'fast-check';
import { type Beat, foldWaits, noWaits, type Waiting, type Waits } from './waits';

const client = (waitedMs: number, key = 'a'): Waiting => ({ key, database: 'app', user: 'trader', waitedMs });

/** A beat that asked at `at` and was answered a millisecond later. */
const read = (at: number, ...waiting: readonly Waiting[]): Beat => ({
  ...{ outcome: 'read', waiting, asked: at, answered: at + 1, rest: 0 },
});
const empty: Beat = { outcome: 'empty' };
const skipped: Beat = { outcome: 'skipped' };

const after = (...beats: readonly Beat[]): Waits => beats.reduce(foldWaits, noWaits);

const shown = (state: Waits): { count: number; sum: number } => {
  const values = [...state.queues.values()].map(({ histogram }) => histogramValue(histogram));
  const sum = (of: (value: (typeof values)[number]) => number) => values.reduce((all, value) => all + of(value), 0);
  return { count: sum((value) => value.count), sum: Math.round(sum((value) => value.sum) * 1e6) / 1e6 };
};

describe('waits seen in the queue', () => {
  it('are counted when they are over, once, with the longest time seen', () => {
    const during = [read(0, client(10)), read(250, client(260)), read(500, client(510))];
    expect(shown(after(...during))).toEqual({ count: 0, sum: 0 });
    expect(shown(after(...during, empty))).toEqual({ count: 1, sum: 0.51 });
    expect(shown(after(...during, empty, empty))).toEqual({ count: 1, sum: 0.51 });
  });

  it('are two when a client waits again before the next look, in the same second or not', () => {
    expect(shown(after(read(0, client(100)), read(250, client(40)), empty))).toEqual({ count: 2, sum: 0.14 });
    expect(shown(after(read(0, client(10)), read(250, client(200)), empty))).toEqual({ count: 2, sum: 0.21 });
    expect(shown(after(read(0, client(10)), read(250, client(260, 'a later')), empty))).toEqual({
      count: 2,
      sum: 0.27,
    });
  });

  it('stay one when an answer was long on its way', () => {
    const slow: Beat = { ...{ outcome: 'read', waiting: [client(10)], asked: 0, answered: 400, rest: 0 } };
    expect(shown(after(slow, read(401, client(30)), empty))).toEqual({ count: 1, sum: 0.03 });
  });

  it('go on while nobody looks, and are over when nobody waits', () => {
    const seen = [read(0, client(10)), skipped, skipped];
    expect(shown(after(...seen, read(750, client(760)), empty))).toEqual({ count: 1, sum: 0.76 });
    expect(shown(after(...seen, empty))).toEqual({ count: 1, sum: 0.01 });
  });

  it('for a login, of which PgBouncer gives no time, last as long as they were seen', () => {
    expect(shown(after(read(0, client(0)), read(250, client(0)), read(500, client(0)), empty))).toEqual({
      ...{ count: 1, sum: 0.499 },
    });
  });

  it('are told by what was looked at', () => {
    expect(after(empty, read(0), skipped, skipped).beats).toEqual({ empty: 1, read: 1, skipped: 2 });
  });

  it('count the rest down only while it is skipped', () => {
    const busy: Beat = { outcome: 'read', waiting: [], asked: 0, answered: 20, rest: 2 };
    expect([after(busy).rest, after(busy, skipped).rest, after(busy, empty).rest]).toEqual([2, 1, 0]);
  });

  it('of more queues than are shown are summed up, and none is lost', () => {
    const users = Array.from({ length: 60 }, (_, i) => ({ ...client(5, String(i)), user: `u${i}` }));
    const state = after(read(0, ...users), empty);
    expect(state.queues.size).toBe(51);
    expect(shown(state).count).toBe(60);
    expect(state.queues.has('other\0other')).toBe(true);
  });

  /** What really happened: each client waits, works for 50 ms or more, waits again. */
  const life = fc.array(
    fc.record({ works: fc.integer({ min: 50, max: 900 }), waits: fc.integer({ min: 0, max: 2000 }) }),
    { maxLength: 12 },
  );
  /** When we look: the pause, how long the answer takes, and where in that time PgBouncer read its clock. */
  const looks = fc.array(
    fc.record({
      pause: fc.integer({ min: 1, max: 600 }),
      takes: fc.integer({ min: 0, max: 10 }),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      skip: fc.boolean(),
    }),
    { maxLength: 40 },
  );

  type Wait = { readonly client: number; readonly from: number; readonly to: number };

  const waitsOf = (lives: readonly (readonly { works: number; waits: number }[])[]): Wait[] =>
    lives.flatMap((parts, of) => {
      let now = 0;
      return parts.map(({ works, waits }) => {
        const from = now + works;
        now = from + waits;
        return { client: of, from, to: now };
      });
    });

  const play = (all: readonly Wait[], when: readonly { pause: number; takes: number; at: number; skip: boolean }[]) => {
    const seen = new Map<Wait, number>();
    const states = [noWaits];
    let now = 0;
    for (const { pause, takes, at, skip } of when) {
      const asked = now + pause;
      const [answered, there] = [asked + takes, asked + takes * at];
      now = answered;
      const waiting = all.filter(({ from, to }) => from <= there && there < to);
      if (!skip) for (const wait of waiting) seen.set(wait, there - wait.from);
      const rows = waiting.map((wait) => {
        const second = Math.floor(wait.from / 1000); // request_time has no more
        return client(there - wait.from, `${wait.client} ${second}`);
      });
      const beat: Beat =
        rows.length === 0
          ? empty
          : skip
            ? skipped
            : { ...{ outcome: 'read', waiting: rows, asked, answered, rest: 0 } };
      states.push(foldWaits(states.at(-1) ?? noWaits, beat));
    }
    states.push(foldWaits(states.at(-1) ?? noWaits, empty));
    return { seen, states };
  };

  it('are each counted exactly once, never longer than they were, whenever we look', () => {
    fc.assert(
      fc.property(fc.array(life, { maxLength: 4 }), looks, (lives, when) => {
        const { seen, states } = play(waitsOf(lives), when);
        const { count, sum } = shown(states.at(-1) ?? noWaits);
        expect(count).toBe(seen.size);
        expect(sum).toBeCloseTo([...seen.values()].reduce((all, ms) => all + ms, 0) / 1000, 3);
      }),
      { numRuns: 500 },
    );
  });

  it('never make a counter fall', () => {
    fc.assert(
      fc.property(fc.array(life, { maxLength: 3 }), looks, (lives, when) => {
        const { states } = play(waitsOf(lives), when);
        const counts = states.map((state) => shown(state).count);
        expect(counts.every((n, i) => i === 0 || n >= (counts[i - 1] ?? NaN))).toBe(true);
      }),
    );
  });
});
