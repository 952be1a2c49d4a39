import type { Entry } from './entry';
import { type Interval, noInterval, pool, statementKey, summing } from './interval';
import type { QueryType } from './query-type';

/** A running total: of a statement that is shown by itself, or of all others of its kind. */
export type Total = { readonly interval: Interval; readonly type: QueryType };

/** Totals since the sampler's session began. None ever goes backwards. Keys: a statement's, or a type's and database's. */
export type Ledger = {
  /** By database: every call at once, whatever is known of its statement. */
  readonly calls: ReadonlyMap<string, number>;
  /** By type and database. */
  readonly durations: ReadonlyMap<string, Total>;
  /** Statements shown by themselves. */
  readonly totals: ReadonlyMap<string, Total>;
  /** By type and database: what no shown statement has. */
  readonly rest: ReadonlyMap<string, Total>;
  /** Statements whose type isn't known yet: what they did is posted under it when it is. */
  readonly waiting: ReadonlyMap<string, Interval>;
};

export const OTHER = 'other';

export const emptyLedger: Ledger = {
  ...{ calls: new Map(), durations: new Map(), totals: new Map(), rest: new Map(), waiting: new Map() },
};

/** What one beat brings to the ledger. */
export type Posting = {
  readonly intervals: ReadonlyMap<string, Interval>;
  /** Entries that exist now, called or not. */
  readonly entries: readonly Entry[];
  /** Every database of the server. */
  readonly databases: ReadonlySet<string>;
  /** Undefined while it isn't known but will be. */
  readonly typeOf: (queryid: string) => QueryType | undefined;
  /** Keys of the statements to show from now on. */
  readonly shown: ReadonlySet<string>;
};

/**
 * Posts one beat. A counter can't be made of the cumulative figures of `pg_stat_statements` itself: `other` as "the
 * whole less what is shown" falls whenever a statement enters the ranking, or is evicted or reset. So each row has an
 * account of its own that grows by differences, and every call goes to exactly one of them: that of its statement, if
 * it was shown before, or that of the `other` row of its type and database. Whatever is evicted, reset, or moves in
 * the ranking, the rows add up to all calls and none goes backwards.
 *
 * A statement that enters begins at zero, with the beat that brought it in counted under `other`; and the rows of a
 * kind begin at zero as soon as it is seen. Prometheus takes the first value of a series for what was there before, so
 * an account that began with its first calls would lose them to `rate()`.
 */
export const post = (ledger: Ledger, posting: Posting): Ledger => {
  const { intervals, entries, databases, typeOf, shown } = posting;
  const calls = new Map(ledger.calls);
  const durations = accounts(ledger.durations);
  const rest = accounts(ledger.rest);
  const totals = accounts([...ledger.totals].filter(([key]) => shown.has(key)));
  for (const { database, queryid, counters } of entries) {
    if (!calls.has(database)) calls.set(database, 0);
    const type = typeOf(queryid);
    if (type === undefined) continue;
    for (const kinds of [durations, rest]) {
      if (!kinds.has(kindKey(type, database))) {
        kinds.open(kindKey(type, database), type, noInterval(database, OTHER, counters));
      }
    }
  }

  for (const { database, calls: n } of intervals.values()) calls.set(database, (calls.get(database) ?? 0) + n);
  const waiting = new Map<string, Interval>();
  for (const [key, interval] of withWaiting(ledger.waiting, intervals)) {
    const type = typeOf(interval.queryid);
    if (type === undefined) {
      waiting.set(key, interval);
      continue;
    }
    const kind = kindKey(type, interval.database);
    durations.add(kind, type, interval);
    if (totals.has(key)) totals.add(key, type, interval);
    else rest.add(kind, type, interval);
  }
  openShown(totals, posting);
  const living = <T>(all: ReadonlyMap<string, T>, databaseOf: (one: T) => string): ReadonlyMap<string, T> =>
    new Map([...all].filter(([, one]) => databases.has(databaseOf(one))));
  // Accounts of databases that are gone are closed, else those of short-lived ones would pile up.
  const ofTotal = ({ interval }: Total): string => interval.database;
  return {
    calls: new Map([...calls].filter(([database]) => databases.has(database))),
    durations: living(durations.all(), ofTotal),
    totals: living(totals.all(), ofTotal),
    rest: living(rest.all(), ofTotal),
    waiting: living(waiting, ({ database }) => database),
  };
};

const openShown = (totals: Accounts, { shown, entries, typeOf }: Posting): void => {
  for (const entry of entries) {
    const key = statementKey(entry);
    const type = shown.has(key) && !totals.has(key) ? typeOf(entry.queryid) : undefined;
    if (type !== undefined) totals.open(key, type, noInterval(entry.database, entry.queryid, entry.counters));
  }
};

const withWaiting = (waiting: Ledger['waiting'], intervals: Posting['intervals']): ReadonlyMap<string, Interval> => {
  if (waiting.size === 0) return intervals;
  const due = new Map(waiting);
  for (const [key, interval] of intervals) {
    const before = due.get(key);
    due.set(key, before === undefined ? interval : pool(before, interval));
  }
  return due;
};

const kindKey = (type: QueryType, database: string): string => `${type} ${database}`;

type Accounts = {
  readonly has: (key: string) => boolean;
  readonly open: (key: string, type: QueryType, nothing: Interval) => void;
  readonly add: (key: string, type: QueryType, more: Interval) => void;
  readonly all: () => ReadonlyMap<string, Total>;
};

const accounts = (before: Iterable<readonly [string, Total]>): Accounts => {
  const start = [...before];
  const types = new Map(start.map(([key, { type }]) => [key, type]));
  const sums = summing(start.map(([key, { interval }]) => [key, interval] as const));
  const open: Accounts['open'] = (key, type, interval) => {
    types.set(key, type);
    sums.add(key, interval);
  };
  return {
    has: (key) => types.has(key),
    open,
    add: (key, type, more) => (types.has(key) ? sums.add(key, more) : open(key, type, { ...more, queryid: OTHER })),
    all: () => new Map([...sums.all].map(([key, interval]) => [key, { interval, type: types.get(key) ?? OTHER }])),
  };
};
