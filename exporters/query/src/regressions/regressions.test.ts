import fc from 'fast-check';
import { configSchema, type Finding, type PostgresFacts } from '@submilli/core';
import { countersOf, entryOf, readingOf } from '../../test/statements';
import { statementRegressed } from '../advice/statement-regressed';
import type { PlannedStatement } from '../plans/state';
import { startState, type StatementsState } from '../statements/state';
import { baselineOf, type Hour, median, MOST_HOURS } from './baseline';
import { persistRegressions } from './persist';
import { type Regressions, startRegressions, takeRegressions } from './state';

const HOUR = 3600;
/** A Monday at midnight. */
const START = Date.UTC(2026, 0, 5) / 1000;

type Shape = { readonly mean: number; readonly calls?: number; readonly blocks?: number; readonly rows?: number };

/** A server with one statement (twelve looks an hour), whose shape depends on the hours since the start. */
const simulate = (
  hours: number,
  shapeAt: (hour: number) => Shape,
  { from = 0, state = startRegressions(), plans = new Map<string, PlannedStatement>() } = {},
): Regressions => {
  let total = { calls: 0, seconds: 0, hit: 0, rows: 0 };
  let now = state;
  let watchedSeconds = state.watchedSeconds + 60;
  for (let step = 0; step <= hours * 12; step += 1) {
    const { mean, calls = 100, blocks = 10, rows = 1 } = shapeAt(from + (step - 0.5) / 12);
    if (step > 0) {
      total = {
        calls: total.calls + calls,
        seconds: total.seconds + calls * mean,
        hit: total.hit + calls * blocks,
        rows: total.rows + calls * rows,
      };
      watchedSeconds += 300;
    }
    now = takeRegressions(now, stateOf(total, START + from * HOUR + step * 300, watchedSeconds), plans);
  }
  return now;
};

const stateOf = (
  { calls, seconds, hit, rows }: { calls: number; seconds: number; hit: number; rows: number },
  now: number,
  watchedSeconds: number,
): StatementsState => {
  const interval = {
    ...{ database: 'app', queryid: '1', calls, seconds, m2: 0, planM2: 0, counters: countersOf({ hit, rows }) },
  };
  const { info } = readingOf([], { info: { now } });
  return {
    ...startState(60, 10),
    totals: new Map([['1 app', { interval, type: 'select' }]]),
    last: { at: 0, entries: new Map([['x', entryOf('1', calls)]]), marks: new Map(), info },
    watchedSeconds,
  };
};

const verdictOf = ({ verdicts }: Regressions) => verdicts.get('1 app');
const steady = (mean: number) => (hour: number) => ({ mean: mean * (1 + 0.1 * Math.sin(hour)) });

describe('what is usual for a statement', () => {
  it('is not known before six hours', () => {
    expect(verdictOf(simulate(5, steady(0.001)))).toBeUndefined();
    expect(verdictOf(simulate(7, steady(0.001)))).toMatchObject({ since: null, usual: { basis: 'all hours' } });
  });

  it('is what was at this hour of the week, once there are three of them', () => {
    const nightly = (hour: number): Shape => ({ mean: Math.floor(hour) % 168 === 3 ? 0.05 : 0.001 });
    const early = simulate(168 + 4, nightly);
    // In the second week a slow hour still looks like a regression; in the fourth it is known.
    expect(
      verdictOf(simulate(0.5, nightly, { from: 168 + 3, state: simulate(168 + 3, nightly) }))?.since,
    ).not.toBeNull();
    expect(verdictOf(early)?.usual.basis).toBe('all hours');
    const late = simulate(3 * 168 + 3.5, nightly);
    expect(verdictOf(late)).toMatchObject({ since: null, usual: { basis: 'hour of the week', mean: 0.05, hours: 3 } });
  });

  it('is not moved by an hour that was out of the ordinary', () => {
    const state = simulate(24, (hour) => ({ mean: Math.floor(hour) === 10 ? 5 : 0.001 }));
    expect(verdictOf(state)?.usual.mean).toBeCloseTo(0.001, 9);
  });

  it('is bounded, and survives a restart', () => {
    const state = simulate(5 * 168, steady(0.001));
    expect(state.histories.get('1 app')?.hours.length).toBe(MOST_HOURS);
    expect(persistRegressions.save({ ...state, hourEnded: false })).toBeUndefined();
    const saved = JSON.parse(JSON.stringify(persistRegressions.save({ ...state, hourEnded: true }))) as unknown;
    const loaded = persistRegressions.load(saved);
    expect(loaded?.histories.get('1 app')?.hours.length).toBe(MOST_HOURS);
    expect(persistRegressions.load({ version: 1, statements: 'x' })).toBeUndefined();
    const after = simulate(0.25, () => ({ mean: 0.004 }), { from: 5 * 168, state: loaded });
    expect(verdictOf(after)).toMatchObject({ since: expect.any(Number) as number });
  });

  it('has a median with as many values below as above', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 50 }),
        (values) => {
          const middle = median(values);
          expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
          expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
        },
      ),
    );
  });

  it('never takes the hour that runs for the past', () => {
    const hours = Array.from({ length: 10 }, (_, hour): Hour => ({
      hour,
      mean: hour,
      blocks: 0,
      rows: 0,
      wal: 0,
      rate: 0,
    }));
    expect(baselineOf(hours, 7)).toMatchObject({ hours: 7, mean: 3 });
  });
});

