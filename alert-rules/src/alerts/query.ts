import { alertThresholds as t } from '@submilli/catalogue';
import type { Alert } from '../define';
import { database, list } from '../labels';

const at = 'cluster="c",instance="db:9093",job="submilli-servers",target="pg1"';
const app = `${at},database="app"`;
const inApp = { cluster: 'c', target: 'pg1', database: 'app' } as const;
const shared = { component: 'query', by: database, dashboard: 'query-performance' } as const;
const where = '{{ $labels.database }} on {{ $labels.target }} of {{ $labels.cluster }}';

/** Latency as the workload has it. */
export const queryAlerts: readonly Alert[] = [
  {
    ...shared,
    name: 'DatabaseQueryLatencyHigh',
    by: ['cluster', 'target', 'database', 'query_type'],
    advice: 'missing-index',
    summary: '{{ $labels.query_type }} statements of {{ $labels.database }} are slow',
    levels: [
      {
        severity: 'critical',
        for: '5m',
        expr: `max by (cluster, target, database, query_type) (db_query_duration_seconds{quantile="0.95"}) > ${t.queryLatencyP95Seconds}`,
        description: `P95 of {{ $labels.query_type }} statements of ${where} is {{ $value | humanizeDuration }} (threshold ${t.queryLatencyP95Seconds} s).`,
      },
    ],
    proofs: [
      {
        series: { [`db_query_duration_seconds{${app},query_type="select",source="log",quantile="0.95"}`]: [0.1, 0.25] },
        labels: { ...inApp, query_type: 'select' },
        summary: 'select statements of app are slow',
        says: { critical: 'P95 of select statements of app on pg1 of c is 250ms (threshold 0.1 s).' },
      },
    ],
  },
  {
    ...shared,
    name: 'DatabaseQueryErrorsHigh',
    summary: 'Statements of {{ $labels.database }} fail',
    levels: [
      {
        severity: 'warning',
        for: '5m',
        keepFiringFor: '5m',
        expr: `sum by (${list(database)}) (rate(db_query_errors_total[5m])) > ${t.queryErrorsPerSecond}`,
        description: `{{ printf "%.1f" $value }} statements a second of ${where} fail (threshold ${t.queryErrorsPerSecond}). db_query_errors_total says with which SQLSTATE.`,
      },
    ],
    proofs: [
      {
        series: { [`db_query_errors_total{${app},sqlstate="40001"}`]: [{ perSecond: 0.1 }, { perSecond: 30 }] },
        lag: '5m',
        labels: inApp,
        summary: 'Statements of app fail',
        says: {
          warning:
            '30.0 statements a second of app on pg1 of c fail (threshold 1). db_query_errors_total says with which SQLSTATE.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'DatabaseStatementsRegressed',
    advice: 'regress',
    summary: 'Statements of {{ $labels.database }} take twice their usual time',
    levels: [
      {
        severity: 'warning',
        for: '15m',
        keepFiringFor: '15m',
        expr: `max by (${list(database)}) (db_query_statements_regressed) > 0`,
        description: `{{ $value }} statements of ${where} take twice their usual time or more (threshold 0): a plan, the data or the load has changed.`,
      },
    ],
    proofs: [
      {
        series: { [`db_query_statements_regressed{${app}}`]: [0, 2] },
        labels: inApp,
        summary: 'Statements of app take twice their usual time',
        says: {
          warning:
            '2 statements of app on pg1 of c take twice their usual time or more (threshold 0): a plan, the data or the load has changed.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'DatabaseCanaryFailing',
    by: ['cluster', 'target', 'path'],
    summary: 'Our own transaction on {{ $labels.target }} fails',
    levels: [
      {
        severity: 'critical',
        // Later than PostgresDown, of which people hear instead if that is why.
        for: '90s',
        expr: 'max by (cluster, target, path) (db_canary_up) == 0',
        description:
          'The canary on {{ $labels.target }} of {{ $labels.cluster }}, path {{ $labels.path }}, has not come through for 90 seconds: clients that go the same way are likely to fail as well.',
      },
    ],
    proofs: [
      {
        series: { [`db_canary_up{${at},path="pool"}`]: [1, 0] },
        labels: { cluster: 'c', target: 'pg1', path: 'pool' },
        summary: 'Our own transaction on pg1 fails',
        says: {
          critical:
            'The canary on pg1 of c, path pool, has not come through for 90 seconds: clients that go the same way are likely to fail as well.',
        },
      },
    ],
  },
];
