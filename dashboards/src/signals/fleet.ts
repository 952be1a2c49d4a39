import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertThresholds, healthThresholds } from '@submilli/catalogue';
import { toAppPage, toDashboard } from '../lib/links';
import { lines, stat } from '../lib/panels';
import { alertList } from '../lib/plugin-panels';
import { CLUSTER, firingAlerts, quantile, sumRate } from '../lib/promql';
import { now, over, rows } from '../lib/targets';
import { above, none, notAbove, notBelow } from '../lib/thresholds';
import { table } from '../lib/tables';
import { units } from '../lib/units';
import { EXECUTED, promised } from './latency';

const OF = `${CLUSTER},database=~"$database"`;
const BY = 'cluster, database';
const LATENCY = 'db_query_latency_seconds';
const score = `min by (${BY}) (db_performance_score{${OF}})`;

/** What is known of a cluster only, beside each of its databases. */
const besideEach = (ofCluster: string): string => `${score} * 0 + on (cluster) group_left () ${ofCluster}`;

const alerts = `(count by (cluster) (${firingAlerts(CLUSTER)}) or 0 * max by (cluster) (db_performance_score{${OF}}))`;

const utilization = above(
  healthThresholds.connection_utilization_warning / 100,
  healthThresholds.connection_utilization_critical / 100,
);

const toDatabase = toDashboard('database-performance', 'Open the database', ['cluster', 'database']);

export const databases: Panel = table({
  title: 'Clusters and their databases',
  description:
    'Every database, worst score first, with what costs it most. Lag and alerts are those of its cluster. A click on the name opens its dashboard, on the score the page Health.',
  unit: units.count,
  targets: {
    score: rows(score),
    worst: rows(`topk by (${BY}) (1, max by (${BY}, component) (db_performance_score_worst{${OF}}))`),
    connections: rows(`max by (${BY}) (db_connection_utilization_ratio{${OF}})`),
    p99: rows(quantile(0.99, LATENCY, `${OF},${EXECUTED}`, BY)),
    commit: rows(quantile(0.99, 'db_commit_duration_seconds', `${OF},source="log"`, BY)),
    lag: rows(besideEach(`max by (cluster) (db_replication_replay_lag_seconds{${CLUSTER}})`)),
    alerts: rows(besideEach(alerts)),
  },
  sortBy: { column: 'Score', desc: false },
  columns: [
    { label: 'cluster', name: 'Cluster' },
    { label: 'database', name: 'Database', link: toDatabase },
    {
      ...{ query: 'score', name: 'Score', decimals: 0, thresholds: notBelow(alertThresholds.healthScore) },
      link: toAppPage('health', 'What the score is made of'),
    },
    { label: 'component', name: 'Costs most', noValue: 'nothing' },
    { query: 'connections', name: 'Connections', unit: units.ratio, decimals: 0, thresholds: utilization },
    {
      ...{ query: 'p99', name: 'Executor P99', unit: units.seconds, thresholds: notAbove(promised(0.99)) },
      noValue: 'not measured',
    },
    { query: 'commit', name: 'Commit P99', unit: units.seconds, noValue: 'not measured' },
    {
      ...{ query: 'lag', name: 'Replay lag', unit: units.seconds, noValue: 'no standby' },
      thresholds: notAbove(alertThresholds.replicationLagSeconds),
    },
    { query: 'alerts', name: 'Alerts', thresholds: none() },
  ],
});

export const lowest: Panel = stat({
  title: 'Lowest score',
  description: 'The score of the database that is worst. The table below names it.',
  unit: units.count,
  decimals: 0,
  targets: { value: over(`min(db_performance_score{${OF}})`) },
  thresholds: notBelow(alertThresholds.healthScore),
});

export const unhealthy: Panel = stat({
  title: 'Unhealthy',
  description: `Databases whose score is below ${alertThresholds.healthScore}. Each of them has an alert of its own.`,
  unit: units.count,
  targets: { value: over(`count(${score} < ${alertThresholds.healthScore}) or vector(0)`) },
  thresholds: none(),
});

export const servers: Panel = stat({
  title: 'Servers answer',
  description:
    'Share of servers that answered their exporter at the last scrape. One that does not is down, or refuses the exporter.',
  unit: units.ratio,
  decimals: 0,
  targets: { value: over(`avg(db_exporter_up{${CLUSTER}})`) },
  thresholds: notBelow(1),
});

export const leaderless: Panel = stat({
  title: 'Leaderless',
  description: 'Clusters that cannot be written to now. Open High availability.',
  unit: units.count,
  targets: { value: over(`count(min by (cluster) (db_ha_leader_present{${CLUSTER}}) == 0) or vector(0)`) },
  thresholds: none(),
});

export const slowest: Panel = stat({
  title: 'Slowest P99',
  description: 'Executor time of the database with the highest P99. Red is beyond what was promised.',
  unit: units.seconds,
  targets: { value: over(`max(${quantile(0.99, LATENCY, `${OF},${EXECUTED}`, BY)})`) },
  thresholds: notAbove(promised(0.99)),
});

export const fullestServer: Panel = stat({
  title: 'Fullest server',
  description: 'Fullness of the tightest connection limit anywhere. Beyond it clients are refused.',
  unit: units.ratio,
  decimals: 0,
  targets: { value: over(`max(db_connection_utilization_ratio{${OF}})`) },
  thresholds: utilization,
});

