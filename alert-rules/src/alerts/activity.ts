import { alertThresholds as t } from '@submilli/catalogue';
import type { Alert } from '../define';
import { database, list, server } from '../labels';

const at = 'cluster="c",instance="db:9091",job="submilli-servers",target="pg1"';
const inApp = { cluster: 'c', target: 'pg1', database: 'app' } as const;
const app = `${at},database="app"`;
const shared = { component: 'postgresql', by: database, dashboard: 'database-performance' } as const;
const where = '{{ $labels.database }} on {{ $labels.target }} of {{ $labels.cluster }}';

/** Sessions and transactions that hold others up, and what goes wrong among them. */
export const activityAlerts: readonly Alert[] = [
  {
    ...shared,
    name: 'PostgresIdleInTransaction',
    advice: 'idle-in-transaction',
    summary: 'A client of {{ $labels.database }} keeps a transaction open and does nothing',
    levels: [
      {
        severity: 'warning',
        for: '1m',
        expr: `max by (${list(database)}) (db_oldest_idle_in_transaction_seconds) > ${t.idleInTransactionSeconds}`,
        description: `A session of ${where} has been idle in a transaction for {{ $value | humanizeDuration }} (threshold ${t.idleInTransactionSeconds} s): it keeps its locks, and vacuum from its work.`,
      },
    ],
    proofs: [
      {
        series: { [`db_oldest_idle_in_transaction_seconds{${app}}`]: [300, 400] },
        labels: inApp,
        summary: 'A client of app keeps a transaction open and does nothing',
        says: {
          warning:
            'A session of app on pg1 of c has been idle in a transaction for 6m 40s (threshold 300 s): it keeps its locks, and vacuum from its work.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresLongRunningTransaction',
    summary: 'A transaction of {{ $labels.database }} has been open for long',
    levels: [
      {
        severity: 'warning',
        for: '1m',
        expr: `max by (${list(database)}) (db_oldest_transaction_seconds) > ${t.transactionSeconds}`,
        description: `The oldest transaction of ${where} has been open for {{ $value | humanizeDuration }} (threshold ${t.transactionSeconds} s): nothing that was deleted since can be vacuumed.`,
      },
    ],
    proofs: [
      {
        series: { [`db_oldest_transaction_seconds{${app}}`]: [900, 1000] },
        labels: inApp,
        summary: 'A transaction of app has been open for long',
        says: {
          warning:
            'The oldest transaction of app on pg1 of c has been open for 16m 40s (threshold 900 s): nothing that was deleted since can be vacuumed.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresSessionsBlocked',
    by: server,
    advice: 'blocking',
    summary: 'Sessions on {{ $labels.target }} wait for a lock',
    levels: [
      {
        severity: 'warning',
        for: '30s',
        expr: `max by (${list(server)}) (db_blocking_longest_seconds) > ${t.blockedWarningSeconds}`,
        description: `A session on {{ $labels.target }} of {{ $labels.cluster }} has waited {{ $value | humanizeDuration }} for a lock (threshold ${t.blockedWarningSeconds} s). /api/v1/blocking of the database exporter says who holds it.`,
      },
      {
        severity: 'critical',
        for: '30s',
        expr: `max by (${list(server)}) (db_blocking_longest_seconds) > ${t.blockedCriticalSeconds}`,
        description: `A session on {{ $labels.target }} of {{ $labels.cluster }} has waited {{ $value | humanizeDuration }} for a lock (threshold ${t.blockedCriticalSeconds} s). /api/v1/blocking of the database exporter says who holds it.`,
      },
    ],
    proofs: [
      {
        series: { [`db_blocking_longest_seconds{${at}}`]: [0, 50] },
        labels: { cluster: 'c', target: 'pg1' },
        summary: 'Sessions on pg1 wait for a lock',
        says: {
          warning:
            'A session on pg1 of c has waited 50s for a lock (threshold 30 s). /api/v1/blocking of the database exporter says who holds it.',
        },
      },
      {
        level: 1,
        series: { [`db_blocking_longest_seconds{${at}}`]: [0, 330] },
        labels: { cluster: 'c', target: 'pg1' },
        summary: 'Sessions on pg1 wait for a lock',
        says: {
          warning:
            'A session on pg1 of c has waited 5m 30s for a lock (threshold 30 s). /api/v1/blocking of the database exporter says who holds it.',
          critical:
            'A session on pg1 of c has waited 5m 30s for a lock (threshold 300 s). /api/v1/blocking of the database exporter says who holds it.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresDeadlocks',
    summary: 'Transactions of {{ $labels.database }} deadlock',
    levels: [
      {
        severity: 'warning',
        for: '5m',
        keepFiringFor: '10m',
        expr: `max by (${list(database)}) (60 * rate(db_deadlocks_total[5m])) > ${t.deadlocksPerMinute}`,
        description: `{{ printf "%.1f" $value }} deadlocks a minute in ${where} (threshold ${t.deadlocksPerMinute}): PostgreSQL ends one transaction of each.`,
      },
    ],
    proofs: [
      {
        series: { [`db_deadlocks_total{${app}}`]: [{ perSecond: 0.01 }, { perSecond: 1 }] },
        lag: '5m',
        labels: inApp,
        summary: 'Transactions of app deadlock',
        says: {
          warning: '60.0 deadlocks a minute in app on pg1 of c (threshold 1): PostgreSQL ends one transaction of each.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresLockTableFilling',
    by: server,
    summary: 'The lock table of {{ $labels.target }} is filling up',
    levels: [
      {
        severity: 'warning',
        for: '2m',
        expr: `100 * sum by (${list(server)}) (db_locks{granted="true"}) / on (${list(server)}) (sum by (${list(server)}) (db_setting{name=~"max_connections|max_prepared_transactions"}) * on (${list(server)}) max by (${list(server)}) (db_setting{name="max_locks_per_transaction"})) > ${t.lockTablePercent}`,
        description: `{{ printf "%.0f" $value }} % of the lock table of {{ $labels.target }} of {{ $labels.cluster }} is in use (threshold ${t.lockTablePercent} %): when it is full, statements fail with "out of shared memory".`,
      },
    ],
    proofs: [
      {
        series: {
          [`db_locks{${app},mode="accesssharelock",granted="true"}`]: [100, 4500],
          [`db_locks{${app},mode="exclusivelock",granted="true"}`]: [10, 300],
          [`db_setting{${at},name="max_connections"}`]: [100, 100],
          [`db_setting{${at},name="max_prepared_transactions"}`]: [0, 0],
          [`db_setting{${at},name="max_locks_per_transaction"}`]: [64, 64],
        },
        labels: { cluster: 'c', target: 'pg1' },
        summary: 'The lock table of pg1 is filling up',
        says: {
          warning:
            '75 % of the lock table of pg1 of c is in use (threshold 50 %): when it is full, statements fail with "out of shared memory".',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresRollbackRatioHigh',
    summary: 'Many transactions of {{ $labels.database }} are rolled back',
    levels: [
      {
        severity: 'warning',
        for: '5m',
        keepFiringFor: '5m',
        expr: `100 * cluster_target_database:db_transactions:rolled_back_ratio_rate5m > ${t.rollbackPercent} and cluster_target_database:db_transactions:rate5m > ${t.rollbackMinimumPerSecond}`,
        description: `{{ printf "%.0f" $value }} % of the transactions of ${where} are rolled back (threshold ${t.rollbackPercent} %): something that clients try fails.`,
      },
    ],
    proofs: [
      {
        series: {
          [`db_transactions_total{${app},outcome="commit"}`]: [{ perSecond: 100 }, { perSecond: 100 }],
          [`db_transactions_total{${app},outcome="rollback"}`]: [{ perSecond: 1 }, { perSecond: 400 }],
        },
        lag: '5m',
        labels: inApp,
        summary: 'Many transactions of app are rolled back',
        says: {
          warning:
            '80 % of the transactions of app on pg1 of c are rolled back (threshold 10 %): something that clients try fails.',
        },
      },
    ],
  },
];
