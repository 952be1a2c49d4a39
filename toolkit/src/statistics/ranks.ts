import { bothTails } from './normal';
import { medianOf } from './quantiles';

export type RankTest = {
  /** That both are of the same distribution, two-sided. */
  readonly p: number;
  /** The chance that one of `a` is larger than one of `b`, halves for ties: 0.5 is no difference (Vargha, Delaney 2000). */
  readonly superiority: number;
};

/**
 * Mann and Whitney's U with the normal approximation, ties and continuity corrected. Values in a row that resemble each
 * other tell less than they are: `correlation` is that of neighbours, and widens the test as it widens the error of a
 * mean (Bayley and Hammersley, 1946).
 */
export const rankTest = (a: readonly number[], b: readonly number[], correlation = 0): RankTest => {
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
  const inflated = variance * inflationOf(correlation);
  const distance = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5);
  return { p: inflated > 0 ? bothTails(distance / Math.sqrt(inflated)) : 1, superiority: u / (n * m) };
};

const MOST_CORRELATION = 0.9;
const inflationOf = (correlation: number): number => {
  const r = Math.min(MOST_CORRELATION, Math.max(0, correlation));
  return (1 + r) / (1 - r);
};

/** How far `a` lies above `b`: the median of all differences (Hodges and Lehmann, 1963). */
export const shiftOf = (a: readonly number[], b: readonly number[]): number =>
  medianOf(a.flatMap((x) => b.map((y) => x - y)));

/** The correlation of neighbours, by ranks, so that no outlier makes it. */
export const neighboursCorrelation = (values: readonly number[]): number => {
  const n = values.length;
  if (n < 4) return 0;
  const order = values.map((value, i) => ({ value, i })).sort((x, y) => x.value - y.value);
  const ranks = new Array<number>(n).fill(0);
  order.forEach(({ i }, rank) => (ranks[i] = rank));
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
