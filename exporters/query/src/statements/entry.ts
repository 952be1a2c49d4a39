/** What is summed up per statement beside calls and time, in every version that is read. Seconds, bytes and blocks. */
export const counterNames = [
  ...(['plans', 'planSeconds', 'rows'] as const),
  ...(['hit', 'read', 'dirtied', 'written'] as const),
  ...(['localHit', 'localRead', 'localDirtied', 'localWritten'] as const),
  ...(['tempRead', 'tempWritten', 'readSeconds', 'writeSeconds'] as const),
  ...(['wal', 'walRecords', 'walImages'] as const),
] as const;

/** Those that came later, or that depend on the version of the extension: null where there are none. */
export const laterCounterNames = [
  ...(['localReadSeconds', 'localWriteSeconds', 'tempReadSeconds', 'tempWriteSeconds', 'walBuffersFull'] as const),
  ...(['jitFunctions', 'jitGeneration', 'jitInlining', 'jitOptimization', 'jitEmission', 'jitDeform'] as const),
  ...(['workersPlanned', 'workersLaunched'] as const),
] as const;

export type CounterName = (typeof counterNames)[number];
export type LaterCounterName = (typeof laterCounterNames)[number];
export type Counters = Readonly<Record<CounterName, number> & Record<LaterCounterName, number | null>>;

/** How often something was done, how long it took on average, and the population's standard deviation. */
export type Moments = { readonly calls: number; readonly mean: number; readonly deviation: number };

/** One entry of `pg_stat_statements` at one moment. Times in seconds. */
export type Entry = Moments & {
  /** userid, dbid, queryid and toplevel: what makes an entry. Oids, so that a rename makes no new one. */
  readonly key: string;
  readonly database: string;
  /** 64 bits, hence text. */
  readonly queryid: string;
  readonly total: number;
  /** How long planning took; `counters.plans` times. */
  readonly planMean: number;
  readonly planDeviation: number;
  /** When the entry was made, seconds since the epoch; null where nothing tells (before PostgreSQL 17). */
  readonly since: number | null;
  readonly counters: Counters;
};

export type MutableCounters = { -readonly [K in keyof Counters]: Counters[K] };

/**
 * Every set of counters is made here, and all names are written out: so all have one shape, and thousands at each beat
 * are read and added up in a few milliseconds.
 */
export const makeCounters = (
  of: (name: CounterName) => number,
  later: (name: LaterCounterName) => number | null,
): MutableCounters => ({
  plans: of('plans'),
  planSeconds: of('planSeconds'),
  rows: of('rows'),
  hit: of('hit'),
  read: of('read'),
  dirtied: of('dirtied'),
  written: of('written'),
  localHit: of('localHit'),
  localRead: of('localRead'),
  localDirtied: of('localDirtied'),
  localWritten: of('localWritten'),
  tempRead: of('tempRead'),
  tempWritten: of('tempWritten'),
  readSeconds: of('readSeconds'),
  writeSeconds: of('writeSeconds'),
  wal: of('wal'),
  walRecords: of('walRecords'),
  walImages: of('walImages'),
  localReadSeconds: later('localReadSeconds'),
  localWriteSeconds: later('localWriteSeconds'),
  tempReadSeconds: later('tempReadSeconds'),
  tempWriteSeconds: later('tempWriteSeconds'),
  walBuffersFull: later('walBuffersFull'),
  jitFunctions: later('jitFunctions'),
  jitGeneration: later('jitGeneration'),
  jitInlining: later('jitInlining'),
  jitOptimization: later('jitOptimization'),
  jitEmission: later('jitEmission'),
  jitDeform: later('jitDeform'),
  workersPlanned: later('workersPlanned'),
  workersLaunched: later('workersLaunched'),
});

/** Nothing yet of all that `like` has. */
export const zeroLike = (like: Counters): MutableCounters =>
  makeCounters(
    () => 0,
    (name) => (like[name] === null ? null : 0),
  );

export const subtractCounters = (now: Counters, before: Counters): Counters =>
  makeCounters(
    (name) => now[name] - before[name],
    (name) => {
      const [value, base] = [now[name], before[name]];
      return value === null || base === null ? null : value - base;
    },
  );

/** Adds to `sum`. What was unknown until now, as after an update of the extension, counts from now. */
export const addToCounters = (sum: MutableCounters, more: Counters): void => {
  sum.plans += more.plans;
  sum.planSeconds += more.planSeconds;
  sum.rows += more.rows;
  sum.hit += more.hit;
  sum.read += more.read;
  sum.dirtied += more.dirtied;
  sum.written += more.written;
  sum.localHit += more.localHit;
  sum.localRead += more.localRead;
  sum.localDirtied += more.localDirtied;
  sum.localWritten += more.localWritten;
  sum.tempRead += more.tempRead;
  sum.tempWritten += more.tempWritten;
  sum.readSeconds += more.readSeconds;
  sum.writeSeconds += more.writeSeconds;
  sum.wal += more.wal;
  sum.walRecords += more.walRecords;
  sum.walImages += more.walImages;
  sum.localReadSeconds = plus(sum.localReadSeconds, more.localReadSeconds);
  sum.localWriteSeconds = plus(sum.localWriteSeconds, more.localWriteSeconds);
  sum.tempReadSeconds = plus(sum.tempReadSeconds, more.tempReadSeconds);
  sum.tempWriteSeconds = plus(sum.tempWriteSeconds, more.tempWriteSeconds);
  sum.walBuffersFull = plus(sum.walBuffersFull, more.walBuffersFull);
  sum.jitFunctions = plus(sum.jitFunctions, more.jitFunctions);
  sum.jitGeneration = plus(sum.jitGeneration, more.jitGeneration);
  sum.jitInlining = plus(sum.jitInlining, more.jitInlining);
  sum.jitOptimization = plus(sum.jitOptimization, more.jitOptimization);
  sum.jitEmission = plus(sum.jitEmission, more.jitEmission);
  sum.jitDeform = plus(sum.jitDeform, more.jitDeform);
  sum.workersPlanned = plus(sum.workersPlanned, more.workersPlanned);
  sum.workersLaunched = plus(sum.workersLaunched, more.workersLaunched);
};

const plus = (sum: number | null, more: number | null): number | null =>
  sum === null ? more : more === null ? sum : sum + more;

/** Time spent on just-in-time compilation; deforming is a part of generation. Null where it isn't known. */
export const jitSeconds = ({ jitGeneration, jitInlining, jitOptimization, jitEmission }: Counters): number | null =>
  jitGeneration === null ? null : jitGeneration + (jitInlining ?? 0) + (jitOptimization ?? 0) + (jitEmission ?? 0);
