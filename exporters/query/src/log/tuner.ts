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

/** Where the tail begins, and what it would cost to log all of it. */
export type Tail = {
  /** Seconds, of the slowest type of statement. */
  readonly p99: number;
  /** Of all statements, those that take `tailFromMs(p99)` or longer. */
  readonly linesPerSecond: number;
};

/** The last whole millisecond (the setting has no finer unit) from which on all of the tail is logged, P99 itself included. */
export const tailFromMs = (p99: number): number => Math.max(1, Math.floor(p99 * 1000));

/** Between P99 and the whole millisecond before it there may be most statements: so many lines are worth it. */
const mostOfTail = (calls: number): number => 2 * Math.max(LINES_PER_SECOND, calls * TAIL_SHARE);

/**
 * The threshold at the whole millisecond before P99, so that nothing from P99 up is left to chance; at the one after it
 * where too much would be logged. The rate so that there are 200 lines per second. Nothing when what is logged comes
 * near it.
 *
 * @param calls per second
 * @param tail if it is known
 */
export const recommendSampling = (now: Sampling, calls: number, tail: Tail | undefined): SamplingAdvice | undefined => {
  const rate = roundRate(Math.min(1, LINES_PER_SECOND / Math.max(calls, 1)));
  const isWorthIt = tail !== undefined && tail.linesPerSecond <= mostOfTail(calls);
  const after = tail === undefined ? 1 : Math.max(1, Math.ceil(tail.p99 * 1000));
  const thresholdMs = isWorthIt ? tailFromMs(tail.p99) : after;
  const ofTail = isWorthIt ? Math.max(tail.linesPerSecond, calls * TAIL_SHARE) : calls * TAIL_SHARE;
  const linesPerSecond = Math.min(calls, calls * rate + ofTail);
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

/** Measured: `npm run bench -- --only latency`. Between the measured rates by a straight line. */
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
