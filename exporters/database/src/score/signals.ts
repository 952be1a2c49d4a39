import type { Thresholds } from '@submilli/core';

/** One number about one database that gets worse in one direction, with where it is good and where it is bad. */
export type SignalDeclaration = {
  readonly component: ComponentName;
  readonly unit: Unit;
  /** The key of the threshold in submilli.yml, or a fixed number. */
  readonly warning: keyof Thresholds | number;
  readonly critical: keyof Thresholds | number;
  readonly meaning: string;
  readonly source: string;
  /** A sentence about a value, given with its unit. */
  readonly say: (value: string) => string;
};

export type Unit = 'ms' | 's' | '%' | 'MB' | 'sessions' | 'per minute' | 'pages';

export const components = {
  latency: { weight: 20, floor: 40, because: 'everybody is served, late' },
  connections: { weight: 10, floor: 30, because: 'new sessions are refused' },
  cache: { weight: 10, floor: 60, because: 'all works, slower than it could' },
  locks_and_waits: { weight: 20, floor: 30, because: 'sessions stand still' },
  vacuum_and_wraparound: {
    weight: 10,
    floor: 30,
    because: 'tables are mostly waste, or the server is going to refuse writes',
  },
  replication: { weight: 10, floor: 40, because: 'a failover would lose much, or take long' },
  errors: { weight: 10, floor: 60, because: 'part of the work fails, and is perhaps tried again' },
  pool: { weight: 10, floor: 30, because: 'clients stand in a queue' },
} as const;

export type ComponentName = keyof typeof components;
export const componentNames = Object.keys(components) as readonly ComponentName[];

