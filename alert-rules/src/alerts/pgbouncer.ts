import { alertThresholds as t } from '@submilli/catalogue';
import type { Alert } from '../define';
import { list, pool, pooler } from '../labels';

const at = 'cluster="c",instance="db:9092",job="submilli"';
const trading = `${at},database="app",user="trading"`;
const inPool = { cluster: 'c', instance: 'db:9092', database: 'app', user: 'trading' } as const;
const shared = { component: 'pgbouncer', by: pool, dashboard: 'connection-pool' } as const;
const where = 'pool {{ $labels.database }}/{{ $labels.user }} of {{ $labels.cluster }}';

/** PgBouncer: is it there, and does it give servers to clients? */
export const pgbouncerAlerts: readonly Alert[] = [
  {
    ...shared,
    name: 'PgBouncerDown',
    // A target where one exporter asks several, and none where it has but one.
    by: [...pooler, 'target'],
    summary: 'PgBouncer of {{ $labels.cluster }} does not answer',
    levels: [
      {
        severity: 'critical',
        for: '1m',
        expr: 'max by (cluster, instance, target) (db_exporter_up == 0 and on (job, instance, target) db_exporter_build_info{exporter="pool"})',
        description:
          'The pool exporter at {{ $labels.instance }} has had no answer from PgBouncer{{ with $labels.target }} {{ . }}{{ end }} of {{ $labels.cluster }} for a minute: it is down, or refuses the monitoring role.',
      },
    ],
    proofs: [
      {
        series: {
          [`db_exporter_up{${at}}`]: [1, 0],
          [`db_exporter_build_info{${at},exporter="pool",version="1",node="v20"}`]: [1, 1],
          [`db_exporter_up{cluster="c",instance="db:9091",job="submilli-servers",target="pg1"}`]: [1, 0],
        },
        labels: { cluster: 'c', instance: 'db:9092' },
        summary: 'PgBouncer of c does not answer',
        says: {
          critical:
            'The pool exporter at db:9092 has had no answer from PgBouncer of c for a minute: it is down, or refuses the monitoring role.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PgBouncerClientsWaiting',
    advice: 'pool',
    summary: 'Clients of {{ $labels.database }} wait for a server connection',
    levels: (
      [
        ['warning', t.poolWaitWarningSeconds],
        ['critical', t.poolWaitCriticalSeconds],
      ] as const
    ).map(([severity, threshold]) => ({
      ...{ severity, for: '30s' },
      expr: `max by (${list(pool)}) (db_pool_maxwait_seconds) > ${threshold}`,
      description: `The first client in the queue of ${where} has waited {{ $value | humanizeDuration }} (threshold ${threshold} s): all its server connections are taken, or none can be made.`,
    })),
    proofs: [
      {
        series: { [`db_pool_maxwait_seconds{${trading}}`]: [0, 2] },
        labels: inPool,
        summary: 'Clients of app wait for a server connection',
        says: {
          warning:
            'The first client in the queue of pool app/trading of c has waited 2s (threshold 1 s): all its server connections are taken, or none can be made.',
        },
      },
      {
        level: 1,
        series: { [`db_pool_maxwait_seconds{${trading}}`]: [0, 8] },
        labels: inPool,
        summary: 'Clients of app wait for a server connection',
        says: {
          warning:
            'The first client in the queue of pool app/trading of c has waited 8s (threshold 1 s): all its server connections are taken, or none can be made.',
          critical:
            'The first client in the queue of pool app/trading of c has waited 8s (threshold 5 s): all its server connections are taken, or none can be made.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PgBouncerPoolSaturated',
    by: ['cluster', 'instance', 'database', 'user', 'limit'],
    advice: 'pool',
    summary: 'The pool {{ $labels.database }}/{{ $labels.user }} is all but full',
    levels: [
      {
        severity: 'warning',
        for: '5m',
        keepFiringFor: '5m',
        expr: `max by (cluster, instance, database, user, limit) (100 * db_pool_saturation_ratio{limit!="max_client_conn"}) > ${t.poolSaturationPercent}`,
        description: `{{ printf "%.0f" $value }} % of the server connections that ${where} may have by {{ $labels.limit }} are busy (threshold ${t.poolSaturationPercent} %): soon clients wait.`,
      },
    ],
    proofs: [
      {
        series: { [`db_pool_saturation_ratio{${trading},limit="pool_size"}`]: [0.5, 0.95] },
        labels: { ...inPool, limit: 'pool_size' },
        summary: 'The pool app/trading is all but full',
        says: {
          warning:
            '95 % of the server connections that pool app/trading of c may have by pool_size are busy (threshold 80 %): soon clients wait.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PgBouncerClientConnectionsHigh',
    by: pooler,
    summary: 'PgBouncer of {{ $labels.cluster }} is running out of client connections',
    levels: (
      [
        ['warning', t.poolClientsWarningPercent, '2m'],
        ['critical', t.poolClientsCriticalPercent, '2m'],
      ] as const
    ).map(([severity, threshold, wait]) => ({
      ...{ severity, for: wait },
      expr: `max by (${list(pooler)}) (100 * db_pool_saturation_ratio{limit="max_client_conn"}) > ${threshold}`,
      description: `{{ printf "%.0f" $value }} % of max_client_conn at {{ $labels.instance }} of {{ $labels.cluster }} are in use (threshold ${threshold} %): at 100 % new clients are refused.`,
    })),
    proofs: [
      {
        series: { [`db_pool_saturation_ratio{${at},limit="max_client_conn"}`]: [0.5, 0.9] },
        labels: { cluster: 'c', instance: 'db:9092' },
        summary: 'PgBouncer of c is running out of client connections',
        says: {
          warning:
            '90 % of max_client_conn at db:9092 of c are in use (threshold 80 %): at 100 % new clients are refused.',
        },
      },
      {
        level: 1,
        series: { [`db_pool_saturation_ratio{${at},limit="max_client_conn"}`]: [0.5, 0.99] },
        labels: { cluster: 'c', instance: 'db:9092' },
        summary: 'PgBouncer of c is running out of client connections',
        says: {
          warning:
            '99 % of max_client_conn at db:9092 of c are in use (threshold 80 %): at 100 % new clients are refused.',
          critical:
            '99 % of max_client_conn at db:9092 of c are in use (threshold 95 %): at 100 % new clients are refused.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PgBouncerPaused',
    by: pooler,
    summary: 'PgBouncer of {{ $labels.cluster }} is paused',
    levels: [
      {
        severity: 'warning',
        for: '2m',
        expr: 'max by (cluster, instance) (db_pool_paused or db_pool_state{state=~"paused|suspended"}) == 1',
        description:
          'PgBouncer at {{ $labels.instance }} of {{ $labels.cluster }}, or one of its databases, has been paused for 2 minutes: its clients wait. RESUME was forgotten, or what it waits for does not end.',
      },
    ],
    proofs: [
      {
        series: { [`db_pool_paused{${at},database="app"}`]: [0, 1], [`db_pool_paused{${at},database="b"}`]: [0, 0] },
        labels: { cluster: 'c', instance: 'db:9092' },
        summary: 'PgBouncer of c is paused',
        says: {
          warning:
            'PgBouncer at db:9092 of c, or one of its databases, has been paused for 2 minutes: its clients wait. RESUME was forgotten, or what it waits for does not end.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PgBouncerNoServer',
    summary: 'PgBouncer has no server for {{ $labels.database }}',
    levels: [
      {
        severity: 'critical',
        for: '30s',
        expr: `max by (${list(pool)}) (db_pool_clients_without_server) == 1`,
        description: `Clients of ${where} wait, and no server connection of theirs is logged in: the server is away, or refuses PgBouncer's login. PgBouncer's log says which.`,
      },
    ],
    proofs: [
      {
        series: { [`db_pool_clients_without_server{${trading}}`]: [0, 1] },
        labels: inPool,
        summary: 'PgBouncer has no server for app',
        says: {
          critical:
            "Clients of pool app/trading of c wait, and no server connection of theirs is logged in: the server is away, or refuses PgBouncer's login. PgBouncer's log says which.",
        },
      },
    ],
  },
];
