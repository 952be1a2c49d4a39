import { matchers, OF_CLUSTER, OF_DATABASE, spanSeconds, type View } from '../app/about';

// All that the app asks Prometheus, and nowhere else: tests hold every export here against what the exporters emit, and
// ask the live stack. An export is PromQL by name, or makes it from what a page is about. No React, nothing of Grafana.

/** What there is to choose from. */
export const variables = {
  cluster: 'label_values(db_exporter_up, cluster)',
  database: 'label_values(db_connections{cluster=~"$cluster"}, database)',
};

export const configuration = { up: 'db_exporter_up' };

const ofCluster = ({ cluster }: View): string => matchers({ cluster, database: '' });

export const badge = (view: Pick<View, 'cluster' | 'database'>) => ({
  score: `min(db_performance_score{${matchers(view)}})`,
});

export const overview = (view: View) => ({
  score: `min by (cluster, database) (db_performance_score{${matchers(view)}})`,
  worst: `max by (cluster, database, component) (db_performance_score_worst{${matchers(view)}} == 1)`,
  alerts: `ALERTS{${matchers({ ...view, database: '' }, ['alertstate="firing"', 'alertname!="Watchdog"'])}}`,
  failovers: `increase(db_ha_failovers_total{${ofCluster(view)}}[${Math.max(60, spanSeconds(view))}s]) > 0`,
  last: `db_ha_last_failover_timestamp_seconds{${ofCluster(view)}}`,
});

export const overviewTrend = (view: View) => ({
  trend: `min by (cluster, database) (db_performance_score{${matchers(view)}})`,
});

const POINTS = 120;

/** The lowest within each step, so that a dip between two points is not lost. */
export const scoreHistory = (view: View) => {
  const step = `${Math.max(15, Math.ceil((view.to - view.from) / 1000 / POINTS))}s`;
  const of = matchers(view);
  return {
    score: `min by (database, target) (min_over_time(db_performance_score{${of}}[${step}]))`,
    components: `min by (database, target, component) (min_over_time(db_performance_score_component{${of}}[${step}]))`,
  };
};

export const scoreMoments = (view: View) => ({
  failovers: `db_ha_last_failover_timestamp_seconds{${ofCluster(view)}}`,
  restarts: `db_server_start_timestamp_seconds{${ofCluster(view)}}`,
});

export const scoreCharts = { components: `min by (component) (db_performance_score_component{${OF_DATABASE}})` };

const quantile = (q: number, metric: string, of: string, by = 'le'): string =>
  `histogram_quantile(${q}, sum by (${by}) (rate(${metric}_bucket{${of}}[$__rate_interval])))`;

export const latencyCharts = {
  server: `max by (query_type) (db_query_duration_seconds{${OF_DATABASE}, quantile="0.99"})`,
  commit: quantile(0.99, 'db_commit_duration_seconds', OF_DATABASE, 'le, source'),
  waitP50: quantile(0.5, 'db_pool_queue_wait_seconds', OF_DATABASE),
  waitP99: quantile(0.99, 'db_pool_queue_wait_seconds', OF_DATABASE),
  acquireP50: quantile(0.5, 'db_pool_acquire_seconds', OF_CLUSTER),
  acquireP99: quantile(0.99, 'db_pool_acquire_seconds', OF_CLUSTER),
  client: quantile(0.99, 'db_canary_duration_seconds', OF_CLUSTER, 'le, path, operation'),
};

/** Whole statements: of the extended protocol its last and longest step. Parse and bind are steps of their own. */
const WHOLE = 'phase=~"execute|simple"';

const statementBuckets = (view: View, type: string, seconds: number): string => {
  const of = matchers(view, [WHOLE, ...(type === '' ? [] : [`query_type=${JSON.stringify(type)}`])]);
  return `sum by (le) (increase(db_query_latency_seconds_bucket{${of}}[${seconds}s]))`;
};

/** A column of a heat map is at least as long as three scrapes. */
const LEAST_SECONDS = 45;

