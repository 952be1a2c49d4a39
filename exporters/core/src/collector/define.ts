import type { z } from 'zod';
import type { Clock, Deadline } from '../clock';
import type { Config } from '../config/schema';
import type { AnyRule } from '../advice/rule';
import type { Logger } from '../log';
import type { Emitters, Metrics, Sample, View } from '../metrics/declare';
import type { Row, SqlSession } from '../postgres/connect';
import { majorOf, type PostgresFacts, type RestrictedFunction } from '../postgres/facts';
import type { Persist } from '../store/keeper';
import type { Shared } from './board';
import type { Run } from './run';
import type { NamedRun } from './target';

/** What a source must offer for a collector to run; what is left out doesn't matter. */
export type Needs = {
  readonly postgres?: { readonly min?: number; readonly max?: number };
  /** The first version that has it, as "1.19". */
  readonly pgbouncer?: string;
  readonly role?: 'primary' | 'standby';
  readonly privilege?: 'pg_monitor';
  readonly extension?: string;
  /** A function of pg_catalog that only superusers may call unless it is granted, with its argument types. */
  readonly execute?: RestrictedFunction;
  /** Our own connection must be encrypted. */
  readonly tls?: true;
  /** A part of a cluster's configuration entry that must be filled in. */
  readonly configured?: 'patroni' | 'postgres' | 'etcd' | 'backup' | 'drills';
  /** The part is there only while this compatibility view is on; otherwise nobody reads it or hears of it. */
  readonly view?: View;
};

/** `privilege`: pg_monitor is missing, without which much is; `grant`: a right beyond it that is good to have. */
export type SkipReason = 'version' | 'role' | 'extension' | 'privilege' | 'grant' | 'disabled' | 'configuration';

/** Why a collector does not run, and what would change that (`null`: nothing would, and nothing need). */
export type Skip = { readonly reason: SkipReason; readonly detail: string; readonly remedy: string | null };

/** What a collector may know beside its rows. */
export type Env<F> = { readonly config: Config; readonly facts: F };

/** What a derived part may know beside snapshots: also which target it is about, and what other exporters share. */
export type DerivedEnv<F> = Env<F> & { readonly target: string; readonly shared: readonly Shared[] };

type Described<M extends Metrics> = {
  readonly name: string;
  /** The view, command or endpoint that is read, as its own documentation calls it. */
  readonly source: string;
  readonly needs?: Needs;
  readonly metrics: M;
};

/** Reads one source at a scrape. `read` has the side effects; `publish` is pure: rows in, samples out. */
export type Collector<S, F, D, M extends Metrics = Metrics> = Described<M> & {
  readonly kind: 'collector';
  /** Minimum interval in seconds; 0 reads at each scrape, otherwise the last result stands in and says its age. */
  readonly every: number;
  readonly read: (session: S, env: Env<F>, deadline: Deadline) => Promise<D>;
  readonly publish: (data: D, emit: Emitters<M>, env: Env<F>) => Iterable<Sample>;
};

/** Reads one source at a steady beat between scrapes and keeps a bounded state. All but `read` is pure. */
export type Sampler<S, F, D, State, M extends Metrics = Metrics> = Described<M> & {
  readonly kind: 'sampler';
  readonly interval: (config: Config) => number;
  /** Its state outlives the connection: it is not made of counters of one session or one life of the server. */
  readonly keepsState?: boolean;
  /** How its state, or a part of it, gets through a restart of the exporter. */
  readonly persist?: Persist<State>;
  readonly start: (config: Config) => State;
  readonly read: (session: S, env: Env<F>, deadline: Deadline, state: State) => Promise<D>;
  readonly fold: (state: State, data: D, at: number, env: Env<F>) => State;
  readonly publish: (state: State, emit: Emitters<M>, env: Env<F>) => Iterable<Sample>;
};

