import fc from 'fast-check';
import { chooseShown } from '@submilli/core';
import type { Entry } from './entry';

import { OTHER, type Reading, startState, type StatementsState, takeReading, windowOf } from './state';

const entry = (queryid: string, calls: number, since: number | null = null): Entry => ({
  ...{ key: queryid, database: 'app', queryid, calls, total: calls * 0.001, mean: 0.001, deviation: 0, since },
  counters: { rows: calls * 2, hit: calls, read: 0, dirtied: 0, written: 0, tempRead: 0, tempWritten: 0, wal: 0 },
});

const reading = (entries: Entry[], overrides: Partial<Reading> = {}): Reading => ({
  ...{ entries, columns: [], textsMs: null, newTypes: new Map(entries.map(({ queryid }) => [queryid, 'select'])) },
  info: { evictions: 0, statsReset: 1, limit: 5000 },
  ...overrides,
});

const take = (state: StatementsState, readings: readonly Reading[]): StatementsState =>
  readings.reduce((now, one, i) => takeReading(now, one, (i + 1) * 1000), state);

const rowsOf = (state: StatementsState): Record<string, number> =>
  Object.fromEntries([...state.totals.values()].map(({ interval }) => [interval.queryid, interval.calls]));

describe('statements over time', () => {
  it('count nothing at the first reading: what was before is not ours to claim', () => {
    const state = take(startState(60, 10), [reading([entry('1', 1000)])]);
    expect(state.calls.get('app')).toBe(0);
    expect(state.totals.size).toBe(0);
  });

  it('show the first by themselves and sum up the rest', () => {
    const before = ['1', '2', '3', '4'].map((id) => entry(id, 0));
    const after = [entry('1', 40), entry('2', 30), entry('3', 20), entry('4', 10)];
    expect(rowsOf(take(startState(60, 2), [reading(before), reading(after)]))).toEqual({ 1: 40, 2: 30, [OTHER]: 30 });
  });

  it('never lose or invent a call, and never go backwards, whatever is called, evicted or reset', () => {
    const step = fc.array(
      fc.record({ id: fc.integer({ min: 1, max: 8 }), calls: fc.integer({ min: 0, max: 50 }), evict: fc.boolean() }),
      {
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
        let state = takeReading(startState(5, 2), reading([]), 0);
        const live = new Map<number, { calls: number; since: number }>();
        let truth = 0;
        steps.forEach((moves, i) => {
          for (const { id, calls, evict } of moves) {
            if (evict) live.delete(id);
            const now = live.get(id) ?? { calls: 0, since: i + 1 };
            live.set(id, { ...now, calls: now.calls + calls });
          }
          const unseen = state;
          const entries = [...live].map(([id, { calls, since }]) => entry(String(id), calls, since));
          state = takeReading(state, reading(entries), (i + 1) * 1000);
          const beat = [...(state.beats.at(-1)?.intervals.values() ?? [])].reduce((sum, { calls }) => sum + calls, 0);
          truth += beat;
          expect(state.calls.get('app') ?? 0).toBe(truth);
          const growth = [...state.totals].reduce(
            (sum, [key, { interval }]) => sum + interval.calls - (unseen.totals.get(key)?.interval.calls ?? 0),
            0,
          );
          expect(growth).toBe(beat);
          for (const [key, { interval }] of state.totals) {
            expect(interval.calls).toBeGreaterThanOrEqual(unseen.totals.get(key)?.interval.calls ?? 0);
          }
          expect(state.totals.size).toBeLessThanOrEqual(2 * 1.5 + 1);
        });
      }),
    );
  });

  it('see no spike when pg_stat_statements is reset', () => {
    const state = take(startState(60, 10), [
      reading([entry('1', 1000)]),
      reading([entry('1', 1010)]),
      reading([entry('1', 5)], { info: { evictions: 0, statsReset: 2, limit: 5000 } }),
    ]);
    expect(state.calls.get('app')).toBe(15);
    expect(windowOf(state).seconds).toBe(2);
  });

  it('count a statement under its type, even when that becomes known only later', () => {
    const unknown = { newTypes: new Map() };
    const waiting = take(startState(60, 10), [
      reading([]),
      reading([entry('1', 10)], unknown),
      reading([entry('1', 20)], unknown),
    ]);
    expect(waiting.calls.get('app')).toBe(0);
    const state = takeReading(waiting, reading([entry('1', 30)], { newTypes: new Map([['1', 'update']]) }), 9000);
    expect([...state.totals.values()]).toMatchObject([{ interval: { calls: 30 }, type: 'update' }]);
  });

  it('forget what is older than the window', () => {
    const state = take(
      startState(5, 10),
      Array.from({ length: 20 }, (_, i) => reading([entry('1', i)])),
    );
    expect(windowOf(state).seconds).toBe(5);
    expect(windowOf(state).intervals.get('1 app')?.calls).toBe(5);
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