export const distributionOverTime = (view: View, type = '') => ({
  heat: statementBuckets(view, type, Math.max(LEAST_SECONDS, Math.ceil((view.to - view.from) / 1000 / POINTS))),
});

export const distribution = (view: View, type = '') => ({ whole: statementBuckets(view, type, spanSeconds(view)) });

export const queryTypes = (view: View) => ({
  types: `group by (query_type) (db_query_latency_seconds_count{${matchers(view)}})`,
});

export const stageBuckets = (view: View) => {
  const of = (metric: string, by: string, matching: string): string =>
    `sum by (${by}) (increase(${metric}_bucket{${matching}}[${spanSeconds(view)}s]))`;
  return {
    statements: statementBuckets(view, '', spanSeconds(view)),
    commit: of('db_commit_duration_seconds', 'le', matchers(view, ['source="log"'])),
    wait: of('db_pool_queue_wait_seconds', 'le', matchers(view)),
    acquire: of('db_pool_acquire_seconds', 'le', ofCluster(view)),
    canary: of('db_canary_duration_seconds', 'le, path, operation', ofCluster(view)),
  };
};

export const quantilesThen = (view: View) => ({
  before: `max by (target, database, query_type, source, quantile) (db_query_duration_seconds{${matchers(view, ['quantile!=""'])}})`,
});

/** Of statements that are shown by themselves. */
export const statementTrends = (view: View) => {
  const rate = (metric: string): string =>
    `sum by (database, queryid) (rate(${metric}{${matchers(view, ['queryid!="other"'])}}[5m]))`;
  return { mean: `${rate('db_query_statement_seconds_total')} / (${rate('db_query_statement_calls_total')} > 0)` };
};

const OF_STATEMENT = 'cluster=~"$cluster", database="${statement_database}", queryid="${statement_queryid}"';
const ofStatement = (metric: string): string => `sum(rate(${metric}{${OF_STATEMENT}}[$__rate_interval]))`;
const CALLS = ofStatement('db_query_statement_calls_total');
const perCall = (metric: string): string => `${ofStatement(metric)} / (${CALLS} > 0)`;

/** Of the statement that the URL names: what stands for it is put in when the page is made. */
export const statementCharts = {
  calls: CALLS,
  mean: perCall('db_query_statement_seconds_total'),
  hit: perCall('db_query_statement_shared_blocks_hit_total'),
  read: perCall('db_query_statement_shared_blocks_read_total'),
  temporary: perCall('db_query_statement_temp_blocks_written_total'),
  rows: perCall('db_query_statement_rows_total'),
};

export const haCharts = {
  lag: `max by (replica) (db_replication_replay_lag_seconds{${OF_CLUSTER}})`,
  leader: `max by (member) (db_ha_member_role{${OF_CLUSTER}, role="leader"})`,
  ready: `min(db_ha_ready_ratio{${OF_CLUSTER}})`,
  writable: `max(db_ha_primaries{${OF_CLUSTER}})`,
};

export const backups = (view: View) => {
  const of = ofCluster(view);
  return {
    up: `min by (cluster, repository) (db_backup_repository_up{${of}})`,
    last: `max by (cluster, repository) (db_backup_last_timestamp_seconds{${of}})`,
    since: `min by (cluster, repository) (db_backup_restorable_since_timestamp_seconds{${of}})`,
    verified: `max by (cluster) (db_backup_verified_timestamp_seconds{${of}})`,
    restore: `max by (cluster) (db_backup_restore_seconds{${of}})`,
  };
};

/** Of the last drill of each kind, what clients saw. */
export const drills = (view: View) => {
  const of = ofCluster(view);
  const pool = matchers({ ...view, database: '' }, ['path="pool"']);
  return {
    ended: `max by (cluster, kind) (db_ha_drill_timestamp_seconds{${of}})`,
    passed: `min by (cluster, kind) (db_ha_drill_success{${of}})`,
    took: `max by (cluster, kind) (db_ha_drill_recovery_seconds{${pool}})`,
    lost: `max by (cluster, kind) (db_ha_drill_lost_writes{${of}})`,
  };
};