/**
 * Reads every database of a server, one after the other, in the background and on a connection that is closed again:
 * for what only a session in that database can see (tables, indexes), and what is too dear for each scrape. Readings
 * are kept by database and say their age.
 */
export type Survey<S, F, D, State, M extends Metrics = Metrics> = Described<M> & {
  readonly kind: 'survey';
  /** `server`: not of each database but once, in the one we connect to; for what is only too dear for a scrape. */
  readonly scope?: 'database' | 'server';
  readonly interval: (config: Config) => number;
  readonly start: (config: Config) => State;
  /** Reads the database that the session is in; what the other parts have read may say what to look at. */
  readonly read: (
    session: S,
    env: Env<F>,
    deadline: Deadline,
    snapshots: Snapshots,
    siblings: readonly Sibling<S, F>[],
  ) => Promise<D>;
  /** How its state, or a part of it, gets through a restart of the exporter. */
  readonly persist?: Persist<State>;
  readonly fold: (state: State, readings: Readings<D>, at: number, env: Env<F>) => State;
  readonly publish: (state: State, emit: Emitters<M>, env: Env<F>) => Iterable<Sample>;
};

/** Another target of the same exporter that is up: a standby can be asked what a primary should not be troubled with. */
export type Sibling<S, F> = {
  readonly name: string;
  /** As at its last scrape. */
  readonly facts: F;
  /** Works in one of its databases, on a connection that is closed again. */
  readonly visit: <T>(database: string, deadline: Deadline, work: (session: S, facts: F) => Promise<T>) => Promise<T>;
};

/** What a survey last read of each database; those that it could not read are not in it. */
export type Readings<D> = ReadonlyMap<string, D>;

/**
 * Computes from what others have read (the score): no source of its own. `before` is its last result, unless the target
 * was away since, so that it can be slow to change its mind.
 */
export type Derived<F, D, M extends Metrics = Metrics> = Described<M> & {
  readonly kind: 'derived';
  readonly derive: (snapshots: Snapshots, env: DerivedEnv<F>, before: D | undefined, at: number) => D;
  /** How its result, or a part of it, gets through a restart of the exporter, as the first `before`. */
  readonly persist?: { readonly save: (data: D) => unknown; readonly load: (saved: unknown) => D | undefined };
  readonly publish: (data: D, emit: Emitters<M>, env: Env<F>) => Iterable<Sample>;
};

/** Says how the collection itself went, also of a target that is down. */
export type Report<M extends Metrics = Metrics> = Described<M> & {
  readonly kind: 'report';
  readonly publish: (collection: Collection, emit: Emitters<M>) => Iterable<Sample>;
};

/** One collection, as a report sees it. */
export type Collection = {
  readonly up: boolean;
  readonly seconds: number;
  /** Collections of this target so far, this one included. */
  readonly scrapes: number;
  readonly runs: readonly NamedRun[];
};

/**
 * Tries out what a user of the target would do, over connections of its own, and whether the target answers its watchers
 * or not. It runs at its own pace: a try may outlast the time between two.
 */
export type Probe<M extends Metrics = Metrics> = Described<M> & {
  readonly kind: 'probe';
  /** Begins on one target, or says why not. */
  readonly start: (options: ProbeOptions) => Probing | Skip;
};

/** `target` names the entry of the configuration that holds what to try. */
export type ProbeOptions = {
  readonly target: string;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
};

/** A probe at work. */
export type Probing = {
  readonly every: number;
  /** How its last tries went, for the status; what it measured is in `samples`, also when they failed. */
  readonly last: () => Run;
  readonly samples: () => readonly Sample[];
  readonly connections: () => { readonly open: number; readonly opened: number };
  /** Ends its connections. */
  readonly stop: () => Promise<void>;
};

/** The latest data of a collector, or state of a sampler; nothing if it didn't run or failed. */
export type Snapshots = {
  readonly of: <D>(source: Publishes<D>) => D | undefined;
};