describe('a regression', () => {
  const usual = simulate(24, steady(0.001));
  const then = (shape: Shape, hours = 0.25, more: object = {}) =>
    simulate(hours, () => shape, { from: 24, state: usual, ...more });

  it('is twice the usual time, beyond three times its spread', () => {
    expect(verdictOf(then({ mean: 0.0018 }))?.since).toBeNull();
    expect(verdictOf(then({ mean: 0.003 }))?.since).not.toBeNull();
    const wild = simulate(24, (hour) => ({ mean: 0.001 * (1 + (Math.floor(hour) % 3)) }));
    expect(verdictOf(simulate(0.25, () => ({ mean: 0.0045 }), { from: 24, state: wild }))?.since).toBeNull();
  });

  it('takes a hundred calls', () => {
    expect(verdictOf(then({ mean: 0.01, calls: 20 }, 0.25))?.since).toBeNull();
  });

  it.each([
    [{ mean: 0.01, blocks: 100 }, ['blocks']],
    [{ mean: 0.01, rows: 50, blocks: 40 }, ['rows', 'blocks']],
    [{ mean: 0.01, calls: 1000 }, ['load']],
    [{ mean: 0.01 }, []],
  ])('names what changed with it: %j', (shape, changes) => {
    expect(verdictOf(then(shape, 0.4))?.changes).toEqual(changes);
  });

  it('names the plan, if that changed about then', () => {
    const period = { shape: 'x', cost: 1, outline: null, lastSeen: 0, work: { calls: 0, seconds: 0, blocks: 0 } };
    const planned = (firstSeen: number) =>
      new Map([['1 app', { periods: [{ ...period, firstSeen }, period] } as unknown as PlannedStatement]]);
    const changesAt = (hour: number) =>
      verdictOf(then({ mean: 0.01 }, 0.25, { plans: planned(START + hour * HOUR) }))?.changes;
    expect(changesAt(23)).toEqual(['plan']);
    expect(changesAt(5)).toEqual([]);
  });

  it('keeps the time when it began, and ends well below the threshold', () => {
    const slow = then({ mean: 0.003 }, 0.25);
    const since = verdictOf(slow)?.since;
    const still = simulate(0.5, () => ({ mean: 0.0018 }), { from: 24.25, state: slow });
    expect(verdictOf(still)?.since).toBe(since);
    expect(verdictOf(simulate(0.5, () => ({ mean: 0.0011 }), { from: 24.75, state: still }))?.since).toBeNull();
  });

  it('is not seen where the sampler began anew, or a row was away', () => {
    const anew = takeRegressions(
      usual,
      stateOf({ calls: 50, seconds: 0.05, hit: 1, rows: 1 }, START + 24 * HOUR + 60, 1),
      new Map(),
    );
    expect(verdictOf(anew)?.since).toBeNull();
    const watched = usual.watchedSeconds + 60;
    const back = takeRegressions(
      usual,
      stateOf({ calls: 150, seconds: 0.15, hit: 1, rows: 1 }, START + 24 * HOUR + 60, watched),
      new Map(),
    );
    expect(verdictOf(back)?.since).toBeNull();
  });

  it('is advice with what it was and is, and without what cannot be known', () => {
    const env = { config: configSchema.parse({}), facts: {} as PostgresFacts };
    const check = (regressions: Regressions) =>
      statementRegressed.check({ regressions, statements: startState(60, 10) }, env, 0);
    expect(check(startRegressions())).toMatchObject({ notEvaluated: expect.stringContaining('six hours') as string });
    expect(check(usual)).toEqual([]);
    const [finding] = check(then({ mean: 0.01, blocks: 100 }, 0.4)) as readonly Finding[];
    expect(finding?.subject).toBe('app: 1');
    expect(finding?.title).toMatch(/^Statement 1 takes (9|10)\.\d times its usual time$/);
    expect(finding?.why).toBe('What changed with it: it reads more blocks per call.');
    expect(finding?.action.text).toContain('VACUUM');
  });
});
