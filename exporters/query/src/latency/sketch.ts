/** Relative error of every quantile. */
export const ACCURACY = 0.005;

const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);

/** Durations are logged to the microsecond; below it and beyond a day nothing is told apart. */
const SHORTEST = 1e-6;
const LONGEST = 86_400;

/**
 * A distribution as weights in logarithmic bins: DDSketch (Masson, Rim, Lee, VLDB 2019). Sketches of parts add up to
 * that of the whole. Written here, and not taken from `@datadog/sketches-js`, because strata have to be scaled against
 * each other before a quantile is read off their sum, which that library keeps to itself. At most some 5,000 bins.
 */
export type Sketch = ReadonlyMap<number, number>;

export const emptySketch: Sketch = new Map();

export type Weighted = { readonly seconds: number; readonly weight: number };

/** With more observations. What is not a finite duration was not measured. */
export const addAll = (sketch: Sketch, observations: Iterable<Weighted>): Sketch => {
  const bins = new Map(sketch);
  for (const { seconds, weight } of observations) {
    if (!Number.isFinite(seconds) || seconds < 0 || !(weight > 0)) continue;
    const bin = binOf(seconds);
    bins.set(bin, (bins.get(bin) ?? 0) + weight);
  }
  return bins;
};

export const merge = (sketches: readonly Sketch[]): Sketch => {
  const bins = new Map<number, number>();
  for (const sketch of sketches) for (const [bin, weight] of sketch) bins.set(bin, (bins.get(bin) ?? 0) + weight);
  return bins;
};

export const scale = (sketch: Sketch, factor: number): Sketch =>
  factor === 1 ? sketch : new Map([...sketch].map(([bin, weight]) => [bin, weight * factor]));

export const weightOf = (sketch: Sketch): number => [...sketch.values()].reduce((sum, weight) => sum + weight, 0);

/** Weight of the bin that a duration falls into, and above: all that are as long or longer, and a few of the last percent below. */
export const weightFrom = (sketch: Sketch, seconds: number): number => {
  const bin = binOf(seconds);
  return [...sketch].reduce((sum, [own, weight]) => (own >= bin ? sum + weight : sum), 0);
};

/** Weight above the bin that a duration falls into. */
export const weightAbove = (sketch: Sketch, seconds: number): number => {
  const bin = binOf(seconds);
  return [...sketch].reduce((sum, [own, weight]) => (own > bin ? sum + weight : sum), 0);
};

/**
 * Durations at these quantiles (0..1), in seconds, in the same order; nothing for a sketch without weight. The quantile
 * q is the least duration that a share q of the weight does not exceed.
 */
export const quantilesOf = (sketch: Sketch, quantiles: readonly number[]): readonly (number | undefined)[] => {
  const bins = [...sketch].sort(([a], [b]) => a - b);
  const whole = bins.reduce((sum, [, weight]) => sum + weight, 0);
  return quantiles.map((quantile) => {
    // Sums of fractions fall short of the whole by rounding.
    const wanted = Math.min(Math.max(quantile, 0), 1) * whole * (1 - 1e-12);
    let below = 0;
    const found = bins.find(([, weight]) => (below += weight) >= wanted && below > 0);
    return found === undefined ? undefined : secondsOf(found[0]);
  });
};

const binOf = (seconds: number): number =>
  Math.ceil(Math.log(Math.min(Math.max(seconds, SHORTEST), LONGEST)) / LOG_GAMMA);

const secondsOf = (bin: number): number => (2 * GAMMA ** bin) / (GAMMA + 1);
