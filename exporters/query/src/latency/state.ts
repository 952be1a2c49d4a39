import type { Config } from '@submilli/core';
import type { LocatedLine, LogCounts, LogReading } from '../log/read';
import type { ExplainedPlan } from '../log/explained';
import type { LogSettings } from '../log/settings';
import { type InForce, inForce, secondsAt, weightOfLine } from '../log/weights';
import type { QueryType } from '../statements/query-type';
import { isCommit, typeOfLine } from './kinds';
import { type Duration, enterDurations, type Ledger, startLedger } from './ledger';
import { observeWindow, type Observation, startWindow, type Window } from './window';

/** A statement that took long, and where the log tells all of it. */
export type SlowStatement = {
  /** Milliseconds since the epoch at which it ended. */
  readonly endedAt: number;
  readonly database: string;
  readonly user: string;
  readonly pid: number;
  readonly queryid: string | null;
  readonly type: QueryType;
  readonly phase: string;
  readonly seconds: number;
  readonly file: string;
  readonly offset: number;
};

/** What auto_explain logged of a statement: its last plan. */
export type MeasuredPlan = ExplainedPlan & {
  readonly database: string;
  readonly queryid: string;
  readonly seconds: number;
  /** How many plans of it were logged. */
  readonly times: number;
};

/** What the log has told so far. */
export type LogState = {
  readonly reading: Pick<LogReading, 'settings' | 'by' | 'position' | 'behind'> | null;
  /** By what settings its lines were logged. */
  readonly held: InForce | undefined;
  /** Of which position another process left off; looked at once. */
  readonly resumed: LogReading['position'] | null;
  readonly readAt: number | null;
  readonly counts: LogCounts;
  readonly durations: number;
  /** Duration lines that could not be weighed, since the settings changed while they were written. */
  readonly unweighed: number;
  readonly errors: ReadonlyMap<
    string,
    { readonly database: string; readonly sqlstate: string; readonly count: number }
  >;
  readonly ledger: Ledger;
  /** COMMIT by database, whatever the protocol. */
  readonly commits: Ledger;
  /** Executions and whole simple statements, by database and type. */
  readonly window: Window;
  /** COMMIT, by database. */
  readonly commitWindow: Window;
  /** The same by statement. */
  readonly statements: Window;
  /** By statement; the one whose plan was logged last is last. */
  readonly plans: ReadonlyMap<string, MeasuredPlan>;
  readonly slow: readonly SlowStatement[];
  readonly slowSeconds: number;
  /** A cache, and the only thing here that is changed in place. */
  readonly types: Map<string, QueryType>;
};

const SLOW_KEPT = 200;
/** Of one reading: a storm of slow statements must not drive out all that was slow before it. */
const SLOW_AT_ONCE = 50;
const MOST_ERRORS = 500;

export const startLogState = (config: Config): LogState => ({
  ...{ reading: null, held: undefined, resumed: null, readAt: null, durations: 0, unweighed: 0 },
  counts: { bytes: 0, skipped: 0, irrelevant: 0, garbage: 0 },
  errors: new Map(),
  plans: new Map(),
  ledger: startLedger(config.limits.databases),
  commits: startLedger(config.limits.databases),
  window: startWindow(config.latency_window_seconds),
  commitWindow: startWindow(config.latency_window_seconds),
  statements: startWindow(config.latency_window_seconds),
  ...{ slow: [], slowSeconds: config.thresholds.query_time_warning_ms / 1000, types: new Map() },
});

/** Takes in one reading. `users` are ours: what we do is left out. */
export const takeLog = (state: LogState, reading: LogReading, at: number, users: ReadonlySet<string>): LogState => {
  const { lines, settings, by, position, behind } = reading;
  const held = inForce(state.held, settings, state.reading?.behind ?? 0);
  const own = lines.filter((line) => !users.has(line.user));
  const timed = own.flatMap((line) => (line.kind === 'duration' ? [timedOf(line, held, state.types)] : []));
  const weighed = timed.filter((line): line is Timed & { weight: number } => line.weight !== undefined);
  const whole = weighed.filter(({ phase }) => phase === 'execute' || phase === 'simple');
  const commits = weighed.filter(({ line }) => isCommit(line));
  const since = state.readAt ?? at;
  return {
    ...state,
    ...{ reading: { settings, by, position, behind }, held, resumed: null, readAt: at },
    counts: addCounts(state.counts, reading.counts),
    durations: state.durations + timed.length,
    unweighed: state.unweighed + timed.length - weighed.length,
    errors: addErrors(state.errors, own),
    ledger: enterDurations(state.ledger, weighed.map(durationOf)),
    commits: enterDurations(state.commits, commits.map(commitOf)),
    window: observeWindow(state.window, whole.map(byType), since, at),
    commitWindow: observeWindow(
      state.commitWindow,
      commits.map(({ database, seconds, weight }) => ({ key: database, seconds, weight })),
      since,
      at,
    ),
    statements: observeWindow(state.statements, whole.flatMap(byStatement), since, at),
    plans: addPlans(state.plans, own),
    slow: addSlow(state, timed, settings),
  };
};

