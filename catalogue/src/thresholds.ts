/**
 * Every threshold there is, in one place: rules, dashboards, their documentation, the Grafana app and the defaults of
 * submilli.yml read it here.
 */

/** What a score or advice calls a warning, and critical: the defaults of `thresholds` in submilli.yml. */
export const healthThresholds = {
  query_time_warning_ms: 100,
  query_time_critical_ms: 1000,
  connection_utilization_warning: 70,
  connection_utilization_critical: 90,
  buffer_hit_ratio_warning: 90,
  buffer_hit_ratio_critical: 80,
  lock_waiters_critical: 5,
  blocked_warning_seconds: 1,
  blocked_critical_seconds: 30,
  idle_in_transaction_warning_seconds: 10,
  idle_in_transaction_critical_seconds: 120,
  oldest_transaction_warning_seconds: 30,
  oldest_transaction_critical_seconds: 300,
  deadlocks_per_minute_critical: 1,
  wraparound_warning: 40,
  wraparound_critical: 75,
  dead_rows_warning: 20,
  dead_rows_critical: 60,
  replication_lag_warning_mb: 10,
  replication_lag_critical_mb: 100,
  replication_delay_warning_seconds: 60,
  replication_delay_critical_seconds: 600,
  rollback_ratio_warning: 1,
  rollback_ratio_critical: 10,
  lost_sessions_per_minute_warning: 1,
  lost_sessions_per_minute_critical: 60,
  pool_saturation_warning: 90,
  pool_saturation_critical: 200,
  pool_wait_warning_seconds: 0.1,
  pool_wait_critical_seconds: 5,
} as const;

/** What latency was promised to stay within: a quantile (0 to 1) and seconds. */
export type LatencyTarget = { readonly quantile: number; readonly seconds: number };

/** The one target that has an error budget. */
const promisedP99 = { quantile: 0.99, seconds: 0.0025 } as const;

export const latencyTargets: readonly LatencyTarget[] = [
  { quantile: 0.5, seconds: 0.0003 },
  { quantile: 0.9, seconds: 0.0012 },
  { quantile: 0.95, seconds: 0.0018 },
  promisedP99,
  { quantile: 0.999, seconds: 0.008 },
];

/**
 * The objective behind the burn-rate alerts: the promised P99, as the share of statements within it. The bound is one of
 * db_query_latency_seconds. Windows and factors are those of Google's SRE workbook, chapter 5, for 30 days: a page when
 * 2 % of the month's budget goes in an hour or 5 % in six, a ticket when 10 % goes in a day or in three.
 */
export const latencySlo = {
  objective: promisedP99.quantile,
  withinSeconds: promisedP99.seconds,
  /** Statements per second below which a share means nothing. */
  minimumRate: 1,
  burn: [
    { factor: 14.4, long: '1h', short: '5m', severity: 'critical' },
    { factor: 6, long: '6h', short: '30m', severity: 'critical' },
    { factor: 3, long: '1d', short: '2h', severity: 'warning' },
    { factor: 1, long: '3d', short: '6h', severity: 'warning' },
  ],
} as const;

/** From where on alerts speak; `for` how long is in each alert. Units are in the names. */
export const alertThresholds = {
  connectionUtilizationPercent: 80,
  connectionSaturationPercent: healthThresholds.connection_utilization_critical,
  restartedWithinSeconds: 300,
  idleInTransactionSeconds: 300,
  transactionSeconds: 900,
  blockedWarningSeconds: healthThresholds.blocked_critical_seconds,
  blockedCriticalSeconds: 300,
  deadlocksPerMinute: healthThresholds.deadlocks_per_minute_critical,
  lockTablePercent: 50,
  rollbackPercent: healthThresholds.rollback_ratio_critical,
  rollbackMinimumPerSecond: 1,
  bufferHitPercent: healthThresholds.buffer_hit_ratio_warning,
  /** Read from outside shared buffers; below that a low ratio does not matter. */
  bufferReadsPerSecond: 1000,
  tempBytesPerSecond: 50 * 1024 ** 2,
  requestedCheckpointsPerHour: 6,
  wraparoundWarningPercent: healthThresholds.wraparound_warning,
  wraparoundCriticalPercent: healthThresholds.wraparound_critical,
  deadRowsPercent: healthThresholds.dead_rows_warning,
  deadRowsMinimum: 100_000,
  sequenceWarningPercent: 75,
  sequenceCriticalPercent: 90,
  certificateWarningDays: 14,
  certificateCriticalDays: 3,
  healthScore: 50,
  archiveWaitSeconds: 900,
  slotRetainedBytes: 10 * 1024 ** 3,
  slotSafeBytes: 1024 ** 3,
  replicationLagSeconds: 10,
  replicationLagBytes: healthThresholds.replication_lag_critical_mb * 1024 ** 2,
  queryLatencyP95Seconds: healthThresholds.query_time_warning_ms / 1000,
  queryErrorsPerSecond: 1,
  poolSaturationPercent: 80,
  poolClientsWarningPercent: 80,
  poolClientsCriticalPercent: 95,
  poolWaitWarningSeconds: 1,
  poolWaitCriticalSeconds: healthThresholds.pool_wait_critical_seconds,
  failoversPerHour: 3,
  dcsUnseenSeconds: 60,
  /** A failover is rehearsed every month, with some days to spare. */
  drillOverdueSeconds: 35 * 86_400,
  /** A day, and two hours for the backup itself. */
  backupStaleSeconds: 26 * 3600,
  backupLostSeconds: 3 * 86_400,
  /** Rehearsed every week, with a day to spare. */
  backupUnverifiedSeconds: 8 * 86_400,
  /** How long a restore may take: the recovery time objective. */
  restoreObjectiveSeconds: 3600,
} as const;
