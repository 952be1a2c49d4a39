import { ACCURACY, merge, quantilesOf, scale, type Sketch, weightAbove, weightOf } from './sketch';

/**
 * What a log told of one kind of statement. `tail`: durations all of which are logged, one by one. `body`: those of
 * which a share is, each standing for the reciprocal of its chance.
 */
export type Strata = {
  readonly tail: Sketch;
  readonly body: Sketch;
  /** Lines behind `body`. */
  readonly drawn: number;
};

/** A quantile, in seconds, with 95 % bounds, and how many observations of a plain sample would tell it as well. */
export type QuantileEstimate = {
  readonly quantile: number;
  readonly seconds: number;
  readonly low: number;
  readonly high: number;
  readonly effective: number;
};

export type LatencyEstimate = {
  /** Statements of the window: counted, or estimated from the sample. */
  readonly statements: number;
  readonly lines: number;
  /** Whether the count of statements is known, so that only the body's distribution is left to chance. */
  readonly counted: boolean;
  readonly quantiles: readonly QuantileEstimate[];
};

/** A quantile is told only with this many observations beyond it. */
const ENOUGH_BEYOND = 10;
const NORMAL_95 = 1.96;

/** With fewer lines a correction by the count would do more harm than good. */
const ENOUGH_DRAWN = 5;

/**
 * The stratified estimate: the tail as it is, the body weighted by Horvitz and Thompson, and rescaled to the statements
 * that were counted elsewhere (post-stratification), unless the two obviously count different things.
 *
 * Bounds are order statistics: of the quantile's own rank, and what the draw of the body adds to it; and as wide as a bin.
 *
 * @param counted statements in the same window, if somebody counted them
 */
export const estimateLatency = (
  { tail, body, drawn }: Strata,
  counted: number | undefined,
  quantiles: readonly number[],
): LatencyEstimate => {
  const tailWeight = weightOf(tail);
  const bodyWeight = weightOf(body);
  const factor = correction(tailWeight, bodyWeight, drawn, counted);
  const scaledBody = scale(body, factor ?? 1);
  const whole = merge([tail, scaledBody]);
  const statements = tailWeight + bodyWeight * (factor ?? 1);
  const values = quantilesOf(whole, quantiles);
  const tailFrom = quantilesOf(tail, [0])[0] ?? Infinity;
  const strata = { body: scaledBody, drawn, tailFrom, statements, counted: factor !== undefined };
  const told = quantiles.flatMap((quantile, i): QuantileEstimate[] => {
    const seconds = values[i];
    if (seconds === undefined) return [];
    const effective = effectiveSamples(quantile, seconds, strata);
    if (effective * (1 - quantile) < ENOUGH_BEYOND - 1e-9) return [];
    const margin = NORMAL_95 * Math.sqrt((quantile * (1 - quantile)) / effective);
    const [low = seconds, high = seconds] = quantilesOf(whole, [quantile - margin, quantile + margin]);
    return [{ quantile, seconds, low: low * (1 - ACCURACY), high: high * (1 + ACCURACY), effective }];
  });
  return { statements, lines: tailWeight + drawn, counted: factor !== undefined, quantiles: told };
};

const correction = (tail: number, body: number, drawn: number, counted: number | undefined): number | undefined => {
  if (counted === undefined || drawn < ENOUGH_DRAWN || counted <= tail) return undefined;
  const perLine = body / drawn;
  const tolerance = 4 * Math.sqrt(drawn) * perLine + 0.1 * (tail + body);
  return Math.abs(counted - tail - body) > tolerance ? undefined : (counted - tail) / body;
};

type Rest = {
  readonly body: Sketch;
  readonly drawn: number;
  /** The shortest duration of the tail. */
  readonly tailFrom: number;
  readonly statements: number;
  readonly counted: boolean;
};

/**
 * p(1−p) over the variance of the share of statements below the quantile. That nothing was drawn beyond it is no proof
 * that there is nothing, except in the tail: there may always be what one line stands for.
 */
const effectiveSamples = (quantile: number, seconds: number, rest: Rest): number => {
  const { body, drawn, tailFrom, statements, counted } = rest;
  const own = (quantile * (1 - quantile)) / statements;
  const bodyWeight = weightOf(body);
  if (drawn === 0 || bodyWeight === 0) return statements;
  const share = bodyWeight / statements;
  const seen = weightAbove(body, seconds) / bodyWeight;
  const above = seconds < tailFrom ? Math.max(seen, 1 / (drawn + 1)) : seen;
  const notDrawn = Math.max(0, 1 - drawn / bodyWeight);
  const ofShape = (share ** 2 * above * (1 - above) * notDrawn) / drawn;
  const ofSize = counted ? 0 : (((1 - quantile) * share) ** 2 * notDrawn) / drawn;
  return (quantile * (1 - quantile)) / (own + ofShape + ofSize);
};
