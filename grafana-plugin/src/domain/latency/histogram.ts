/** Counts between bounds, in seconds. `counts[i]` lie in (`bounds[i - 1]`, `bounds[i]`]; the last bound may be infinite. */
export type Histogram = { readonly bounds: readonly number[]; readonly counts: readonly number[] };

/** A value and the bounds that it certainly lies in. */
export type Estimate = { readonly seconds: number; readonly low: number; readonly high: number };

/** One bucket as Prometheus has it: how many are at most `le`. */
export type Bucket = { readonly le: number; readonly upTo: number };

/** What `le="…"` says; NaN if it is no number. */
export const boundOf = (le: string): number => (/^\+?inf$/i.test(le.trim()) ? Infinity : Number(le.trim() || NaN));

/**
 * From buckets that count everything up to their bound. Counts that Prometheus extrapolated may fall by a little from
 * one bucket to the next: none is less than nothing.
 */
export const histogramOf = (buckets: readonly Bucket[]): Histogram => {
  const sorted = buckets
    .filter(({ le, upTo }) => !Number.isNaN(le) && Number.isFinite(upTo))
    .toSorted((a, b) => a.le - b.le);
  let before = 0;
  const counts = sorted.map(({ upTo }) => {
    const count = Math.max(0, upTo - before);
    before = Math.max(before, upTo);
    return count;
  });
  return { bounds: sorted.map(({ le }) => le), counts };
};

export const totalOf = ({ counts }: Histogram): number => counts.reduce((sum, count) => sum + count, 0);

/** All of some histograms with the same bounds together; null if there is none, or bounds differ. */
export const mergedOf = (histograms: readonly Histogram[]): Histogram | null => {
  const [first, ...others] = histograms;
  if (first === undefined) return null;
  const same = others.every(
    ({ bounds }) => bounds.length === first.bounds.length && bounds.every((bound, i) => bound === first.bounds[i]),
  );
  if (!same) return null;
  const counts = first.counts.map((count, i) => others.reduce((sum, other) => sum + (other.counts[i] ?? 0), count));
  return { bounds: first.bounds, counts };
};

/**
 * A quantile (0 to 1): on a straight line within its bucket, which also bounds it. Beyond the last finite bound nothing
 * is known but that bound. Null without observations.
 */
export const quantileOf = (histogram: Histogram, quantile: number): Estimate | null => {
  const total = totalOf(histogram);
  if (!(total > 0) || !(quantile >= 0 && quantile <= 1)) return null;
  const rank = quantile * total;
  const { bounds, counts } = histogram;
  let below = 0;
  let at = counts.findLastIndex((count) => count > 0);
  for (let i = 0, sum = 0; i < counts.length; i++) {
    const count = counts[i] ?? 0;
    if (count > 0 && (sum + count >= rank || i === at)) {
      [at, below] = [i, sum];
      break;
    }
    sum += count;
  }
  const [low, high, count] = [at === 0 ? 0 : (bounds[at - 1] ?? 0), bounds[at] ?? Infinity, counts[at] ?? 0];
  if (high === Infinity) return { seconds: low, low, high };
  return { seconds: low + (high - low) * Math.min(1, Math.max(0, (rank - below) / count)), low, high };
};

/** Which share of the observations is certainly, and which at most, above a threshold. Null without observations. */
export const shareAbove = (
  histogram: Histogram,
  seconds: number,
): { readonly low: number; readonly high: number } | null => {
  const total = totalOf(histogram);
  if (!(total > 0)) return null;
  const { bounds, counts } = histogram;
  let [certainly, perhaps] = [0, 0];
  counts.forEach((count, i) => {
    const low = i === 0 ? 0 : (bounds[i - 1] ?? 0);
    if (low >= seconds) certainly += count;
    else if ((bounds[i] ?? Infinity) > seconds) perhaps += count;
  });
  return { low: certainly / total, high: (certainly + perhaps) / total };
};
