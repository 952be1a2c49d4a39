import { addCounters, type Counters, type Entry, subtractCounters } from './entry';

/**
 * What one statement did between two readings: calls, seconds, and the sum of squared deviations from its own mean
 * (`m2`, seconds²; null when the cumulative figures no longer resolve it).
 */
export type Interval = {
  readonly database: string;
  readonly queryid: string;
  readonly calls: number;
  readonly seconds: number;
  readonly m2: number | null;
  readonly counters: Counters;
};

/**
 * The interval of an entry. Without `before` (it is new), or when its counters restarted in between, all that it has
 * now came since the last reading. Nothing when it was not called.
 */
export const intervalOf = (before: Entry | undefined, now: Entry): Interval | undefined => {
  const base = before === undefined || restarted(before, now) ? undefined : before;
  const calls = now.calls - (base?.calls ?? 0);
  if (calls <= 0) return undefined;
  const seconds = Math.max(0, now.total - (base?.total ?? 0));
  const { database, queryid } = now;
  const counters = base === undefined ? now.counters : subtractCounters(now.counters, base.counters);
  return { database, queryid, calls, seconds, m2: squares(base, now, calls, seconds), counters };
};

const restarted = (before: Entry, now: Entry): boolean =>
  now.since !== before.since ||
  now.calls < before.calls ||
  now.total < before.total ||
  now.counters.rows < before.counters.rows;

/**
 * Chan's formula turned round: the squares of the interval are those of the whole, less those before, less what the
 * distance between the two means explains. Below the precision of the totals it goes negative and is then unknown.
 */
const squares = (base: Entry | undefined, now: Entry, calls: number, seconds: number): number | null => {
  if (calls === 1) return 0;
  const whole = now.calls * now.deviation ** 2;
  if (base === undefined) return whole;
  const distance = seconds / calls - base.mean;
  const m2 = whole - base.calls * base.deviation ** 2 - ((base.calls * calls) / now.calls) * distance ** 2;
  return m2 >= 0 ? m2 : null;
};

/** Two intervals of the same statement as one. */
export const pool = (a: Interval, b: Interval): Interval => {
  const calls = a.calls + b.calls;
  const distance = b.seconds / b.calls - a.seconds / a.calls;
  const m2 = a.m2 === null || b.m2 === null ? null : a.m2 + b.m2 + ((a.calls * b.calls) / calls) * distance ** 2;
  const counters = addCounters(a.counters, b.counters);
  return { ...a, calls, seconds: a.seconds + b.seconds, m2, counters };
};

/** Intervals by database and statement, users and nesting levels taken together. */
export const poolAll = (intervals: Iterable<Interval>): Map<string, Interval> => {
  const pooled = new Map<string, Interval>();
  for (const interval of intervals) {
    const key = statementKey(interval);
    const before = pooled.get(key);
    pooled.set(key, before === undefined ? interval : pool(before, interval));
  }
  return pooled;
};

export const statementKey = ({ database, queryid }: { database: string; queryid: string }): string =>
  `${queryid} ${database}`;