const declared = {
  transaction_time: {
    component: 'latency',
    unit: 'ms',
    warning: 'query_time_warning_ms',
    critical: 'query_time_critical_ms',
    meaning: 'execution time per transaction, over the window',
    source: 'pg_stat_database',
    say: (value) => `A transaction takes ${value} of execution time on average`,
  },
  connection_utilization: {
    component: 'connections',
    unit: '%',
    warning: 'connection_utilization_warning',
    critical: 'connection_utilization_critical',
    meaning: 'sessions against the tightest limit that a new one would meet',
    source: 'pg_stat_activity',
    say: (value) => `${value} of the connections are taken`,
  },
  buffer_hits: {
    component: 'cache',
    unit: '%',
    warning: 'buffer_hit_ratio_warning',
    critical: 'buffer_hit_ratio_critical',
    meaning: 'block requests answered from shared buffers, over the window',
    source: 'pg_stat_database',
    say: (value) => `${value} of block requests are answered from shared buffers`,
  },
  lock_waiters: {
    component: 'locks_and_waits',
    unit: 'sessions',
    warning: 0,
    critical: 'lock_waiters_critical',
    meaning: 'sessions that wait for a lock, mean over the window',
    source: 'pg_stat_activity',
    say: (value) => `${value} wait for a lock on average`,
  },
  blocked_time: {
    component: 'locks_and_waits',
    unit: 's',
    warning: 'blocked_warning_seconds',
    critical: 'blocked_critical_seconds',
    meaning: 'longest wait for a lock now',
    source: 'pg_locks',
    say: (value) => `A session has been waiting for a lock for ${value}`,
  },
  idle_in_transaction: {
    component: 'locks_and_waits',
    unit: 's',
    warning: 'idle_in_transaction_warning_seconds',
    critical: 'idle_in_transaction_critical_seconds',
    meaning: 'longest time that a session is idle in an open transaction now',
    source: 'pg_stat_activity',
    say: (value) => `A session has been idle in its transaction for ${value}`,
  },
  oldest_transaction: {
    component: 'locks_and_waits',
    unit: 's',
    warning: 'oldest_transaction_warning_seconds',
    critical: 'oldest_transaction_critical_seconds',
    meaning: 'age of the oldest open transaction',
    source: 'pg_stat_activity',
    say: (value) => `The oldest transaction has been open for ${value}`,
  },
  deadlocks: {
    component: 'locks_and_waits',
    unit: 'per minute',
    warning: 0,
    critical: 'deadlocks_per_minute_critical',
    meaning: 'deadlocks, over the window',
    source: 'pg_stat_database',
    say: (value) => `Deadlocks happen ${value}`,
  },
  transaction_id_age: {
    component: 'vacuum_and_wraparound',
    unit: '%',
    warning: 'wraparound_warning',
    critical: 'wraparound_critical',
    meaning: 'age of the oldest transaction id against the 2^31 at which the server stops',
    source: 'pg_database',
    say: (value) => `${value} of the transaction ids are used up`,
  },
  multixact_age: {
    component: 'vacuum_and_wraparound',
    unit: '%',
    warning: 'wraparound_warning',
    critical: 'wraparound_critical',
    meaning: 'the same for multixacts',
    source: 'pg_database',
    say: (value) => `${value} of the multixact ids are used up`,
  },
  dead_rows: {
    component: 'vacuum_and_wraparound',
    unit: '%',
    warning: 'dead_rows_warning',
    critical: 'dead_rows_critical',
    meaning: 'dead rows among all rows of the tables: what vacuum is behind with',
    source: 'pg_stat_all_tables',
    say: (value) => `${value} of the rows are dead`,
  },
  replication_lag: {
    component: 'replication',
    unit: 'MB',
    warning: 'replication_lag_warning_mb',
    critical: 'replication_lag_critical_mb',
    meaning: 'WAL that the worst standby, or this standby itself, has not replayed yet',
    source: 'pg_stat_replication, pg_replication_slots',
    say: (value) => `${value} of WAL are not replayed yet`,
  },
  replication_delay: {
    component: 'replication',
    unit: 's',
    warning: 'replication_delay_warning_seconds',
    critical: 'replication_delay_critical_seconds',
    meaning: 'age of the last replayed transaction, on a standby that nobody streams to',
    source: 'pg_last_xact_replay_timestamp()',
    say: (value) => `Nobody streams to this standby, and its last transaction is ${value} old`,
  },
  rollbacks: {
    component: 'errors',
    unit: '%',
    warning: 'rollback_ratio_warning',
    critical: 'rollback_ratio_critical',
    meaning: 'transactions that ended in a rollback, over the window',
    source: 'pg_stat_database',
    say: (value) => `${value} of transactions are rolled back`,
  },
  lost_sessions: {
    component: 'errors',
    unit: 'per minute',
    warning: 'lost_sessions_per_minute_warning',
    critical: 'lost_sessions_per_minute_critical',
    meaning: 'sessions ended by a fatal error, an administrator or a client that went away, over the window',
    source: 'pg_stat_database',
    say: (value) => `Sessions are lost ${value}`,
  },
  checksum_failures: {
    component: 'errors',
    unit: 'pages',
    warning: 0,
    critical: 1,
    meaning: 'pages with a wrong checksum since the statistics were reset',
    source: 'pg_stat_database',
    say: (value) => `${value} had a wrong checksum`,
  },
  pool_saturation: {
    component: 'pool',
    unit: '%',
    warning: 'pool_saturation_warning',
    critical: 'pool_saturation_critical',
    meaning: 'server connections that clients of the pool use or wait for, of those it may have, mean over the window',
    source: 'SHOW POOLS',
    say: (value) => `Clients ask for ${value} of the pool’s server connections on average`,
  },
  pool_wait: {
    component: 'pool',
    unit: 's',
    warning: 'pool_wait_warning_seconds',
    critical: 'pool_wait_critical_seconds',
    meaning: 'wait of the first client in the pool’s queue now',
    source: 'SHOW POOLS',
    say: (value) => `The first client in the pool’s queue has been waiting for ${value}`,
  },
} as const satisfies Readonly<Record<string, SignalDeclaration>>;

export type SignalName = keyof typeof declared;
export const signals: Readonly<Record<SignalName, SignalDeclaration>> = declared;
export const signalNames = Object.keys(declared) as readonly SignalName[];

/** Unknown: it could be read, but wasn't, which costs coverage. Not applicable: there is nothing to read. */
export type Missing = { readonly missing: 'unknown' | 'not-applicable'; readonly why: string };
export type Signals = Readonly<Record<SignalName, number | Missing>>;

export const thresholdOf = (threshold: keyof Thresholds | number, thresholds: Thresholds): number =>
  typeof threshold === 'number' ? threshold : thresholds[threshold];
