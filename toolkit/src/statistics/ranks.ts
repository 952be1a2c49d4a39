import { bothTails } from './normal';

export type RankTest = {
  /** That both are of the same distribution, two-sided. */
  readonly p: number;
  /** The chance that one of `a` is larger than one of `b`, halves for ties: 0.5 is no difference (Vargha, Delaney 2000). */
  readonly superiority: number;
};

/**
 * Mann and Whitney's U with the normal approximation, ties and continuity corrected. Values that resemble their neighbours
 * tell less than they are: `inflation` is by how much more the variance is than that of independent ones.
 */
export const rankTest = (a: readonly number[], b: readonly number[], inflation = 1): RankTest => {
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) return { p: 1, superiority: NaN };
  const pooled = [...a.map((value) => ({ value, ofA: true })), ...b.map((value) => ({ value, ofA: false }))];
  pooled.sort((x, y) => x.value - y.value);
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < pooled.length;) {
    let to = from;
    while (to < pooled.length && pooled[to]?.value === pooled[from]?.value) to += 1;
    const count = to - from;
    const rank = (from + 1 + to) / 2;
    rankSum += rank * pooled.slice(from, to).filter(({ ofA }) => ofA).length;
    ties += count ** 3 - count;
    from = to;
  }
  const u = rankSum - (n * (n + 1)) / 2;
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  const inflated = variance * inflation;
  const distance = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5);
  return { p: inflated > 0 ? bothTails(distance / Math.sqrt(inflated)) : 1, superiority: u / (n * m) };
};

/** The least p that so many values could ever give: those of `a` all beyond those of `b`. */
export const leastP = (n: number, m: number, inflation = 1): number =>
  n * m === 0 ? 1 : bothTails(Math.max(0, (n * m) / 2 - 0.5) / Math.sqrt(((n * m * (n + m + 1)) / 12) * inflation));

export type Shift = {
  readonly value: number;
  /** Of 95 %. */
  readonly low: number;
  readonly high: number;
};

const Z95 = 1.959964;

/**
 * How far `a` lies above `b`: the median of all differences (Hodges and Lehmann, 1963), with the interval that the rank
 * test would not refuse (Moses, 1965), `inflation` as there.
 */
export const shiftOf = (a: readonly number[], b: readonly number[], inflation = 1): Shift => {
  const [n, m] = [a.length, b.length];
  const [x, y] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
  const count = n * m;
  const margin = Z95 * Math.sqrt(((count * (n + m + 1)) / 12) * inflation);
  const first = Math.max(1, Math.round(count / 2 - margin));
  const at = (rank: number): number => differenceAt(x, y, rank);
  return {
    value: (at(Math.ceil((count + 1) / 2)) + at(Math.floor((count + 1) / 2))) / 2,
    low: at(first),
    high: at(count + 1 - first),
  };
};

/** Halved so often, an interval of numbers has none left within. */
const HALVINGS = 80;

/** Of all x − y the one of this rank, by halving: hundreds of thousands of them need not be sorted. */
const differenceAt = (x: Float64Array, y: Float64Array, rank: number): number => {
  const [firstX = NaN, lastX = NaN, firstY = NaN, lastY = NaN] = [x[0], x.at(-1), y[0], y.at(-1)];
  let [low, high] = [firstX - lastY, lastX - firstY];
  if (countUpTo(x, y, low) >= rank) return low;
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    if (countUpTo(x, y, middle) >= rank) high = middle;
    else low = middle;
  }
  return high;
};

/** How many x − y are no more than a limit; both are sorted, and a larger x has it with larger y only. */
const countUpTo = (x: Float64Array, y: Float64Array, limit: number): number => {
  let count = 0;
  let from = 0;
  for (const one of x) {
    while (from < y.length && one - (y[from] ?? NaN) > limit) from += 1;
    count += y.length - from;
  }
  return count;
};

const MOST_CORRELATION = 0.9;

/** How much more a mean of values in a row varies than one of independent values (Bayley and Hammersley, 1946). */
export const inflationOf = (correlation: number): number => {
  const r = Math.min(MOST_CORRELATION, Math.max(0, correlation));
  return (1 + r) / (1 - r);
};

/** With fewer batches their variance is not known. */
const ENOUGH_BATCHES = 5;

/**
 * The same by the means of batches (Conway, 1963), by ranks: it sees what neighbours don't tell, as days that differ from
 * each other. 1 where there are too few.
 */
export const inflationOfBatches = (batches: readonly (readonly number[])[]): number => {
  const ranks = ranksOf(batches.flat());
  const variance = varianceOf(ranks);
  if (batches.length < ENOUGH_BATCHES || !(variance > 0)) return 1;
  let from = 0;
  const means = batches.map(({ length }) => meanOf(ranks.slice(from, (from += length))));
  return Math.max(1, ((ranks.length / batches.length) * varianceOf(means)) / variance);
};

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const varianceOf = (values: readonly number[]): number => {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
};

/** Each value's place in order, from zero; of equal ones the middle of theirs. */
const ranksOf = (values: readonly number[]): readonly number[] => {
  const order = values.map((value, i) => ({ value, i })).sort((x, y) => x.value - y.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && order[to]?.value === order[from]?.value) to += 1;
    for (const { i } of order.slice(from, to)) ranks[i] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
};

/** The correlation of neighbours, by ranks, so that no outlier makes it. */
export const neighboursCorrelation = (values: readonly number[]): number => {
  const n = values.length;
  if (n < 4) return 0;
  const ranks = ranksOf(values);
  const mean = (n - 1) / 2;
  const variance = ranks.reduce((sum, rank) => sum + (rank - mean) ** 2, 0);
  const shared = ranks.slice(1).reduce((sum, rank, i) => sum + (rank - mean) * ((ranks[i] ?? mean) - mean), 0);
  return variance === 0 ? 0 : shared / variance;
};

/** p-values that hold for all comparisons together, in the same order (Holm, 1979). */
export const holm = (ps: readonly number[]): readonly number[] => {
  const order = ps.map((p, i) => ({ p, i })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(ps.length).fill(1);
  let most = 0;
  order.forEach(({ p, i }, rank) => {
    most = Math.max(most, Math.min(1, p * (ps.length - rank)));
    adjusted[i] = most;
  });
  return adjusted;
};
