import fc from 'fast-check';
import { emptyHistogram, histogramValue, observe, WAIT_BUCKETS } from './histogram';

const of = (values: readonly number[], bounds = WAIT_BUCKETS) =>
  histogramValue(values.reduce(observe, emptyHistogram(bounds)));

const seconds = fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { maxLength: 50 });

describe('a histogram', () => {
  it('counts a value in every bucket whose bound it does not exceed', () => {
    const { buckets, count, sum } = of([0.00005, 0.00006, 61]);
    expect(buckets.get(0.00005)).toBe(1);
    expect(buckets.get(0.0001)).toBe(2);
    expect(buckets.get(60)).toBe(2);
    expect([count, sum]).toEqual([3, 61.00011]);
  });

  it('is empty, with every bucket there, before anything happens', () => {
    expect(of([])).toEqual({ buckets: new Map(WAIT_BUCKETS.map((bound) => [bound, 0])), sum: 0, count: 0 });
  });

  it('does not count what was not measured', () => {
    expect(of([NaN, Infinity, -1]).count).toBe(0);
  });

  it('has ascending bounds from 50 µs to a minute', () => {
    expect([...WAIT_BUCKETS].sort((a, b) => a - b)).toEqual(WAIT_BUCKETS);
    expect([WAIT_BUCKETS[0], WAIT_BUCKETS.at(-1)]).toEqual([0.00005, 60]);
  });

  it('counts each value once, never fewer in a wider bucket, whatever the order', () => {
    fc.assert(
      fc.property(seconds, (values) => {
        const { buckets, count } = of(values);
        const counts = [...buckets.values(), count];
        expect(count).toBe(values.length);
        expect(counts.every((n, i) => i === 0 || n >= (counts[i - 1] ?? NaN))).toBe(true);
        for (const [bound, n] of buckets) expect(n).toBe(values.filter((value) => value <= bound).length);
        expect(of([...values].reverse()).buckets).toEqual(buckets);
      }),
    );
  });

  it('never falls, and leaves the one before as it was', () => {
    fc.assert(
      fc.property(seconds, fc.double({ min: 0, max: 100, noNaN: true }), (values, next) => {
        const before = values.reduce(observe, emptyHistogram(WAIT_BUCKETS));
        const shown = histogramValue(before);
        const after = histogramValue(observe(before, next));
        expect(histogramValue(before)).toEqual(shown);
        for (const [bound, n] of after.buckets) expect(n).toBeGreaterThanOrEqual(shown.buckets.get(bound) ?? NaN);
        expect(after.sum).toBeGreaterThanOrEqual(shown.sum);
      }),
    );
  });
});
