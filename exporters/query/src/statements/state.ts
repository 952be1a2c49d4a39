import { chooseShown } from '@submilli/core';
import type { Columns } from './columns';
import type { Entry } from './entry';
import { type Interval, intervalOf, poolAll } from './interval';
import { emptyLedger, type Ledger, post } from './ledger';
import type { QueryType } from './query-type';
import type { Known } from './read-entries';
import { type Look, noTexts, type Texts, withLooks } from './texts';
import { emptySlices, type Slice, type Slices, sliceOf, slideSlices } from './window';

export { OTHER, type Total } from './ledger';

/** One reading of `pg_stat_statements`, with what was found out about statements that were new in it. */
export type Reading = {
  readonly columns: Columns;
  readonly entries: readonly Entry[];
  /** By key of an entry: another one when it was planned or called; see `marksSql`. */
  readonly marks: ReadonlyMap<string, string>;
  /** Every database of the server. */
  readonly databases: ReadonlySet<string>;
  readonly info: Info;
  readonly texts: TextsRead;
};

export type Info = {
  /** The server's time, seconds since the epoch. */
  readonly now: number;
  /** How often entries were thrown out for want of room, since the statistics were last reset. */
  readonly evictions: number;
  /** Seconds since the epoch. */
  readonly statsReset: number | null;
  readonly limit: number;
  /** Whether `pg_stat_statements.track_planning` and `track_io_timing` are on: else there are no such times. */
  readonly planningTimed: boolean;
  readonly ioTimed: boolean;
  /** Bytes; `workMem` as our own session has it. */
  readonly blockSize: number;
  readonly workMem: number;
  /** Names by oid. */
  readonly roles: ReadonlyMap<string, string>;
};

/** What came of looking at texts, and how long that took; null if there was no need or it was too soon. */
export type TextsRead = {
  readonly looks: ReadonlyMap<string, Look>;
  readonly tookMs: number | null;
  readonly failed: boolean;
};

export type StatementsState = Ledger & {
  /** Most statements to show by themselves, hysteresis aside. */
  readonly limit: number;
  readonly columns: Columns | null;
  /** When texts may be fetched again, on the clock of `at`; and whether the last try failed. */
  readonly textsDueAt: number;
  readonly textsFailed: boolean;
  readonly last: (Known & { readonly at: number; readonly info: Info }) | null;
  /** What the next reading's entries are compared with: those of the last one, or as they were when last called. */
  readonly base: ReadonlyMap<string, Entry>;
  readonly window: Slices;
  /** The statements of the last beat. */
  readonly beat: ReadonlyMap<string, Interval>;
  /** Seconds by statement, the older the less: what is shown is chosen by these. */
  readonly weights: ReadonlyMap<string, number>;
  readonly types: ReadonlyMap<string, QueryType>;
  readonly texts: Texts;
  /** Evictions seen since this state began, and for how long it has watched. */
  readonly evictions: number;
  readonly watchedSeconds: number;
  /** The server's time when we last saw one. */
  readonly evictedAt: number | null;
};

/** Rest after fetching texts, as a multiple of what it took: statement churn can't make us read the text file on end. */
const TEXTS_REST = 20;
/** After so many windows a statement's time counts half: one that runs now and then keeps its series. */
const HALF_LIFE_WINDOWS = 5;
const MOST_WEIGHTS = 10_000;

export const startState = (windowSeconds: number, limit: number): StatementsState => ({
  ...{ ...emptyLedger, limit, columns: null, textsDueAt: 0, textsFailed: false, last: null, base: new Map() },
  ...{ window: emptySlices(windowSeconds), beat: new Map() },
  ...{ weights: new Map(), types: new Map(), texts: noTexts, evictions: 0, watchedSeconds: 0, evictedAt: null },
});

/** Takes in one reading: what happened since the one before goes to the window and to the ledger. */
export const takeReading = (state: StatementsState, reading: Reading, at: number): StatementsState => {
  const { columns, entries, marks, databases, info } = reading;
  const held = new Set(entries.map(({ queryid }) => queryid));
  const texts = withLooks(state.texts, reading.texts.looks, held);
  const types =
    texts === state.texts ? state.types : new Map([...texts.looks].map(([queryid, { type }]) => [queryid, type]));
  const { tookMs } = reading.texts;
  const textsFailed = tookMs === null ? state.textsFailed : reading.texts.failed;
  const { beat, base } = compare(state, reading);
  const seconds = state.last === null ? 0 : (at - state.last.at) / 1000;
  const window = seconds === 0 ? state.window : slideSlices(state.window, { seconds, intervals: beat });
  const weights = weigh(state.weights, beat, texts, 0.5 ** (seconds / (HALF_LIFE_WINDOWS * state.window.length)));
  const posted = post(state, {
    ...{ intervals: beat, entries, databases },
    // Of what is gone, or while texts can't be had, nothing more will be known.
    typeOf: (queryid) => types.get(queryid) ?? (textsFailed || !held.has(queryid) ? 'other' : undefined),
    shown: chooseShown(weights, new Set(state.totals.keys()), state.limit),
  });
  const evicted = evictedSince(state.last?.info, info);
  return {
    ...{ ...posted, limit: state.limit, columns, textsFailed, base, window, beat, weights, types, texts },
    textsDueAt: tookMs === null ? state.textsDueAt : at + TEXTS_REST * tookMs,
    last: { at, entries: new Map(entries.map((entry) => [entry.key, entry])), marks, info },
    evictions: state.evictions + evicted,
    evictedAt: evicted > 0 ? info.now : state.evictedAt,
    watchedSeconds: state.watchedSeconds + seconds,
  };
};

