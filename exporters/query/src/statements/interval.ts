import {
  addToCounters,
  counterNames,
  type Counters,
  type Entry,
  type Moments,
  type MutableCounters,
  subtractCounters,
  zeroLike,
} from './entry';

/**
 * What one statement did between two readings: calls, seconds, and the sum of squared deviations from its own mean
 * (`m2`, seconds²; null when the cumulative figures no longer resolve it). `planM2` is that of planning.
 */
export type Interval = {
  readonly database: string;
  readonly queryid: string;
  readonly calls: number;
  readonly seconds: number;
  readonly m2: number | null;
  readonly planM2: number | null;
  readonly counters: Counters;
};

/**
 * The interval of an entry. Without `before` (it is new), or when its counters restarted in between, all that it has
 * now came since the last reading. Nothing when it was not called.
 */
export const intervalOf = (before: Entry | undefined, now: Entry): Interval | undefined => {
  if (before === now) return undefined;
  const base = before === undefined || restarted(before, now) ? undefined : before;
  const calls = now.calls - (base?.calls ?? 0);
  if (calls <= 0) return undefined;
  const seconds = Math.max(0, now.total - (base?.total ?? 0));
  const counters = base === undefined ? now.counters : subtractCounters(now.counters, base.counters);
  return {
    database: now.database,
    queryid: now.queryid,
    calls,
    seconds,
    m2: squares(base, now, calls, seconds),
    planM2: squares(base && planningOf(base), planningOf(now), counters.plans, counters.planSeconds),
    counters,
  };
};

const planningOf = ({ counters, planMean, planDeviation }: Entry): Moments => ({
  calls: counters.plans,
  mean: planMean,
  deviation: planDeviation,
});

/** Nothing but a restart makes a counter smaller. */
const restarted = (before: Entry, now: Entry): boolean =>
  now.since !== before.since ||
  now.calls < before.calls ||
  now.total < before.total ||
  counterNames.some((name) => now.counters[name] < before.counters[name]);

/**
 * Chan's formula turned round: the squares of the interval are those of the whole, less those before, less what the
 * distance between the two means explains. What is left is unknown when it lies below the rounding of the whole: a
 * statement that once took ten hours can't tell microseconds any more.
 */
const squares = (base: Moments | undefined, now: Moments, calls: number, seconds: number): number | null => {
  if (calls <= 1) return 0;
  const whole = now.calls * now.deviation ** 2;
  if (base === undefined) return whole;
  const distance = seconds / calls - base.mean;
  const m2 = whole - base.calls * base.deviation ** 2 - ((base.calls * calls) / now.calls) * distance ** 2;
  return m2 >= roundingOf(whole, calls) ? m2 : null;
};

/**
 * How far off the sum of squares may be: PostgreSQL rounds it at every call (half a unit in the last place each), and
 * the mean and deviation that it shows are rounded once more.
 */
const roundingOf = (whole: number, calls: number): number => whole * Number.EPSILON * (calls / 2 + 8);

type Counted = { readonly calls: number; readonly seconds: number; readonly m2: number | null };

/** The squares of two sets of calls taken together (Chan). */
const poolSquares = (a: Counted, b: Counted): number | null => {
  if (a.calls === 0 || b.calls === 0) return a.calls === 0 ? b.m2 : a.m2;
  if (a.m2 === null || b.m2 === null) return null;
  const distance = b.seconds / b.calls - a.seconds / a.calls;
  return a.m2 + b.m2 + ((a.calls * b.calls) / (a.calls + b.calls)) * distance ** 2;
};

const planned = ({ counters, planM2 }: Interval): Counted => ({
  calls: counters.plans,
  seconds: counters.planSeconds,
  m2: planM2,
});

type MutableInterval = { -readonly [K in keyof Omit<Interval, 'counters'>]: Interval[K] } & {
  counters: MutableCounters;
};

/** An account that begins: no calls yet, of an entry like this one. */
export const noInterval = (database: string, queryid: string, like: Counters): Interval => ({
  database,
  queryid,
  calls: 0,
  seconds: 0,
  m2: 0,
  planM2: 0,
  counters: zeroLike(like),
});

const addTo = (sum: MutableInterval, more: Interval): void => {
  sum.m2 = poolSquares(sum, more);
  sum.planM2 = poolSquares(planned(sum), planned(more));
  sum.calls += more.calls;
  sum.seconds += more.seconds;
  addToCounters(sum.counters, more.counters);
};

/** Sums of intervals by key: adds in place, into copies of its own, as there can be thousands at each beat. */
export type Sums = { readonly all: ReadonlyMap<string, Interval>; readonly add: (key: string, more: Interval) => void };

export const summing = (start: Iterable<readonly [string, Interval]> = []): Sums => {
  const all = new Map<string, Interval>(start);
  const own = new Map<string, MutableInterval>();
  const add = (key: string, more: Interval): void => {
    const before = all.get(key);
    if (before === undefined) {
      all.set(key, more);
      return;
    }
    const sum = own.get(key) ?? copyOf(before);
    own.set(key, sum);
    all.set(key, sum);
    addTo(sum, more);
  };
  return { all, add };
};

const copyOf = (interval: Interval): MutableInterval => ({ ...interval, counters: { ...interval.counters } });

/** Two intervals of the same statement as one. */
export const pool = (a: Interval, b: Interval): Interval => {
  const sum = copyOf(a);
  addTo(sum, b);
  return sum;
};

/** Intervals by database and statement, users and nesting levels taken together. */
export const poolAll = (intervals: Iterable<Interval>): ReadonlyMap<string, Interval> => {
  const sums = summing();
  for (const interval of intervals) sums.add(statementKey(interval), interval);
  return sums.all;
};

export const statementKey = ({ database, queryid }: { database: string; queryid: string }): string =>
  `${queryid} ${database}`;
