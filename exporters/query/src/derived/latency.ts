import {
  defineDerived,
  type DerivedEnv,
  type Emitters,
  gauge,
  legacy,
  type PostgresFacts,
  type Sample,
  selfMetrics,
  summary,
} from '@submilli/core';
import { callsBetween, type CallsHistory, noteCalls } from '../latency/calls';
import { estimateLatency, type LatencyEstimate, type Strata } from '../latency/estimate';
import { weightFrom } from '../latency/sketch';
import { kindKey, type LogState } from '../latency/state';
import { spanOf, strataOf } from '../latency/window';
import { isCovering, samplingFor } from '../log/settings';
import { type Tail, tailFromMs } from '../log/tuner';
import { log } from '../samplers/log';
import { statements } from '../samplers/statements';
import { estimateReads, type ReadEstimate } from '../statements/reads';
import type { StatementsState } from '../statements/state';
import type { QueryType } from '../statements/query-type';

export const QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999] as const;

const metrics = {
  duration: legacy(
    summary(
      'db_query_duration_seconds',
      'How long statements take, by the best source there is for their type. source="log": on the server, from its log, over latency_window_seconds; the commit is in it only under the simple protocol without BEGIN. source="estimate": executor time alone over window_seconds, modelled from interval means and deviations, and for reads only, since for writes it would hide the commit. Never canaries, which are not the workload.',
      ['database', 'query_type', 'source'],
    ),
  ),
  samples: gauge(
    'db_query_duration_samples',
    'What the quantiles rest on: durations logged in the window (log), calls in the window (estimate).',
    ['database', 'query_type', 'source'],
  ),
  tailComplete: gauge(
    'db_query_duration_tail_complete',
    'Whether every duration from the 99th percentile up is logged, so that the tail is counted and not sampled.',
    ['database', 'query_type'],
  ),
  coverage: gauge(
    'db_query_estimate_coverage_ratio',
    'Share of the window’s calls whose deviation is known and that the estimated quantiles speak for.',
    ['database', 'query_type'],
  ),
  window: selfMetrics.window,
} as const;

/** The latency of one type of statement in one database. */
export type TypeLatency = {
  readonly database: string;
  readonly type: QueryType;
  /** From the log; nothing without durations in the window. */
  readonly logged: LatencyEstimate | undefined;
  readonly tailComplete: boolean;
  readonly estimated: ReadEstimate | undefined;
  /** Since the exporter began to watch: statements and their seconds, by source. */
  readonly totals: { readonly log: Total | undefined; readonly estimate: Total | undefined };
};

type Total = { readonly count: number; readonly sum: number };

export type Latency = {
  readonly types: readonly TypeLatency[];
  /** COMMIT, of transactions that BEGIN: from the log, by database. */
  readonly commits: readonly { readonly database: string; readonly logged: LatencyEstimate }[];
  /** Of the slowest type of statement. */
  readonly tail: Tail | undefined;
  readonly windowSeconds: number;
  readonly history: CallsHistory;
};

/** Brings together what the log and the statistics say, each under its own name, and never mixed. */
export const latency = defineDerived({
  name: 'latency',
  source: 'log, statements',
  metrics,
  derive: (snapshots, env: DerivedEnv<PostgresFacts>, before: Latency | undefined, at) =>
    latencyOf(snapshots.of(log), snapshots.of(statements), env.config.latency_window_seconds, before, at),
  publish: ({ types, windowSeconds }, m) => [
    ...types.flatMap((one) => samplesOf(one, m)),
    m.window({ collector: 'latency' }, windowSeconds === 0 ? null : windowSeconds),
  ],
});

export const latencyOf = (
  logged: LogState | undefined,
  counted: StatementsState | undefined,
  windowSeconds: number,
  before: Latency | undefined,
  at: number,
): Latency => {
  const history = historyOf(counted, before?.history ?? [], windowSeconds, at);
  const span = logged === undefined ? undefined : spanOf(logged.window);
  const strata = logged === undefined ? undefined : strataOf(logged.window);
  const reads = counted === undefined ? new Map<string, ReadEstimate>() : estimateReads(counted, QUANTILES);
  const kinds = new Map<string, Pick<TypeLatency, 'database' | 'type'>>();
  for (const { database, type, phase } of logged?.ledger.accounts.values() ?? []) {
    if (phase === 'execute' || phase === 'simple') kinds.set(kindKey(database, type), { database, type });
  }
  for (const { interval, type } of counted?.durations.values() ?? []) {
    kinds.set(kindKey(interval.database, type), { database: interval.database, type });
  }
  const types = [...kinds].map(([key, { database, type }]): TypeLatency => {
    const own = strata?.get(key);
    const calls = span === undefined ? undefined : callsBetween(history, key, span.since, span.until);
    const estimate = own === undefined ? undefined : estimateLatency(own, calls, QUANTILES);
    const covered = logged !== undefined && isCovered(logged, database);
    return {
      ...{ database, type, estimated: reads.get(key) },
      logged: estimate !== undefined && !covered ? { ...estimate, quantiles: [] } : estimate,
      tailComplete: logged !== undefined && isTailComplete(logged, database, estimate),
      totals: { log: loggedTotal(logged, database, type), estimate: countedTotal(counted, database, type) },
    };
  });
  const commits = [...(logged === undefined ? [] : strataOf(logged.commitWindow))]
    .filter(([database]) => logged !== undefined && isCovered(logged, database))
    .map(([database, own]) => ({ database, logged: estimateLatency(own, undefined, QUANTILES) }));
  const seconds = span === undefined ? 0 : (span.until - span.since) / 1000;
  return { types, commits, tail: tailOf(types, strata, seconds), windowSeconds: seconds, history };
};

