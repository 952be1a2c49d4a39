/** A ratio, and where it lies with 95 % confidence. */
export type Interval = { readonly ratio: number; readonly low: number; readonly high: number };

export type Verdict = 'met' | 'missed' | 'undecided';

const RESAMPLES = 2000;
const LOW = 0.025;
const HIGH = 0.975;

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

export const mean = (numbers: readonly number[]): number =>
  numbers.length === 0 ? NaN : sum(numbers) / numbers.length;

/** The smallest value that is not below the share q of all (nearest rank): of few values, P99 is their highest. */
export const quantile = (numbers: readonly number[], q: number): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length, Math.max(1, Math.ceil(q * sorted.length))) - 1] ?? NaN;
};

/**
 * How the mean of `ours` relates to that of `theirs`. Both were measured in the same rounds, so whole rounds are drawn:
 * what disturbed a round disturbed both. With fewer than two rounds nothing is known about how sure the ratio is.
 */
export const ratioOfMeans = (
  ours: readonly number[],
  theirs: readonly number[],
  random: () => number,
): Interval | undefined => {
  const rounds = Math.min(ours.length, theirs.length);
  if (rounds < 2) return undefined;
  const ratioOf = (drawn: readonly number[]): number =>
    sum(drawn.map((round) => ours[round] ?? NaN)) / sum(drawn.map((round) => theirs[round] ?? NaN));
  const all = Array.from({ length: rounds }, (_, round) => round);
  const ratio = ratioOf(all);
  if (!Number.isFinite(ratio)) return undefined;
  const ratios = Array.from({ length: RESAMPLES }, () => ratioOf(all.map(() => Math.floor(random() * rounds))));
  return { ratio, low: quantile(ratios, LOW), high: quantile(ratios, HIGH) };
};

/** Met or missed only if the whole interval says so. */
export const judge = ({ low, high }: Pick<Interval, 'low' | 'high'>, atMost: number): Verdict =>
  high <= atMost ? 'met' : low > atMost ? 'missed' : 'undecided';