type DurationLine = Extract<LocatedLine, { kind: 'duration' }>;
type Timed = Omit<Duration, 'weight'> & { readonly weight: number | undefined; readonly line: DurationLine };

const timedOf = (line: DurationLine, held: InForce, types: Map<string, QueryType>): Timed => {
  const { database, phase, seconds } = line;
  const weight = weightOfLine(line, held);
  return { database, phase, seconds, type: typeOfLine(line, types), weight, line };
};

const durationOf = ({ database, phase, type, seconds, weight }: Timed & { weight: number }): Duration => ({
  ...{ database, phase, type, seconds, weight },
});

/** Of either protocol: a COMMIT is one statement of its own in both. */
const commitOf = (timed: Timed & { weight: number }): Duration => ({ ...durationOf(timed), phase: 'execute' });

export const kindKey = (database: string, type: QueryType): string => `${type} ${database}`;
export const statementKey = (database: string, queryid: string): string => `${queryid} ${database}`;

const byType = ({ database, type, seconds, weight }: Timed & { weight: number }): Observation => ({
  ...{ key: kindKey(database, type), seconds, weight },
});

const byStatement = ({ database, line, seconds, weight }: Timed & { weight: number }): Observation[] =>
  line.queryid === null ? [] : [{ key: statementKey(database, line.queryid), seconds, weight }];

const addCounts = (a: LogCounts, b: LogCounts): LogCounts => ({
  bytes: a.bytes + b.bytes,
  skipped: a.skipped + b.skipped,
  irrelevant: a.irrelevant + b.irrelevant,
  garbage: a.garbage + b.garbage,
});

const addErrors = (errors: LogState['errors'], lines: readonly LocatedLine[]): LogState['errors'] => {
  const next = new Map(errors);
  for (const line of lines) {
    if (line.kind !== 'error') continue;
    const { sqlstate } = line;
    const database = line.known ? line.database : 'other';
    const own = `${sqlstate} ${database}`;
    const isKnown = next.has(own) || next.size < MOST_ERRORS;
    const entry = isKnown ? { database, sqlstate } : { database: 'other', sqlstate: 'other' };
    const key = `${entry.sqlstate} ${entry.database}`;
    next.set(key, { ...entry, count: (next.get(key)?.count ?? 0) + 1 });
  }
  return next;
};

const MOST_PLANS = 200;

const addPlans = (plans: LogState['plans'], lines: readonly LocatedLine[]): LogState['plans'] => {
  const next = new Map(plans);
  for (const line of lines) {
    if (line.kind !== 'plan' || line.queryid === null) continue;
    const { database, queryid, seconds, plan } = line;
    const key = statementKey(database, queryid);
    const times = (next.get(key)?.times ?? 0) + 1;
    next.delete(key);
    next.set(key, { ...plan, database, queryid, seconds, times });
  }
  return new Map([...next].slice(-MOST_PLANS));
};

const addSlow = (state: LogState, timed: readonly Timed[], settings: LogSettings): LogState['slow'] => {
  const slow = timed
    .filter(({ seconds }) => seconds >= state.slowSeconds)
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, SLOW_AT_ONCE)
    .map(({ database, type, phase, seconds, line }): SlowStatement => {
      const { user, pid, queryid, file, offset } = line;
      const endedAt = secondsAt(line.time, settings) * 1000;
      return { endedAt, database, user, pid, queryid, type, phase, seconds, file, offset };
    })
    .sort((a, b) => a.endedAt - b.endedAt);
  return slow.length === 0 ? state.slow : [...state.slow, ...slow].slice(-SLOW_KEPT);
};
