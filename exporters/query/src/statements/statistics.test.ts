import fc from 'fast-check';
import { countersOf } from '../../test/statements';
import type { Entry } from './entry';
import { estimateQuantiles } from './estimate';
import { intervalOf, pool } from './interval';

const durations = fc.array(fc.double({ min: 1e-5, max: 0.1, noNaN: true }), { minLength: 2, maxLength: 40 });
const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const squares = (xs: readonly number[]): number => {
  const mean = sum(xs) / xs.length;
  return sum(xs.map((x) => (x - mean) ** 2));
};
const counters = countersOf();

/** What pg_stat_statements would show after these calls. */
const entryOf = (calls: readonly number[], overrides: Partial<Entry> = {}): Entry => ({
  ...{ key: 'k', database: 'app', queryid: '1', since: null, planMean: 0, planDeviation: 0, counters },
  ...{ calls: calls.length, total: sum(calls), mean: sum(calls) / calls.length },
  deviation: Math.sqrt(squares(calls) / calls.length),
  ...overrides,
});

describe('the interval between two readings', () => {
  it('has the calls, the time and the squared deviations of just the calls in between', () => {
    fc.assert(
      fc.property(durations, durations, (old, fresh) => {
        const interval = intervalOf(entryOf(old), entryOf([...old, ...fresh]));
        expect(interval?.calls).toBe(fresh.length);
        expect(interval?.seconds).toBeCloseTo(sum(fresh), 10);
        if (interval?.m2 !== null) expect(interval?.m2).toBeCloseTo(squares(fresh), 10);
        else expect(squares(fresh)).toBeLessThan(1e-9);
      }),
    );
  });

  it('is everything for an entry that is new, and nothing for one that was not called', () => {
    expect(intervalOf(undefined, entryOf([1, 3]))).toMatchObject({ calls: 2, seconds: 4, m2: 2 });
    expect(intervalOf(entryOf([1, 3]), entryOf([1, 3]))).toBeUndefined();
  });

  it('starts from nothing when the entry was reset or evicted in between', () => {
    expect(intervalOf(entryOf([1, 1, 1]), entryOf([2]))).toMatchObject({ calls: 1, seconds: 2 });
    expect(intervalOf(entryOf([1], { since: 1 }), entryOf([2, 2, 2], { since: 5 }))).toMatchObject({ calls: 3 });
  });

  it('does not know a deviation that the totals cannot resolve, instead of calling it zero', () => {
    const before = entryOf([1], { calls: 1000, mean: 1, total: 1000, deviation: 10 });
    expect(intervalOf(before, { ...before, calls: 1010, total: 1010, deviation: 9.9 })?.m2).toBeNull();
  });

  it('does not take what rounding left for a deviation', () => {
    const before = entryOf([1], { calls: 1000, mean: 36, total: 36_000, deviation: 1138 });
    const now = { ...before, calls: 2000, total: 36_001, mean: 18.0005, deviation: 804.9 };
    expect(intervalOf(before, now)?.m2 ?? 1).toBeGreaterThan(1e-9);
  });

  it('knows the moments of planning too', () => {
    const planned = (plans: number, planSeconds: number, planMean: number, planDeviation: number): Entry =>
      entryOf(Array<number>(plans).fill(1), { counters: countersOf({ plans, planSeconds }), planMean, planDeviation });
    // Planning took 2 and 2 seconds before, then 3 and 5.
    const interval = intervalOf(planned(2, 4, 2, 0), planned(4, 12, 3, Math.sqrt(6 / 4)));
    expect(interval?.counters).toMatchObject({ plans: 2, planSeconds: 8 });
    expect(interval?.planM2).toBeCloseTo(2, 10);
  });

  it('pooled with the next one is the interval of both', () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const [first, second] = [intervalOf(undefined, entryOf(a)), intervalOf(undefined, entryOf(b))];
        if (first === undefined || second === undefined) throw new Error('no interval');
        const both = pool(first, second);
        expect(both.calls).toBe(a.length + b.length);
        expect(both.m2).toBeCloseTo(squares([...a, ...b]), 10);
      }),
    );
  });
});

describe('estimated quantiles', () => {
  it('are those of a log-normal when there is one', () => {
    // mean and deviation of exp(N(-7, 0.5)); its quantiles are exp(-7 + 0.5 z).
    const mean = Math.exp(-7 + 0.125);
    const deviation = mean * Math.sqrt(Math.exp(0.25) - 1);
    const quantiles = estimateQuantiles([{ calls: 100_000, mean, deviation }], [0.5, 0.95, 0.999]);
    expect(quantiles.get(0.5)).toBeCloseTo(Math.exp(-7), 6);
    expect(quantiles.get(0.95)).toBeCloseTo(Math.exp(-7 + 0.5 * 1.6449), 6);
    expect(quantiles.get(0.999)).toBeCloseTo(Math.exp(-7 + 0.5 * 3.0902), 5);
  });

  it('find the slow statement behind many fast ones', () => {
    const quantiles = estimateQuantiles(
      [
        { calls: 9800, mean: 0.0001, deviation: 0 },
        { calls: 200, mean: 0.05, deviation: 0 },
      ],
      [0.5, 0.99],
    );
    expect(quantiles.get(0.5)).toBeCloseTo(0.0001, 8);
    expect(quantiles.get(0.99)).toBeCloseTo(0.05, 6);
  });

  it('are left out where fewer than ten calls lie beyond them', () => {
    const one = [{ calls: 999, mean: 0.001, deviation: 0.001 }];
    expect([...estimateQuantiles(one, [0.5, 0.99, 0.999]).keys()]).toEqual([0.5]);
    expect(estimateQuantiles([], [0.5]).size).toBe(0);
  });

  it('rise with the quantile and stay within reach of the data', () => {
    const component = fc.record({
      calls: fc.integer({ min: 100, max: 1e6 }),
      mean: fc.double({ min: 1e-6, max: 1, noNaN: true }),
      deviation: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(component, { minLength: 1, maxLength: 10 }), (components) => {
        const values = [...estimateQuantiles(components, [0.1, 0.5, 0.9]).values()];
        expect(values).toEqual([...values].sort((a, b) => a - b));
        expect(values.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
      }),
    );
  });
});
