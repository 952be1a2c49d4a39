import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertThresholds, healthThresholds } from '@submilli/catalogue';
import { lines, stat } from '../lib/panels';
import { DATABASE, increase, SERVER, share, sumRate } from '../lib/promql';
import { over } from '../lib/targets';
import { above, notAbove } from '../lib/thresholds';
import { units } from '../lib/units';

const utilization = above(
  healthThresholds.connection_utilization_warning / 100,
  healthThresholds.connection_utilization_critical / 100,
);

export const connectionsUsed: Panel = stat({
  title: 'Connections used',
  description:
    'Fullness of the tightest limit that a new session meets, of the fullest server. Beyond the limit clients are refused: let idle sessions go or put a pool before the server.',
  unit: units.ratio,
  decimals: 1,
  targets: { value: over(`max(db_connection_utilization_ratio{${DATABASE}})`) },
  thresholds: utilization,
});

export const longestBlock: Panel = stat({
  title: 'Longest wait for a lock',
  description:
    'How long the session that waits longest for a lock has been waiting. The page Health names who blocks whom; ending the root frees all that wait behind it.',
  unit: units.seconds,
  targets: { value: over(`max(db_blocking_longest_seconds{${SERVER}})`) },
  thresholds: above(healthThresholds.blocked_warning_seconds, healthThresholds.blocked_critical_seconds),
});

export const oldestTransaction: Panel = stat({
  title: 'Oldest transaction',
  description:
    'Age of the oldest transaction that a client holds open. It keeps vacuum from removing rows and its locks from others: find its session and end it.',
  unit: units.seconds,
  targets: { value: over(`max(db_oldest_transaction_seconds{${DATABASE}})`) },
  thresholds: above(
    healthThresholds.oldest_transaction_warning_seconds,
    healthThresholds.oldest_transaction_critical_seconds,
  ),
});

const rolledBack = share(
  sumRate('', `db_transactions_total{${DATABASE},outcome="rollback"}`),
  sumRate('', `db_transactions_total{${DATABASE}}`),
);

export const rollbacks: Panel = stat({
  title: 'Transactions rolled back',
  description:
    'Share of transactions that ended in a rollback. Some applications roll back as a habit; a rise is errors, which are by SQLSTATE below.',
  unit: units.ratio,
  decimals: 2,
  targets: { value: over(rolledBack) },
  thresholds: above(healthThresholds.rollback_ratio_warning / 100, healthThresholds.rollback_ratio_critical / 100),
});

/** Sampled session time per second is how many sessions did it on average. */
export const sessionsDo: Panel = lines(
  {
    title: 'What sessions do and wait for',
    description:
      'Active sessions on average, by what they wait for; CPU is not waiting. The widest colour that is not CPU is where the time goes.',
    unit: units.count,
    targets: {
      waits: over(
        sumRate('wait_event_type', `db_session_activity_seconds_total{${DATABASE},state="active"}`),
        '{{wait_event_type}}',
      ),
    },
  },
  { stack: true },
);

export const topWaits: Panel = lines(
  {
    title: 'Wait events that cost most',
    description:
      'The ten wait events with most sessions on average, CPU left out. Lock and LWLock are contention between sessions, IO is the disk, Client is the application thinking inside a transaction.',
    unit: units.count,
    targets: {
      events: over(
        `topk(10, ${sumRate('wait_event_type, wait_event', `db_session_activity_seconds_total{${DATABASE},wait_event_type!="CPU",state!="idle"}`)})`,
        '{{wait_event_type}} {{wait_event}}',
      ),
    },
  },
  { stack: true, table: true },
);

export const byState: Panel = lines(
  {
    title: 'Connections by state',
    description:
      'Client sessions of the chosen servers. Many idle ones want a pool; idle in transaction holds locks and old row versions: the application should end its transactions.',
    unit: units.count,
    targets: { sessions: over(`sum by (state) (db_connections{${DATABASE}})`, '{{state}}') },
  },
  { stack: true },
);

export const utilizationOverTime: Panel = lines({
  title: 'Connections used over time',
  description:
    'Fullness of the tightest limit of each database on each server. A line that climbs for days is a leak of connections.',
  unit: units.ratio,
  ...{ min: 0, max: 1 },
  targets: {
    used: over(`max by (target, database) (db_connection_utilization_ratio{${DATABASE}})`, '{{target}} {{database}}'),
  },
  thresholds: utilization,
});

export const blocking: Panel = lines({
  title: 'Sessions that wait for locks',
  description:
    'Sessions that wait, those at the root that they wait for, and the most that one root holds up. Many waiters behind one root: one transaction stalls them all.',
  unit: units.count,
  targets: {
    blocked: over(`sum by (target) (db_blocked_sessions{${SERVER}})`, '{{target}} waiting'),
    roots: over(`sum by (target) (db_blocking_roots{${SERVER}})`, '{{target}} roots'),
    victims: over(`max by (target) (db_blocking_worst_root_victims{${SERVER}})`, '{{target}} behind the worst root'),
  },
  thresholds: notAbove(healthThresholds.lock_waiters_critical),
});

export const idleInTransaction: Panel = lines({
  title: 'Open transactions, oldest',
  description:
    'Age of the oldest open transaction, and how long a client has sat idle inside one. Both hold back vacuum; idle ones are the application’s fault and a timeout away from a cure.',
  unit: units.seconds,
  targets: {
    transaction: over(`max by (target) (db_oldest_transaction_seconds{${DATABASE}})`, '{{target}} oldest'),
    idle: over(`max by (target) (db_oldest_idle_in_transaction_seconds{${DATABASE}})`, '{{target}} idle inside'),
    query: over(`max by (target) (db_oldest_query_seconds{${DATABASE}})`, '{{target}} longest statement'),
  },
  thresholds: above(alertThresholds.idleInTransactionSeconds, alertThresholds.transactionSeconds),
});

export const deadlocks: Panel = lines(
  {
    title: 'Deadlocks and lost sessions',
    description:
      'Deadlocks, and sessions that ended in disorder, in each interval. A deadlock is two transactions that lock in opposite order: its statements are in the server’s log.',
    unit: units.count,
    targets: {
      deadlocks: over(increase('database', `db_deadlocks_total{${DATABASE}}`), 'deadlocks {{database}}'),
      lost: over(increase('database, cause', `db_sessions_lost_total{${DATABASE}}`), '{{cause}} {{database}}'),
    },
    noValue: 'none known',
  },
  { bars: true },
);
