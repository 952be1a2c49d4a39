/** Calls of one statement with the mean and standard deviation of their durations, in seconds. */
export type Component = { readonly calls: number; readonly mean: number; readonly deviation: number };

/** A quantile is only given with this many observations beyond it. */
const ENOUGH_BEYOND = 10;

/**
 * Quantiles of a mixture of log-normals, one per statement, each with that statement's mean and deviation. An
 * estimate: two moments do not tell a distribution, and executor time is all they cover.
 *
 * @returns quantile (0..1) → seconds, without those that too few calls stand behind
 */
export const estimateQuantiles = (
  components: readonly Component[],
  quantiles: readonly number[],
): Map<number, number> => {
  const shapes = components.filter(({ calls, mean }) => calls > 0 && mean > 0).map(shapeOf);
  const calls = shapes.reduce((sum, shape) => sum + shape.calls, 0);
  return new Map(
    quantiles
      .filter((quantile) => calls * (1 - quantile) >= ENOUGH_BEYOND)
      .map((quantile) => [quantile, invert(shapes, calls, quantile)]),
  );
};

type Shape = { readonly calls: number; readonly mu: number; readonly sigma: number };

/** Parameters of the log-normal with this mean and deviation. */
const shapeOf = ({ calls, mean, deviation }: Component): Shape => {
  const variance = Math.log1p((deviation / mean) ** 2);
  return { calls, mu: Math.log(mean) - variance / 2, sigma: Math.sqrt(variance) };
};

/** Share of the mixture at or below `exp(x)`. */
const shareBelow = (shapes: readonly Shape[], calls: number, x: number): number =>
  shapes.reduce(
    (sum, { calls: n, mu, sigma }) => sum + n * (sigma === 0 ? Number(x >= mu) : normal((x - mu) / sigma)),
    0,
  ) / calls;

/** Bisection on the logarithm of the duration. */
const invert = (shapes: readonly Shape[], calls: number, quantile: number): number => {
  let low = Math.min(...shapes.map(({ mu, sigma }) => mu - 8 * sigma));
  let high = Math.max(...shapes.map(({ mu, sigma }) => mu + 8 * sigma));
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (shareBelow(shapes, calls, middle) < quantile) low = middle;
    else high = middle;
  }
  return Math.exp(high);
};

/** Φ, by Abramowitz and Stegun 26.2.17 (absolute error below 7.5e-8). */
const normal = (z: number): number => {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const tail =
    density * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
};
