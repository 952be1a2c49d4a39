import { chooseShown, type Readings } from '@submilli/core';

/** A table or an index as one survey read it: with counters, and whatever else. */
export type Counted<C extends string> = Readonly<Record<C, number>>;

/** How to treat the objects of one kind. */
export type Kind<R, C extends string> = {
  /** Unique within a database. */
  readonly nameOf: (row: R) => string;
  /** Those of a row's numbers that only grow, until the server's statistics are reset. */
  readonly counters: readonly C[];
  /** What to rank by: one cumulative number. */
  readonly effort: (row: R) => number;
  /** Most rows that a reading of one database has; with as many, it may not be all there are. */
  readonly readingLimit: number;
};

/** What was last read, which objects are shown by themselves, and what those that are not have added up to. */
export type Ranking<R, C extends string> = {
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, R>>;
  /** Keys of `keyOf`. */
  readonly shown: ReadonlySet<string>;
  readonly weights: ReadonlyMap<string, number>;
  /** By database: growth of objects while they were not shown. It only ever grows. */
  readonly others: ReadonlyMap<string, Readonly<Record<C, number>>>;
};

export const nothingRanked = <R, C extends string>(): Ranking<R, C> => ({
  rows: new Map(),
  shown: new Set(),
  weights: new Map(),
  others: new Map(),
});

export const keyOf = (database: string, name: string): string => `${database}\u0000${name}`;

/** How much of its weight an object keeps from one reading to the next: a burst is remembered for some rounds. */
const MEMORY = 0.5;

/** Breaks ties between objects that did nothing lately: whoever did more in its life. Far below any real work. */
const LIFETIME_SHARE = 1e-15;

/**
 * Takes in one reading of every database. An object is shown with the server's own counters; the growth of all others
 * goes to their database's sum. Between two readings each growth goes to exactly one of the two: the object's own
 * series if it was shown at both ends, else the sum. So sums never go backwards, whatever comes, goes or is reset.
 */
export const rank = <R extends Counted<C>, C extends string>(
  kind: Kind<R, C>,
  before: Ranking<R, C>,
  readings: Readings<readonly R[]>,
  limit: number,
): Ranking<R, C> => {
  const rows = new Map([...readings].map(([database, read]) => [database, byName(kind, read)]));
  const weights = new Map(
    [...rows].flatMap(([database, read]) =>
      [...read].map(([name, row]) => {
        const key = keyOf(database, name);
        return [key, weightOf(kind, before, key, before.rows.get(database)?.get(name), row)] as const;
      }),
    ),
  );
  const shown = chooseShown(weights, before.shown, limit);
  const others = new Map(
    [...rows].map(([database, read]) => [database, addOthers(kind, before, shown, database, read)]),
  );
  return { rows, shown, weights, others };
};

/** The objects of a database that are shown, and those that are not. */
export const splitShown = <R, C extends string>(
  { rows, shown }: Ranking<R, C>,
  database: string,
): { readonly shown: readonly R[]; readonly hidden: readonly R[] } => {
  const all = [...(rows.get(database) ?? [])];
  const isShown = ([name]: readonly [string, R]): boolean => shown.has(keyOf(database, name));
  return {
    shown: all.filter(isShown).map(([, row]) => row),
    hidden: all.filter((entry) => !isShown(entry)).map(([, row]) => row),
  };
};

const byName = <R, C extends string>({ nameOf }: Kind<R, C>, rows: readonly R[]): Map<string, R> =>
  new Map(rows.map((row) => [nameOf(row), row]));

const weightOf = <R extends Counted<C>, C extends string>(
  kind: Kind<R, C>,
  before: Ranking<R, C>,
  key: string,
  then: R | undefined,
  row: R,
): number => {
  const now = kind.effort(row);
  const grown = then === undefined ? 0 : growth(kind.effort(then), now);
  return grown + MEMORY * (before.weights.get(key) ?? 0) + LIFETIME_SHARE * now;
};

const addOthers = <R extends Counted<C>, C extends string>(
  kind: Kind<R, C>,
  before: Ranking<R, C>,
  shown: ReadonlySet<string>,
  database: string,
  read: ReadonlyMap<string, R>,
): Readonly<Record<C, number>> => {
  const sums = Object.fromEntries(
    kind.counters.map((counter) => [counter, before.others.get(database)?.[counter] ?? 0]),
  ) as Record<C, number>;
  const last = before.rows.get(database);
  if (last === undefined) return sums;
  const isComplete = last.size < kind.readingLimit;
  for (const [name, row] of read) {
    const key = keyOf(database, name);
    if (shown.has(key) && before.shown.has(key)) continue;
    const then = last.get(name);
    // Where a reading was cut off, an object that was not in it need not be new: what it did before is not growth.
    if (then === undefined && !isComplete) continue;
    for (const counter of kind.counters) sums[counter] += growth(then?.[counter] ?? 0, row[counter]);
  }
  return sums;
};

/** A counter below its last value was reset, or belongs to a new object of the same name. */
const growth = (then: number, now: number): number => (now >= then ? now - then : now);
