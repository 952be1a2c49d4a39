import fc from 'fast-check';
import { type Kind, keyOf, nothingRanked, rank, type Ranking } from './ranking';

type Row = { readonly name: string; readonly reads: number; readonly writes: number };
type Counter = 'reads' | 'writes';

const kind: Kind<Row, Counter> = {
  nameOf: ({ name }) => name,
  counters: ['reads', 'writes'],
  effort: ({ reads }) => reads,
  readingLimit: 100,
};
const DATABASE = 'app';

const take = (before: Ranking<Row, Counter>, rows: readonly Row[], limit: number): Ranking<Row, Counter> =>
  rank(kind, before, new Map([[DATABASE, rows]]), limit);

/** What happens to one table between two readings: work, a reset of its statistics, or it isn't there. */
const event = fc.oneof(
  { weight: 6, arbitrary: fc.nat(1000).map((work) => ({ kind: 'work', work }) as const) },
  { weight: 1, arbitrary: fc.nat(1000).map((work) => ({ kind: 'reset', work }) as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'absent', work: 0 } as const) },
);
const history = fc.integer({ min: 1, max: 8 }).chain((tables) =>
  fc.record({
    limit: fc.integer({ min: 1, max: 5 }),
    rounds: fc.array(fc.array(event, { minLength: tables, maxLength: tables }), { minLength: 2, maxLength: 12 }),
  }),
);

/** Plays a history; returns the readings, each table with its counters as the server would show them. */
const play = (rounds: readonly (readonly { kind: string; work: number }[])[]): Row[][] => {
  const counts = new Map<number, number>();
  return rounds.map((round) =>
    round.flatMap(({ kind: what, work }, table) => {
      if (what === 'absent') {
        counts.delete(table);
        return [];
      }
      const now = (what === 'reset' ? 0 : (counts.get(table) ?? 0)) + work;
      counts.set(table, now);
      return [{ name: `t${table}`, reads: now, writes: 2 * now }];
    }),
  );
};

/** As Prometheus has it: a lower value is a reset, and counts from zero. */
const increase = (then: number, now: number): number => (now >= then ? now - then : now);

describe('ranking', () => {
  it('never lets the sum of the others go backwards, whatever comes, goes, is reset or moves', () => {
    fc.assert(
      fc.property(history, ({ rounds, limit }) => {
        let state = nothingRanked<Row, Counter>();
        for (const rows of play(rounds)) {
          const before = state.others.get(DATABASE);
          state = take(state, rows, limit);
          const after = state.others.get(DATABASE);
          expect(after?.reads).toBeGreaterThanOrEqual(before?.reads ?? 0);
          expect(after?.writes).toBeGreaterThanOrEqual(before?.writes ?? 0);
        }
      }),
    );
  });

  it('counts every growth once: in the object’s own series, or in the sum', () => {
    fc.assert(
      fc.property(history, ({ rounds, limit }) => {
        let state = nothingRanked<Row, Counter>();
        let last: Map<string, Row> | undefined;
        for (const rows of play(rounds)) {
          const before = state;
          state = take(state, rows, limit);
          if (last !== undefined) {
            const then = last;
            const all = rows.reduce((sum, row) => sum + increase(then.get(row.name)?.reads ?? 0, row.reads), 0);
            const own = rows
              .filter(({ name }) => [before, state].every(({ shown }) => shown.has(keyOf(DATABASE, name))))
              .reduce((sum, row) => sum + increase(then.get(row.name)?.reads ?? 0, row.reads), 0);
            const others = (state.others.get(DATABASE)?.reads ?? 0) - (before.others.get(DATABASE)?.reads ?? 0);
            expect(own + others).toBe(all);
          }
          last = new Map(rows.map((row) => [row.name, row]));
        }
      }),
    );
  });

  it('shows no more than its patience allows', () => {
    fc.assert(
      fc.property(history, ({ rounds, limit }) => {
        let state = nothingRanked<Row, Counter>();
        for (const rows of play(rounds)) {
          state = take(state, rows, limit);
          expect(state.shown.size).toBeLessThanOrEqual(Math.max(limit, Math.floor(limit * 1.5)));
        }
      }),
    );
  });

  it('ranks by what was done lately, and a lifetime of work only breaks ties', () => {
    const first = take(nothingRanked(), [row('old', 1_000_000), row('new', 10), row('idle', 5)], 1);
    expect([...first.shown]).toEqual([keyOf(DATABASE, 'old')]);
    const second = take(first, [row('old', 1_000_000), row('new', 500), row('idle', 5)], 1);
    expect([...second.shown]).toEqual([keyOf(DATABASE, 'new')]);
    const quiet = take(nothingRanked(), [row('b', 7), row('a', 3)], 1);
    expect([...take(quiet, [row('b', 7), row('a', 3)], 1).shown]).toEqual([keyOf(DATABASE, 'b')]);
  });

  it('does not take what comes into a cut-off reading for new', () => {
    const few: Kind<Row, Counter> = { ...kind, readingLimit: 2 };
    const of = (rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> => new Map([[DATABASE, rows]]);
    const first = rank(few, nothingRanked<Row, Counter>(), of([row('a', 100), row('b', 50)]), 1);
    const second = rank(few, first, of([row('a', 100), row('c', 1000)]), 1);
    expect(second.others.get(DATABASE)?.reads).toBe(0);
  });

  it('starts a database anew that was away', () => {
    const first = take(nothingRanked(), [row('a', 1), row('b', 1)], 1);
    const away = rank(kind, first, new Map(), 1);
    expect(away.others.size).toBe(0);
    expect(take(away, [row('a', 90), row('b', 90)], 1).others.get(DATABASE)?.reads).toBe(0);
  });

  const row = (name: string, reads: number): Row => ({ name, reads, writes: 0 });
});