/**
 * What was called since the last reading, by statement. Nothing at the first one, nor when the extension was updated in
 * between: its figures then don't compare. When all statistics were reset, all there is came since.
 *
 * A statement is planned some time before its call is counted: so one that wasn't called is compared with as it was
 * before that.
 */
const compare = (
  { last, columns, base }: StatementsState,
  reading: Reading,
): { readonly beat: ReadonlyMap<string, Interval>; readonly base: ReadonlyMap<string, Entry> } => {
  const { entries } = reading;
  if (last === null || columns?.version !== reading.columns.version) {
    return { beat: new Map(), base: new Map(entries.map((entry) => [entry.key, entry])) };
  }
  const wasReset = last.info.statsReset !== reading.info.statsReset;
  const intervals: Interval[] = [];
  const next = new Map<string, Entry>();
  for (const entry of entries) {
    const before = wasReset ? undefined : base.get(entry.key);
    const interval = intervalOf(before, entry);
    if (interval !== undefined) intervals.push(interval);
    const kept = interval === undefined ? before : entry;
    if (kept !== undefined) next.set(entry.key, kept);
  }
  return { beat: poolAll(intervals), base: next };
};

const evictedSince = (before: Info | undefined, now: Info): number => {
  if (before === undefined) return 0;
  return before.statsReset === now.statsReset ? Math.max(0, now.evictions - before.evictions) : now.evictions;
};

const weigh = (
  before: StatementsState['weights'],
  beat: ReadonlyMap<string, Interval>,
  { looks }: Texts,
  fading: number,
): ReadonlyMap<string, number> => {
  const weights = new Map([...before].map(([key, seconds]) => [key, seconds * fading]));
  for (const [key, { queryid, seconds }] of beat) {
    if (looks.get(queryid)?.system !== true) weights.set(key, (weights.get(key) ?? 0) + seconds);
  }
  if (weights.size <= MOST_WEIGHTS) return weights;
  return new Map([...weights].sort(([, a], [, b]) => b - a).slice(0, MOST_WEIGHTS));
};

export type StatementsWindow = Slice;

/** Made when somebody asks, and then once: with thousands of statements that takes some milliseconds. */
const windows = new WeakMap<StatementsState, StatementsWindow>();

/** The statements of the window, pooled, without those about the system itself; and how long the window is by now. */
export const windowOf = (state: StatementsState): StatementsWindow => {
  const made = windows.get(state) ?? withoutSystem(sliceOf(state.window.slices), state.texts);
  windows.set(state, made);
  return made;
};

const withoutSystem = ({ seconds, intervals }: Slice, { looks }: Texts): Slice => ({
  seconds,
  intervals: new Map([...intervals].filter(([, { queryid }]) => looks.get(queryid)?.system !== true)),
});

/** Types as labels: what isn't known is `other`. */
export const typeOf = (types: StatementsState['types'], queryid: string): QueryType => types.get(queryid) ?? 'other';

/** The normalised text of a statement: one line, without comments and literals. Nothing if it isn't kept; see `lookOf`. */
export const textOf = ({ texts }: StatementsState, queryid: string): string | undefined =>
  texts.looks.get(queryid)?.text ?? undefined;

/** What is known of a statement's text, and if it isn't kept, why. */
export const lookOf = ({ texts }: StatementsState, queryid: string): Look | undefined => texts.looks.get(queryid);

/** The role that has spent the most time on a statement. */
export const roleOf = (
  { last }: StatementsState,
  of: { readonly database: string; readonly queryid: string },
): string | undefined => {
  if (last === null) return undefined;
  const own = [...last.entries.values()].filter((one) => one.queryid === of.queryid && one.database === of.database);
  const most = own.sort((a, b) => b.total - a.total)[0];
  return most === undefined ? undefined : last.info.roles.get(most.key.split(' ')[0] ?? '');
};