/** Anything whose last data can be asked for. */
export type Publishes<D> = { readonly name: string; readonly publish: (data: D, ...rest: never[]) => unknown };

/* eslint-disable @typescript-eslint/no-explicit-any -- a registry holds collectors of any row type */
export type AnyCollector<S, F> = Collector<S, F, any, any>;
export type AnySampler<S, F> = Sampler<S, F, any, any, any>;
export type AnySurvey<S, F> = Survey<S, F, any, any, any>;
export type AnyDerived<F> = Derived<F, any, any>;
export type AnyReport = Report<any>;
/* eslint-enable @typescript-eslint/no-explicit-any */

/** The databases of a server: those that are shown by themselves, and those that are summed up under "other". */
export type ShownDatabases = { readonly shown: ReadonlySet<string>; readonly hidden: ReadonlySet<string> };

/** Everything that an exporter reads and publishes. Adding a collector is one file and one line in this registry. */
export type Registry<S, F> = {
  readonly collectors: readonly AnyCollector<S, F>[];
  readonly samplers: readonly AnySampler<S, F>[];
  readonly surveys: readonly AnySurvey<S, F>[];
  readonly probes?: readonly Probe[];
  readonly derived: readonly AnyDerived<F>[];
  readonly reports?: readonly AnyReport[];
  readonly rules: readonly AnyRule<F>[];
  /** The part whose data says which databases are shown by themselves; without it, all are. */
  readonly shownDatabases?: Publishes<ShownDatabases>;
};

export const defineCollector = <S, F, D, const M extends Metrics>(
  definition: Omit<Collector<S, F, D, M>, 'kind' | 'every'> & { readonly every?: number },
): Collector<S, F, D, M> => ({ every: 0, ...definition, kind: 'collector' });

export const defineSampler = <S, F, D, State, const M extends Metrics>(
  definition: Omit<Sampler<S, F, D, State, M>, 'kind'>,
): Sampler<S, F, D, State, M> => ({ ...definition, kind: 'sampler' });

export const defineSurvey = <S, F, D, State, const M extends Metrics>(
  definition: Omit<Survey<S, F, D, State, M>, 'kind'>,
): Survey<S, F, D, State, M> => ({ ...definition, kind: 'survey' });

export const defineDerived = <F, D, const M extends Metrics>(
  definition: Omit<Derived<F, D, M>, 'kind'>,
): Derived<F, D, M> => ({ ...definition, kind: 'derived' });

export const defineReport = <const M extends Metrics>(definition: Omit<Report<M>, 'kind'>): Report<M> => ({
  ...definition,
  kind: 'report',
});

export const defineProbe = <const M extends Metrics>(definition: Omit<Probe<M>, 'kind'>): Probe<M> => ({
  ...definition,
  kind: 'probe',
});

/** SQL by the first major version it is for. Constant text, catalog-qualified. */
export type SqlByVersion = Readonly<Record<number, string>>;

/** The text for a server: that of the highest version not above it. */
export const sqlFor = (byVersion: SqlByVersion, major: number): string => {
  const best = Object.keys(byVersion)
    .map(Number)
    .filter((version) => version <= major)
    .sort((a, b) => b - a)[0];
  const text = best === undefined ? undefined : byVersion[best];
  if (text === undefined) throw new Error(`no SQL for PostgreSQL ${major}`);
  return text;
};

/** A `read` that runs one statement and checks every row against its schema. */
export const readRows =
  <T>(byVersion: SqlByVersion, row: z.ZodType<T>, values: (env: Env<PostgresFacts>) => readonly unknown[] = () => []) =>
  async (session: SqlSession, env: Env<PostgresFacts>, deadline: Deadline): Promise<readonly T[]> => {
    const rows: readonly Row[] = await session.query(sqlFor(byVersion, majorOf(env.facts)), values(env), deadline);
    return row.array().parse(rows);
  };
