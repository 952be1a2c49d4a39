/**
 * Where a row of values comes to be of another distribution: ED-PELT (Haynes, Fearnhead, Eckley: A computationally
 * efficient nonparametric approach for changepoint detection. Statistics and Computing 27, 2017), which is PELT (Killick,
 * Fearnhead, Eckley 2012) with the likelihood of the empirical distribution as its cost. It assumes no shape, so one
 * outlier is none of its change points.
 *
 * @param least no part is shorter
 * @returns the index at which each part begins, but the first
 */
export const changePoints = (values: readonly number[], least: number): readonly number[] => {
  const n = values.length;
  if (n < 2 * least || least < 1) return [];
  const costOf = segmentCosts(values);
  const penalty = PENALTY * Math.log(n);
  const best = new Float64Array(n + 1);
  const last = new Int32Array(n + 1);
  best.fill(Infinity);
  best[0] = -penalty;
  let candidates: number[] = [0];
  for (let to = least; to <= n; to += 1) {
    const costs = candidates.map((from) => at(best, from) + costOf(from, to) + penalty);
    const least1 = indexOfLeast(costs);
    best[to] = costs[least1] ?? Infinity;
    last[to] = candidates[least1] ?? 0;
    const limit = at(best, to) + penalty;
    candidates = candidates.filter((_, i) => (costs[i] ?? Infinity) < limit);
    // The next end leaves room for a part that begins here.
    const next = to + 1 - least;
    if (next >= least) candidates.push(next);
  }
  const found: number[] = [];
  for (let from = at(last, n); from > 0; from = at(last, from)) found.unshift(from);
  return found;
};

/**
 * For each change, in units of ln n. The paper's implementation takes 3, and finds a change in every fifth row of pure
 * noise; with 6 in fewer than one of fifty, and a shift that anybody would act on is far beyond either.
 */
const PENALTY = 6;

const at = (array: Float64Array | Int32Array, i: number): number => array[i] ?? NaN;

/** How unlike itself a part is: summed over quantiles of all values, by how many of the part lie below each. */
const segmentCosts = (values: readonly number[]): ((from: number, to: number) => number) => {
  const n = values.length;
  const sorted = values.toSorted((a, b) => a - b);
  const quantiles = Math.min(n, Math.ceil(4 * Math.log(n)));
  // In halves: a value that equals the quantile counts as half below it.
  const below = Array.from({ length: quantiles }, (_, k) => {
    const p = 1 / (1 + (2 * n - 1) ** (1 - (2 * k + 1) / quantiles));
    const threshold = sorted[Math.floor((n - 1) * p)] ?? NaN;
    const sums = new Int32Array(n + 1);
    values.forEach((value, i) => (sums[i + 1] = at(sums, i) + (value < threshold ? 2 : value === threshold ? 1 : 0)));
    return sums;
  });
  const xLogX = Float64Array.from({ length: 2 * n + 1 }, (_, x) => (x === 0 ? 0 : (x / 2) * Math.log(x / 2)));
  const scale = (-2 * Math.log(2 * n - 1)) / quantiles;
  return (from, to) => {
    const whole = 2 * (to - from);
    let likelihood = -quantiles * at(xLogX, whole);
    for (const sums of below) {
      const part = at(sums, to) - at(sums, from);
      likelihood += at(xLogX, part) + at(xLogX, whole - part);
    }
    return scale * likelihood;
  };
};

const indexOfLeast = (values: readonly number[]): number =>
  values.reduce((least, value, i) => (value < (values[least] ?? Infinity) ? i : least), 0);
