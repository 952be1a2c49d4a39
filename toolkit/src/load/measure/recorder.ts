import { addAll, emptySketch, quantilesOf, type Sketch, type Weighted } from '@submilli/query';
import type { LogLine, Outcome } from './log-line';

/** Durations as a distribution, in bounded memory: quantiles to half a percent, everything else exactly. */
export type Distribution = {
  readonly count: number;
  readonly sum: number;
  readonly max: number;
  readonly sketch: Sketch;
};

/** Durations that are gathered; a sketch is made anew by each addition, so they are added many at a time. */
type Gathering = { count: number; sum: number; max: number; sketch: Sketch; waiting: Weighted[] };

const AT_ONCE = 4096;

const gather = (): Gathering => ({ count: 0, sum: 0, max: 0, sketch: emptySketch, waiting: [] });

const note = (into: Gathering, seconds: number): void => {
  into.count += 1;
  into.sum += seconds;
  into.max = Math.max(into.max, seconds);
  into.waiting.push({ seconds, weight: 1 });
  if (into.waiting.length >= AT_ONCE) settle(into);
};

const settle = (into: Gathering): Distribution => {
  if (into.waiting.length > 0) into.sketch = addAll(into.sketch, into.waiting);
  into.waiting = [];
  const { count, sum, max, sketch } = into;
  return { count, sum, max, sketch };
};

/** Below this many observations beyond a quantile it says more of chance than of the system. */
const LEAST_BEYOND = 10;

/** Seconds at a quantile (0 to 1); null where too few observations lie beyond it to tell. */
export const quantileIn = ({ count, max, sketch }: Distribution, quantile: number): number | null => {
  if (count * (1 - quantile) < LEAST_BEYOND * (1 - 1e-9)) return null;
  const [seconds] = quantilesOf(sketch, [quantile]);
  return seconds === undefined ? null : Math.min(seconds, max);
};

/** How many observations it takes to tell this quantile. */
export const neededFor = (quantile: number): number => Math.ceil((LEAST_BEYOND / (1 - quantile)) * (1 - 1e-9));

export const meanOf = ({ count, sum }: Distribution): number | null => (count === 0 ? null : sum / count);

/** What counts: transactions that were due or sent in this time. Seconds since the epoch. */
export type Counted = { readonly from: number; readonly to: number };

/** A stretch of the run. */
export type Stretch = { readonly at: number; readonly failed: number; readonly latency: Distribution };

/** What a log says of the time that counts. */
export type Recorded = {
  /** From when a transaction was due, or sent. */
  readonly latency: Distribution;
  /** The part of it that it was due and not yet sent. */
  readonly lag: Distribution;
  readonly failed: Readonly<Record<Exclude<Outcome, 'done'>, number>>;
  readonly retries: number;
  readonly scripts: readonly { readonly failed: number; readonly latency: Distribution }[];
  readonly stretchSeconds: number;
  readonly stretches: readonly Stretch[];
};

export type Recorder = { readonly add: (line: LogLine) => void; readonly end: () => Recorded };

/** A run is shown in at most so many stretches. */
const MOST_STRETCHES = 120;

export const startRecorder = (counted: Counted, scripts: number): Recorder => {
  const seconds = counted.to - counted.from;
  const stretchSeconds = Math.max(1, Math.ceil(seconds / MOST_STRETCHES));
  const stretches = Array.from({ length: Math.max(1, Math.ceil(seconds / stretchSeconds)) }, () => ({
    ...{ failed: 0, latency: gather() },
  }));
  const byScript = Array.from({ length: scripts }, () => ({ failed: 0, latency: gather() }));
  const [latency, lag] = [gather(), gather()];
  const failed = { serialization: 0, deadlock: 0, failed: 0, skipped: 0 };
  let retries = 0;
  return {
    add: (line) => {
      const begun = line.endedAt - line.seconds;
      if (begun < counted.from || begun >= counted.to) return;
      const of = [stretches[Math.floor((begun - counted.from) / stretchSeconds)], byScript[line.script]];
      retries += line.retries;
      if (line.outcome === 'done') {
        for (const into of [latency, ...of.flatMap((one) => one?.latency ?? [])]) note(into, line.seconds);
        note(lag, line.lag);
      } else {
        failed[line.outcome] += 1;
        for (const one of of) if (one !== undefined) one.failed += 1;
      }
    },
    end: () => ({
      ...{ latency: settle(latency), lag: settle(lag), failed, retries, stretchSeconds },
      scripts: byScript.map((one) => ({ failed: one.failed, latency: settle(one.latency) })),
      stretches: stretches.map((one, i) => ({
        ...{ at: i * stretchSeconds, failed: one.failed, latency: settle(one.latency) },
      })),
    }),
  };
};