export const furthestBehind: Panel = stat({
  title: 'Furthest behind',
  description: 'Replay lag of the slowest standby anywhere.',
  unit: units.seconds,
  targets: { value: over(`max(db_replication_replay_lag_seconds{${CLUSTER}})`) },
  thresholds: notAbove(alertThresholds.replicationLagSeconds),
  noValue: 'no lag known',
});

export const alertsNow: Panel = alertList({
  title: 'Alerts',
  description:
    'What fires or is about to, by Grafana’s own alerting and the data sources it manages. Each names its runbook. Empty is good news only where rules are loaded.',
  unit: units.count,
  targets: {
    firing: now(`count by (alertname, severity, cluster) (ALERTS{alertstate="firing",${CLUSTER}})`, '{{alertname}}'),
  },
  noValue: 'none known',
});

export const latencyByDatabase: Panel = lines(
  {
    title: 'Executor P99 of each database',
    description:
      'The tail of executor time by database against what was promised. Databases that rise together share a server or a disk.',
    unit: units.seconds,
    targets: { p99: over(quantile(0.99, LATENCY, `${OF},${EXECUTED}`, BY), '{{cluster}} {{database}}') },
    thresholds: notAbove(promised(0.99)),
  },
  { log: true },
);

export const commitByCluster: Panel = lines(
  {
    title: 'Commit P99 of each database',
    description:
      'Time until 99 % of commits are durable, by the server’s log. Apart from executor time: it is the disk and the synchronous standby.',
    unit: units.seconds,
    targets: {
      p99: over(quantile(0.99, 'db_commit_duration_seconds', `${OF},source="log"`, BY), '{{cluster}} {{database}}'),
    },
  },
  { log: true },
);

export const rateByDatabase: Panel = lines(
  {
    title: 'Transactions per second of each database',
    description: 'Commits and rollbacks. What falls to nothing is cut off; what doubles will show in latency next.',
    unit: units.perSecond,
    targets: { transactions: over(sumRate(BY, `db_transactions_total{${OF}}`), '{{cluster}} {{database}}') },
  },
  { stack: true },
);

export const connectionsByDatabase: Panel = lines({
  title: 'Connections used of each database',
  description: 'Fullness of the tightest limit that a new session meets.',
  unit: units.ratio,
  ...{ min: 0, max: 1 },
  targets: { used: over(`max by (${BY}) (db_connection_utilization_ratio{${OF}})`, '{{cluster}} {{database}}') },
  thresholds: utilization,
});

export const lagByCluster: Panel = lines({
  title: 'Replay lag of each cluster',
  description: 'The slowest standby of each cluster, in time.',
  unit: units.seconds,
  targets: { lag: over(`max by (cluster) (db_replication_replay_lag_seconds{${CLUSTER}})`, '{{cluster}}') },
  thresholds: notAbove(alertThresholds.replicationLagSeconds),
});

export const poolsByCluster: Panel = lines({
  title: 'Fullest pool of each cluster',
  description: 'Busy server connections over the size of the fullest pool. At 100 % clients wait.',
  unit: units.ratio,
  min: 0,
  targets: { full: over(`max by (cluster) (db_pool_saturation_ratio{${CLUSTER}})`, '{{cluster}}') },
  thresholds: above(alertThresholds.poolSaturationPercent / 100, healthThresholds.pool_saturation_warning / 100),
});

export const adviceByRule: Panel = table({
  title: 'Advice by rule',
  description:
    'How many recommendations of each rule hold now, by cluster. The page Advice has each with its reason and remedy.',
  unit: units.count,
  targets: { advice: rows(`sum by (cluster, rule, severity) (db_advice_recommendations{${CLUSTER}}) > 0`) },
  sortBy: { column: 'Recommendations', desc: true },
  columns: [
    { label: 'cluster', name: 'Cluster' },
    { label: 'rule', name: 'Rule', link: toAppPage('advice', 'Open Advice') },
    { label: 'severity', name: 'Severity' },
    { query: 'advice', name: 'Recommendations' },
  ],
});

export const collectors: Panel = table({
  title: 'What could not be read',
  description:
    'Collectors that failed at their last run. Their values are absent, not zero: /api/v1/status of the exporter says why, and the remedy.',
  unit: units.count,
  targets: {
    failed: rows(`max by (cluster, target, instance, collector) (db_exporter_collector_success{${CLUSTER}} == 0) + 1`),
  },
  columns: [
    { label: 'cluster', name: 'Cluster' },
    { label: 'target', name: 'Server', noValue: '' },
    { label: 'instance', name: 'Exporter' },
    { label: 'collector', name: 'Collector' },
  ],
  noValue: 'none is known to fail',
});

export const watching: Panel = lines({
  title: 'Time that watching costs',
  description:
    'Seconds per second that the exporters wait for the servers’ answers, network included, by exporter. It should stay far below one.',
  unit: units.seconds,
  targets: {
    seconds: over(
      sumRate('cluster, instance', `db_exporter_database_seconds_total{${CLUSTER}}`),
      '{{cluster}} {{instance}}',
    ),
  },
});

export const scrapes: Panel = lines({
  title: 'Time of a scrape',
  description:
    'How long each exporter’s answer takes. Near Prometheus’ scrape_timeout, answers are lost and lines have gaps.',
  unit: units.seconds,
  targets: {
    duration: over(
      `max by (cluster, instance) (db_exporter_scrape_duration_seconds{${CLUSTER}})`,
      '{{cluster}} {{instance}}',
    ),
  },
});
