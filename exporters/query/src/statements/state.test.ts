import { chooseShown } from '@submilli/core';
import fc from 'fast-check';
import { entryOf, lookOf, readingOf, take } from '../../test/statements';
import { OTHER, startState, type StatementsState, takeReading, textOf, windowOf } from './state';

const NO_LOOKS = { looks: new Map(), tookMs: 1, failed: false };

const rowsOf = ({ totals, rest }: StatementsState): Record<string, number> =>
  Object.fromEntries([...totals.values(), ...rest.values()].map(({ interval }) => [interval.queryid, interval.calls]));

const sumOf = ({ totals, rest }: StatementsState): number =>
  [...totals.values(), ...rest.values()].reduce((sum, { interval }) => sum + interval.calls, 0);

describe('statements over time', () => {
  it('count nothing at the first reading: what was before is not ours to claim', () => {
    const state = take([readingOf([entryOf('1', 1000)])]);
    expect(state.calls.get('app')).toBe(0);
    expect(rowsOf(state)).toEqual({ [OTHER]: 0 });
  });

  it('show the first by themselves and sum up the rest, each row from zero', () => {
    const beats = [0, 1, 2].map((n) =>
      readingOf([entryOf('1', 40 * n), entryOf('2', 30 * n), entryOf('3', 20 * n), entryOf('4', 10 * n)]),
    );
    const entered = take(beats.slice(0, 2), startState(60, 2));
    expect(rowsOf(entered)).toEqual({ 1: 0, 2: 0, [OTHER]: 100 });
    expect(rowsOf(take(beats.slice(2), entered))).toEqual({ 1: 40, 2: 30, [OTHER]: 130 });
  });

  it('never lose or invent a call, and never go backwards, whatever is called, evicted, typed late or reset', () => {
    const move = fc.record({
      ...{ id: fc.integer({ min: 1, max: 8 }), calls: fc.integer({ min: 0, max: 50 }) },
      ...{ evict: fc.boolean(), typed: fc.boolean() },
    });
    const step = fc.record({ moves: fc.array(move, { maxLength: 8 }), reset: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
        let state = takeReading(startState(5, 2), readingOf([]), 0);
        const live = new Map<number, { calls: number; since: number }>();
        let truth = 0;
        steps.forEach(({ moves, reset }, i) => {
          if (reset) live.clear();
          for (const { id, calls, evict } of moves) {
            if (evict) live.delete(id);
            const now = live.get(id) ?? { calls: 0, since: i + 1 };
            live.set(id, { ...now, calls: now.calls + calls });
          }
          const before = state;
          const entries = [...live].map(([id, { calls, since }]) => entryOf(String(id), calls, { since }));
          const typed = moves.filter((one) => one.typed).map(({ id }) => [String(id), lookOf('select')] as const);
          const texts = { looks: new Map(typed), tookMs: 1, failed: false };
          state = takeReading(
            state,
            readingOf(entries, { texts, info: { statsReset: reset ? i : 0 } }),
            i * 1000 + 1000,
          );
          truth += [...state.beat.values()].reduce((sum, { calls }) => sum + calls, 0);
          const waiting = [...state.waiting.values()].reduce((sum, { calls }) => sum + calls, 0);
          expect(state.calls.get('app') ?? 0).toBe(truth);
          // A statement that leaves the ranking takes its row with it, so what counts is the growth of those that stay.
          const growth = (['totals', 'rest'] as const).flatMap((name) =>
            [...state[name]].map(
              ([key, { interval }]) => interval.calls - (before[name].get(key)?.interval.calls ?? 0),
            ),
          );
          expect(growth.every((grown) => grown >= 0)).toBe(true);
          const waited = [...before.waiting.values()].reduce((sum, { calls }) => sum + calls, 0);
          const beat = [...state.beat.values()].reduce((sum, { calls }) => sum + calls, 0);
          expect(growth.reduce((sum, grown) => sum + grown, 0)).toBe(beat + waited - waiting);
          const kinds = [...state.durations.values()].reduce((sum, { interval }) => sum + interval.calls, 0);
          expect(kinds + waiting).toBe(truth);
          expect(state.totals.size).toBeLessThanOrEqual(2 * 1.5);
        });
      }),
    );
  });

  it('see no spike when pg_stat_statements is reset, all of it or one entry', () => {
    const state = take([
      readingOf([entryOf('1', 1000), entryOf('2', 1000)]),
      readingOf([entryOf('1', 1010), entryOf('2', 1000)]),
      readingOf([entryOf('1', 5), entryOf('2', 1001)], { info: { statsReset: 1 } }),
      readingOf([entryOf('1', 4)], { info: { statsReset: 2 } }),
    ]);
    expect(state.calls.get('app')).toBe(10 + 5 + 1 + 4);
    expect(windowOf(state).seconds).toBe(3);
  });

  it('see that an entry was made anew even if it was called more often since, by any of its counters', () => {
    const state = take([
      readingOf([entryOf('1', 10, { counters: { hit: 500 } })]),
      readingOf([entryOf('1', 12, { counters: { hit: 120 } })]),
    ]);
    expect(windowOf(state).intervals.get('1 app')?.calls).toBe(12);
  });

  it('keep the planning of a call that is counted only later', () => {
    const planned = (calls: number, plans: number) => entryOf('1', calls, { counters: { plans } });
    const state = take([
      readingOf([]),
      ...[planned(0, 1), planned(1, 1), planned(1, 2), planned(2, 2)].map((one) => readingOf([one])),
    ]);
    expect(windowOf(state).intervals.get('1 app')).toMatchObject({ calls: 2, counters: { plans: 2 } });
  });

  it('compare nothing across an update of the extension, and go on after it', () => {
    const columns = { version: '1.12', names: [] };
    const updated = take([
      readingOf([entryOf('1', 10)]),
      readingOf([entryOf('1', 30, { since: 5 })], { columns }),
      readingOf([entryOf('1', 34, { since: 5 })], { columns }),
    ]);
    expect(updated.calls.get('app')).toBe(4);
  });

  it('count calls at once, and under their type when that becomes known', () => {
    const waiting = take([
      readingOf([]),
      readingOf([entryOf('1', 10)], { texts: NO_LOOKS }),
      readingOf([entryOf('1', 20)], { texts: NO_LOOKS }),
    ]);
    expect(waiting.calls.get('app')).toBe(20);
    expect(sumOf(waiting)).toBe(0);
    const looks = new Map([['1', lookOf('update')]]);
    const state = takeReading(waiting, readingOf([entryOf('1', 30)], { texts: { ...NO_LOOKS, looks } }), 9000);
    expect([...state.durations.values()].map(({ interval, type }) => [type, interval.calls])).toEqual([['update', 30]]);
    expect(sumOf(state)).toBe(30);
  });

  it('do not wait for types that cannot be had', () => {
    const state = take([readingOf([]), readingOf([entryOf('1', 10)], { texts: { ...NO_LOOKS, failed: true } })]);
    expect([...state.durations.values()].map(({ interval, type }) => [type, interval.calls])).toEqual([['other', 10]]);
  });

  it('leave those about the system itself out of the window and of the ranking, but not out of the sums', () => {
    const texts = { ...NO_LOOKS, looks: new Map([['1', lookOf('select', { system: true })]]) };
    const state = take([0, 10, 20].map((calls) => readingOf([entryOf('1', calls)], { texts })));
    expect(windowOf(state).intervals.size).toBe(0);
    expect(rowsOf(state)).toEqual({ [OTHER]: 20 });
  });

  it('keep the series of one that runs now and then', () => {
    const others = (n: number) => Array.from({ length: 4 }, (_, i) => entryOf(`o${i}`, n));
    const beats = Array.from({ length: 180 }, (_, n) =>
      readingOf([entryOf('report', Math.floor(n / 90) * 5000), ...others(n)]),
    );
    const entered = take(beats.slice(0, 92), startState(30, 2));
    expect(entered.totals.has('report app')).toBe(true);
    expect(take(beats.slice(92), entered).totals.has('report app')).toBe(true);
  });

  it('forget what is older than the window, and databases that are gone', () => {
    const state = take(
      Array.from({ length: 20 }, (_, i) => readingOf([entryOf('1', i)])),
      startState(12, 10),
    );
    expect(windowOf(state).seconds).toBe(12);
    expect(windowOf(state).intervals.get('1 app')?.calls).toBe(12);
    const gone = takeReading(state, readingOf([], { databases: new Set(['shop']) }), 30_000);
    expect([gone.calls.size, gone.totals.size, gone.rest.size, gone.durations.size]).toEqual([0, 0, 0, 0]);
  });

  it('keep few slices, however short the beat', () => {
    let state = startState(10, 5);
    for (let i = 0; i < 400; i += 1) state = takeReading(state, readingOf([entryOf('1', i)]), i * 100);
    expect(state.window.slices.length).toBeLessThanOrEqual(25);
    expect(windowOf(state).seconds).toBeGreaterThanOrEqual(10);
    expect(windowOf(state).seconds).toBeLessThan(11.5);
  });

  it('know the texts of statements by their id', () => {
    const state = take([readingOf([entryOf('1', 1)])]);
    expect(textOf(state, '1')).toBe('a select');
    expect(textOf(state, '2')).toBeUndefined();
  });

  it('remember how often entries were thrown out while we watched', () => {
    const at = (evictions: number, statsReset = 1) => readingOf([], { info: { evictions, statsReset } });
    expect(take([at(7), at(9), at(9), at(2, 2)]).evictions).toBe(4);
  });
});

describe('the choice of shown statements', () => {
  const weights = (ids: string[]) => new Map(ids.map((id, i) => [id, ids.length - i]));

  it('is stable while neighbours in rank change places at the edge', () => {
    const first = chooseShown(weights(['a', 'b', 'c', 'd', 'e', 'f']), new Set(), 4);
    expect([...first].sort()).toEqual(['a', 'b', 'c', 'd']);
    const second = chooseShown(weights(['a', 'b', 'c', 'e', 'd', 'f']), first, 4);
    expect([...second].sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    const third = chooseShown(weights(['a', 'b', 'c', 'd', 'e', 'f']), second, 4);
    expect([...third].sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('drops what has fallen far, or does nothing any more', () => {
    expect([...chooseShown(weights(['b', 'c', 'd']), new Set(['a']), 2)]).toEqual(['b', 'c']);
  });
});
