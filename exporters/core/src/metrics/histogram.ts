import type { HistogramValue } from './declare';

/**
 * Counts by bucket of everything observed so far. `counts` has one more than `bounds`: what is above the last. Made
 * anew by each observation, so that a reader never sees half of one.
 */
export type Histogram = {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
};

/** Seconds from 50 µs to a minute, two to three buckets to each factor of ten: for waits and for connecting. */
export const WAIT_BUCKETS: readonly number[] = [
  ...[0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05],
  ...[0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
];

/** @param bounds upper bounds, ascending; a value equal to one belongs below it, as Prometheus' `le` has it */
export const emptyHistogram = (bounds: readonly number[]): Histogram => ({
  bounds,
  counts: new Array<number>(bounds.length + 1).fill(0),
  sum: 0,
});

/** With one more value. What is not a finite number from 0 up was not measured, and is not counted. */
export const observe = (histogram: Histogram, value: number): Histogram =>
  observeAll(histogram, [{ value, weight: 1 }]);

/** With many more, each of them standing for `weight` such values. */
export const observeAll = (
  histogram: Histogram,
  values: Iterable<{ readonly value: number; readonly weight: number }>,
): Histogram => {
  const counts = [...histogram.counts];
  let { sum } = histogram;
  for (const { value, weight } of values) {
    if (!Number.isFinite(value) || value < 0 || !(weight > 0)) continue;
    const bucket = bucketOf(histogram.bounds, value);
    counts[bucket] = (counts[bucket] ?? 0) + weight;
    sum += value * weight;
  }
  return { ...histogram, counts, sum };
};

const bucketOf = (bounds: readonly number[], value: number): number => {
  const found = bounds.findIndex((bound) => value <= bound);
  return found === -1 ? bounds.length : found;
};

/** As Prometheus has it: each bucket holds those below it too. */
export const histogramValue = ({ bounds, counts, sum }: Histogram): HistogramValue => {
  const buckets = new Map<number, number>();
  let below = 0;
  bounds.forEach((bound, i) => {
    below += counts[i] ?? 0;
    buckets.set(bound, below);
  });
  return { buckets, sum, count: below + (counts[bounds.length] ?? 0) };
};
