import { type Entry } from './entry';
import { chooseShown } from '@submilli/core';
import { type Interval, intervalOf, pool, poolAll } from './interval';
import type { QueryType } from './query-type';

/** One reading of `pg_stat_statements`, with the types of statements that were new in it. */
export type Reading = {
  readonly entries: readonly Entry[];
  readonly columns: readonly string[];
  readonly newTypes: ReadonlyMap<string, QueryType>;
  /** How long fetching the texts for `newTypes` took, or null if there was no need. */
  readonly textsMs: number | null;
  readonly info: Info;
};

export type Info = {
  /** Entries thrown out for want of room, since the statistics were last reset. */
  readonly evictions: number;
  readonly statsReset: number | null;
  readonly limit: number;
};

/** What happened between two readings. */
export type Beat = { readonly at: number; readonly seconds: number; readonly intervals: ReadonlyMap<string, Interval> };

/** A cumulative row: a statement that is shown by itself, or what is left of its kind. */
export type Total = { readonly interval: Interval; readonly type: QueryType };

export type StatementsState = {
  readonly windowSeconds: number;
  readonly limit: number;
  readonly columns: readonly string[] | null;
  /** When texts may be fetched again, on the clock of `at`. */
  readonly textsDueAt: number;
  readonly last: { readonly at: number; readonly entries: ReadonlyMap<string, Entry>; readonly info: Info } | null;
  readonly beats: readonly Beat[];
  readonly types: ReadonlyMap<string, QueryType>;
  /** Totals since this state began, each only ever growing. Keys: a statement's, or that of its `other` row. */
  readonly totals: ReadonlyMap<string, Total>;
  readonly calls: ReadonlyMap<string, number>;
  readonly durations: ReadonlyMap<string, Total>;
};

export const OTHER = 'other';
const MAX_TYPES = 20_000;

/** Rest after fetching texts, as a multiple of what it took: a statement churn can't make us read the text file on end. */
const TEXTS_REST = 20;

export const startState = (windowSeconds: number, limit: number): StatementsState => ({
  ...{ windowSeconds, limit, columns: null, textsDueAt: 0, last: null, beats: [] },
  ...{ types: new Map(), totals: new Map(), calls: new Map(), durations: new Map() },
});

/**
 * Takes in one reading. Every call counted since the reading before goes to exactly one total: that of its statement
 * if it is shown by itself, or that of the `other` row of its database and type. So the rows always add up to the
 * whole, and none ever goes backwards, whatever is evicted, reset, or moves in the ranking. A statement whose type is
 * not known yet waits: what it did is counted when it is, under the right type.
 */
export const takeReading = (state: StatementsState, reading: Reading, at: number): StatementsState => {
  const types = remember(state.types, reading.newTypes);
  const next: StatementsState = {
    ...state,
    types,
    columns: reading.columns,
    textsDueAt: reading.textsMs === null ? state.textsDueAt : at + TEXTS_REST * reading.textsMs,
    last: { at, entries: byKey(reading.entries), info: reading.info },
  };
  if (state.last === null) return { ...next, calls: startCounts(reading.entries, state.calls) };

  const wasReset = state.last.info.statsReset !== reading.info.statsReset;
  const before = wasReset ? new Map<string, Entry>() : state.last.entries;
  const known = reading.entries.filter(({ queryid }) => types.has(queryid));
  const waiting = reading.entries
    .filter(({ queryid }) => !types.has(queryid))
    .flatMap(({ key }) => before.get(key) ?? []);
  const intervals = poolAll(known.flatMap((entry) => intervalOf(before.get(entry.key), entry) ?? []));
  const beat: Beat = { at, seconds: (at - state.last.at) / 1000, intervals };
  const beats = [...state.beats, beat].filter((kept) => kept.at > at - state.windowSeconds * 1000);
  const inWindow = poolAll(beats.flatMap((kept) => [...kept.intervals.values()]));
  const weights = new Map([...inWindow].map(([key, interval]) => [key, interval.seconds]));
  const shown = chooseShown(weights, new Set(state.totals.keys()), state.limit);
  return {
    ...next,
    last: { at, entries: byKey([...known, ...waiting]), info: reading.info },
    beats,
    totals: addTotals(state.totals, intervals, shown, types),
    calls: addCalls(startCounts(reading.entries, state.calls), intervals),
    durations: addDurations(state.durations, intervals, types),
  };
};

export type StatementsWindow = { readonly seconds: number; readonly intervals: ReadonlyMap<string, Interval> };

/** The statements of the window, pooled; and how long the window is by now. */
export const windowOf = (state: StatementsState): StatementsWindow => ({
  seconds: state.beats.reduce((sum, beat) => sum + beat.seconds, 0),
  intervals: poolAll(state.beats.flatMap((beat) => [...beat.intervals.values()])),
});

export const typeOf = (types: StatementsState['types'], queryid: string): QueryType => types.get(queryid) ?? 'other';

const byKey = (entries: readonly Entry[]): Map<string, Entry> => new Map(entries.map((entry) => [entry.key, entry]));

/** A bounded memory: the oldest go first. */
const remember = (types: StatementsState['types'], more: ReadonlyMap<string, QueryType>): StatementsState['types'] =>
  more.size === 0 ? types : new Map([...types, ...more].slice(-MAX_TYPES));

/** A database that has statements, but no call yet since we look, has a count: zero. */
const startCounts = (entries: readonly Entry[], calls: StatementsState['calls']): Map<string, number> => {
  const counts = new Map(calls);
  for (const { database } of entries) if (!counts.has(database)) counts.set(database, 0);
  return counts;
};

const addCalls = (calls: Map<string, number>, intervals: Beat['intervals']): Map<string, number> => {
  for (const { database, calls: n } of intervals.values()) calls.set(database, (calls.get(database) ?? 0) + n);
  return calls;
};

const addTotals = (
  totals: StatementsState['totals'],
  intervals: Beat['intervals'],
  shown: ReadonlySet<string>,
  types: StatementsState['types'],
): Map<string, Total> => {
  const kept = new Map([...totals].filter(([key, { interval }]) => interval.queryid === OTHER || shown.has(key)));
  for (const [key, interval] of intervals) {
    const type = typeOf(types, interval.queryid);
    if (shown.has(key)) add(kept, key, interval, type);
    else add(kept, `${OTHER} ${type} ${interval.database}`, { ...interval, queryid: OTHER }, type);
  }
  return kept;
};

const addDurations = (
  durations: StatementsState['durations'],
  intervals: Beat['intervals'],
  types: StatementsState['types'],
): Map<string, Total> => {
  const grown = new Map(durations);
  for (const interval of intervals.values()) {
    const type = typeOf(types, interval.queryid);
    add(grown, `${type} ${interval.database}`, { ...interval, queryid: OTHER }, type);
  }
  return grown;
};

const add = (totals: Map<string, Total>, key: string, interval: Interval, type: QueryType): void => {
  const before = totals.get(key)?.interval;
  totals.set(key, { interval: before === undefined ? interval : pool(before, interval), type });
};
