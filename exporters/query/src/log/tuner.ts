import { isCovering, type Sampling, weightOf } from './settings';

/** What to log, and what it will cost. */
export type SamplingAdvice = {
  readonly thresholdMs: number;
  readonly rate: number;
  readonly linesPerSecond: number;
  readonly linesPerSecondNow: number;
  /** Of the CPU time of a short prepared SELECT. */
  readonly overheadPercent: number;
};

/** Lines per second that tell the body of any distribution well, and cost next to nothing to write and to read. */
export const LINES_PER_SECOND = 200;

/** The tail takes its share of them: a hundredth of the calls are beyond P99. */
const TAIL_SHARE = 0.01;
const TOLERANCE = 4;

/**
 * The threshold at about P99, a whole millisecond and at least one (the setting has no finer unit); the rate so that
 * there are 200 lines per second. Nothing when what is logged comes near it.
 *
 * @param calls per second
 * @param p99 seconds, of the slowest type of statement, if it is known
 */
export const recommendSampling = (
  now: Sampling,
  calls: number,
  p99: number | undefined,
): SamplingAdvice | undefined => {
  const rate = roundRate(Math.min(1, LINES_PER_SECOND / Math.max(calls, 1)));
  const thresholdMs = Math.max(1, Math.ceil((p99 ?? 0.001) * 1000));
  const linesPerSecond = Math.min(calls, calls * rate + calls * TAIL_SHARE);
  const linesPerSecondNow = linesNow(now, calls);
  const isNear =
    isCovering(now) &&
    linesPerSecondNow <= linesPerSecond * TOLERANCE &&
    linesPerSecondNow >= linesPerSecond / TOLERANCE;
  return isNear
    ? undefined
    : { thresholdMs, rate, linesPerSecond, linesPerSecondNow, overheadPercent: overheadOf(rate) };
};

/** Without the tail, of which the settings say nothing. */
const linesNow = (sampling: Sampling, calls: number): number => {
  const { threshold, everything } = sampling;
  if (everything || threshold === 0) return calls;
  return calls * ((isCovering(sampling) ? 1 / weightOf(sampling, 0) : 0) + (threshold === null ? 0 : TAIL_SHARE));
};

/** To one significant digit downwards: a setting that people read. */
const roundRate = (rate: number): number => {
  if (rate >= 1) return 1;
  const digit = 10 ** Math.floor(Math.log10(rate));
  return Number((Math.max(1, Math.floor(rate / digit)) * digit).toPrecision(1));
};

/** Measured: see docs/latency.md. Between the measured rates by a straight line. */
const measured: readonly (readonly [rate: number, percent: number])[] = [
  [0, 0],
  [0.001, 0],
  [0.01, 3],
  [0.1, 26],
  [1, 65],
];

const overheadOf = (rate: number): number => {
  const after = measured.findIndex(([known]) => known >= rate);
  const [x1, y1] = measured[after] ?? [1, 65];
  const [x0, y0] = measured[after - 1] ?? [0, 0];
  return Math.round(x1 === x0 ? y1 : y0 + ((y1 - y0) * (rate - x0)) / (x1 - x0));
};
