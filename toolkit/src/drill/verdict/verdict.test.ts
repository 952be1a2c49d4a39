import fc from 'fast-check';
import type { DrillPath } from '@submilli/core';
import { duplicatesOf, lostOf } from './losses';
import { longestStall, outageIn } from './outage';
import { splitBrainsOf } from './split-brain';
import type { Acknowledged, Kept } from './writes';

const write = (change: Partial<Acknowledged> = {}): Acknowledged => {
  const due = change.due ?? 0;
  const sent = change.sent ?? due;
  return { path: 'pool', seq: 0, due, sent, at: sent + 1, member: 'pg1', timeline: 1, ...change };
};

/** One every 10 ms from `from` on, each acknowledged a millisecond after it was sent. */
const steady = (from: number, count: number, change: Partial<Acknowledged> = {}): Acknowledged[] =>
  Array.from({ length: count }, (_, i) => write({ seq: from + i, due: from + i * 10, ...change }));

const keptOf = (writes: readonly Acknowledged[], copies = 1): Kept => {
  const kept = new Map<DrillPath, Map<number, number>>();
  for (const { path, seq } of writes) kept.set(path, (kept.get(path) ?? new Map<number, number>()).set(seq, copies));
  return kept;
};

describe('the outage of a path', () => {
  const before = Array.from({ length: 20 }, (_, i) => i * 10);
  const after = Array.from({ length: 20 }, (_, i) => 3190 + i * 10);

  it('lasts from the last acknowledged write before it to the first after it', () => {
    expect(outageIn([...before, ...after], { from: 195, to: 3300 }, 50)).toEqual({ from: 190, to: 3190 });
  });

  it('is the longest one that overlaps the fault, not one before or after', () => {
    const times = [0, 500, 510, 900, 910, 920, 5000];
    expect(outageIn(times, { from: 600, to: 915 }, 50)).toEqual({ from: 510, to: 900 });
  });

  it('is not known when no write comes after it', () => {
    expect(outageIn(before, { from: 195, to: 4000 }, 50)).toBeUndefined();
    // However long the gaps were that it had before it fell silent for good.
    expect(outageIn([...before, 600, 610], { from: 195, to: 4000 }, 50)).toBeUndefined();
  });

  it('is not known when no write came before it', () => {
    expect(outageIn([...after], { from: 195, to: 3300 }, 50)).toBeUndefined();
  });

  it('is none when nobody waited for longer than usual', () => {
    expect(outageIn([0, 10, 20, 60, 70], { from: 0, to: 70 }, 50)).toBeUndefined();
  });

  it('is never shorter than any other gap that overlaps the fault, whatever the writes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: 0, max: 5000 }),
        (times, from, lasts) => {
          const [first, last] = [Math.min(...times), Math.max(...times)];
          const window = { from: Math.max(from, first), to: Math.max(first, Math.min(from + lasts, last)) };
          const found = outageIn(times, window, 50);
          const sorted = times.toSorted((a, b) => a - b);
          const overlapping = sorted
            .slice(1)
            .map((to, i) => ({ from: sorted[i] ?? 0, to }))
            .filter((gap) => gap.to >= window.from && gap.from <= window.to && gap.to - gap.from > 50);
          const longest = Math.max(0, ...overlapping.map((gap) => gap.to - gap.from));
          expect(found === undefined ? 0 : found.to - found.from).toBe(longest);
        },
      ),
    );
  });
});

describe('the longest stall', () => {
  it('counts from when a write was due, so that a client that was held up hides nothing', () => {
    expect(longestStall([write({ due: 100, sent: 900, at: 950 }), write({ due: 0, at: 5 })])).toBe(850);
  });

  it('is not known without an acknowledged write', () => {
    expect(longestStall([])).toBeUndefined();
  });
});

describe('lost writes', () => {
  it('are those that were acknowledged and are not there, and no others', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 500 })), fc.func(fc.boolean()), (seqs, isKept) => {
        const acknowledged = seqs.map((seq) => write({ seq }));
        const kept = keptOf(acknowledged.filter(({ seq }) => isKept(seq)));
        expect(lostOf(acknowledged, kept).map(({ seq }) => seq)).toEqual(seqs.filter((seq) => !isKept(seq)));
      }),
    );
  });

  it('are told by path: the same number on another path is another write', () => {
    const acknowledged = [write({ seq: 7 }), write({ seq: 7, path: 'multi-host' })];
    expect(lostOf(acknowledged, keptOf([write({ seq: 7 })]))).toEqual([acknowledged[1]]);
  });

  it('are not those that nobody acknowledged: there or not, nobody was promised anything', () => {
    const kept = keptOf([write({ seq: 1 }), write({ seq: 2 })]);
    expect(lostOf([write({ seq: 1 })], kept)).toEqual([]);
  });
});

it('a write that is there twice is a duplicate', () => {
  expect(duplicatesOf(keptOf([write({ seq: 3 })], 2))).toEqual([{ path: 'pool', seq: 3 }]);
  expect(duplicatesOf(keptOf([write({ seq: 3 })], 1))).toEqual([]);
});

describe('split brain', () => {
  const first = steady(0, 50);
  const second = steady(2000, 50, { member: 'pg2', timeline: 2 });

  it('is not a failover: one stops before the other begins', () => {
    expect(splitBrainsOf([...first, ...second])).toEqual([]);
  });

  it('is when the old primary acknowledges what it was sent after the new one has acknowledged', () => {
    const late = write({ seq: 9999, due: 2100, at: 2140 });
    expect(splitBrainsOf([...first, ...second, late])).toEqual([{ from: 2100, to: 2140, members: ['pg1', 'pg2'] }]);
  });

  it('is not an acknowledgement that a hung primary still had in its hands', () => {
    const held = write({ seq: 49, due: 490, sent: 490, at: 9000 });
    expect(splitBrainsOf([...first, ...second, held])).toEqual([]);
  });

  it('is not a primary that becomes one again, on a timeline of its own', () => {
    expect(splitBrainsOf([...first, ...second, ...steady(4000, 50, { timeline: 3 })])).toEqual([]);
  });

  it('is found in whatever order the writes are, and for as many members as there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 1000 }), (count, seed) => {
        const old = steady(2000, count, { seq: 5000 });
        const all = [...first, ...second, ...old].toSorted(
          (a, b) => ((a.due * 31 + seed) % 97) - ((b.due * 31 + seed) % 97),
        );
        const found = splitBrainsOf(all);
        // The new one's first acknowledgement came at 2001: what the old one was sent later makes it one.
        expect(found).toHaveLength(count > 1 ? 1 : 0);
      }),
    );
  });
});
