import type { Pace } from './work';

/** One past hour of a statement; `hour` counts from the epoch. */
export type Hour = Pace & { readonly hour: number };

/** What is usual: medians of past hours, and how far the mean usually is from its own (the median of the distances). */
export type Baseline = Pace & {
  readonly basis: 'hour of the week' | 'all hours';
  readonly hours: number;
  readonly spread: number;
};

export const HOURS_OF_THE_WEEK = 168;
/** Four weeks: each hour of the week then has four that came before. */
export const MOST_HOURS = 4 * HOURS_OF_THE_WEEK;
/** With fewer than these the same hour of other weeks says nothing yet, and all hours are what is usual. */
const ENOUGH_WEEKS = 3;
const ENOUGH_HOURS = 6;

/** What is usual at this hour, or nothing before there is enough to say. */
export const baselineOf = (hours: readonly Hour[], now: number): Baseline | undefined => {
  const past = hours.filter(({ hour }) => hour < now);
  const same = past.filter(({ hour }) => (now - hour) % HOURS_OF_THE_WEEK === 0);
  if (same.length >= ENOUGH_WEEKS) return usual(same, 'hour of the week');
  return past.length >= ENOUGH_HOURS ? usual(past.slice(-HOURS_OF_THE_WEEK), 'all hours') : undefined;
};

const usual = (hours: readonly Hour[], basis: Baseline['basis']): Baseline => {
  const middle = (of: (hour: Hour) => number): number => median(hours.map(of));
  const mean = middle((hour) => hour.mean);
  return {
    ...{ basis, hours: hours.length, mean, spread: middle((hour) => Math.abs(hour.mean - mean)) },
    ...{ blocks: middle((hour) => hour.blocks), rows: middle((hour) => hour.rows) },
    ...{ wal: middle((hour) => hour.wal), rate: middle((hour) => hour.rate) },
  };
};

/** Of at least one value. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
};