const tailOf = (
  types: readonly TypeLatency[],
  strata: ReadonlyMap<string, Strata> | undefined,
  seconds: number,
): Tail | undefined => {
  const known = types
    .flatMap(({ logged }) => logged?.quantiles ?? [])
    .filter(({ quantile }) => quantile === 0.99)
    .map(({ seconds: value }) => value);
  if (known.length === 0 || strata === undefined || seconds === 0) return undefined;
  const p99 = Math.max(...known);
  const from = tailFromMs(p99) / 1000;
  const beyond = [...strata.values()].map(({ tail, body }) => weightFrom(tail, from) + weightFrom(body, from));
  return { p99, linesPerSecond: beyond.reduce((sum, weight) => sum + weight, 0) / seconds };
};

const historyOf = (
  counted: StatementsState | undefined,
  before: CallsHistory,
  windowSeconds: number,
  at: number,
): CallsHistory => {
  if (counted === undefined || counted.last === null) return before;
  const calls = new Map<string, number>();
  for (const { interval, type } of counted.durations.values()) {
    calls.set(kindKey(interval.database, type), interval.calls);
  }
  return noteCalls(before, { at: Math.min(at, counted.last.at), calls }, windowSeconds * 1000);
};

/** Roles may have settings of their own; a database is judged by what holds for its others. */
const isCovered = ({ reading }: LogState, database: string): boolean =>
  reading !== null && isCovering(samplingFor(reading.settings, '', database));

const isTailComplete = ({ reading }: LogState, database: string, estimate: LatencyEstimate | undefined): boolean => {
  const p99 = estimate?.quantiles.find(({ quantile }) => quantile === 0.99);
  if (reading === null || p99 === undefined) return false;
  const { threshold, everything } = samplingFor(reading.settings, '', database);
  return everything || (threshold !== null && threshold <= p99.seconds);
};

const loggedTotal = (logged: LogState | undefined, database: string, type: QueryType): Total | undefined => {
  const own = [...(logged?.ledger.accounts.values() ?? [])].filter(
    (account) =>
      account.database === database &&
      account.type === type &&
      (account.phase === 'execute' || account.phase === 'simple'),
  );
  if (own.length === 0) return undefined;
  return {
    count: own.reduce((sum, { histogram }) => sum + histogram.counts.reduce((all, count) => all + count, 0), 0),
    sum: own.reduce((sum, { histogram }) => sum + histogram.sum, 0),
  };
};

const countedTotal = (counted: StatementsState | undefined, database: string, type: QueryType): Total | undefined => {
  const interval = counted?.durations.get(kindKey(database, type))?.interval;
  return interval === undefined ? undefined : { count: interval.calls, sum: interval.seconds };
};

const samplesOf = (one: TypeLatency, m: Emitters<typeof metrics>): Sample[] => {
  const { database, type, logged, estimated, totals, tailComplete } = one;
  const labels = { database, query_type: type };
  const isLogged = logged !== undefined && logged.quantiles.length > 0 && totals.log !== undefined;
  const source = isLogged ? 'log' : 'estimate';
  const total = isLogged ? totals.log : totals.estimate;
  const found = isLogged ? logged.quantiles.map(({ quantile, seconds }) => [quantile, seconds] as const) : [];
  const quantiles = isLogged ? new Map(found) : (estimated?.quantiles ?? new Map<number, number>());
  return [
    ...(total === undefined
      ? []
      : [m.duration({ ...labels, source }, { quantiles, sum: total.sum, count: total.count })]),
    m.samples({ ...labels, source: 'log' }, logged?.lines ?? null),
    m.samples({ ...labels, source: 'estimate' }, estimated?.calls ?? null),
    m.tailComplete(labels, isLogged ? Number(tailComplete) : null),
    m.coverage(labels, estimated?.coverage ?? null),
  ];
};
