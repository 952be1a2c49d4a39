import type { Distribution, Quantile } from './model';

/** How many took no longer than each bound; ascending, the last bound is infinite. */
export type Cumulative = readonly { readonly le: number; readonly count: number }[];

/** Beyond a quantile that is told there must be so many observations. */
const ENOUGH_BEYOND = 10;
export const reportedQuantiles = [0.5, 0.99, 0.999] as const;

/** Counts by bound, made to rise as they must: each is extrapolated by itself, and may be off by a little. */
export const cumulativeOf = (counts: ReadonlyMap<number, number>): Cumulative => {
  let most = 0;
  return [...counts].sort(([a], [b]) => a - b).map(([le, count]) => ({ le, count: (most = Math.max(most, count)) }));
};

export const totalOf = (buckets: Cumulative): number => buckets.at(-1)?.count ?? 0;

/** Between the bounds of its bucket by its rank, as Prometheus has it. Nothing where too few stand behind it. */
export const quantileIn = (buckets: Cumulative, quantile: number): Quantile | undefined => {
  const total = totalOf(buckets);
  if (total * (1 - quantile) < ENOUGH_BEYOND) return undefined;
  const rank = quantile * total;
  const i = buckets.findIndex(({ count }) => count >= rank);
  const [bucket, before] = [buckets[i], buckets[i - 1]];
  if (bucket === undefined) return undefined;
  const [low, under] = [before?.le ?? 0, before?.count ?? 0];
  if (bucket.le === Infinity) return { quantile, seconds: low, atLeast: true };
  const share = bucket.count > under ? (rank - under) / (bucket.count - under) : 1;
  return { quantile, seconds: low + (bucket.le - low) * share, atLeast: false };
};

/** Of all observations those that were slower; only at a bound of a bucket. */
export const slowerThan = (buckets: Cumulative, bound: number): number | undefined => {
  const total = totalOf(buckets);
  const within = buckets.find(({ le }) => le === bound);
  return within === undefined || total === 0 ? undefined : 1 - within.count / total;
};

export const distributionOf = (
  buckets: Cumulative,
  quantiles: readonly number[] = reportedQuantiles,
): Distribution => ({
  statements: totalOf(buckets),
  quantiles: quantiles.flatMap((quantile) => quantileIn(buckets, quantile) ?? []),
});
