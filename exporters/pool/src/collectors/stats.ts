import { counter, defineCollector, gauge } from '@submilli/core';
import { type Column, CONSOLE, MICROSECONDS, readShow, samplesOf, type ShowRow, textOf } from '../show';

const labels = ['database'] as const;

/**
 * PgBouncer's own averages over its last one to two `stats_period`s. The counters give the same and exactly, to whoever
 * keeps their history; these also serve a single look. PgBouncer rounds them down to whole numbers.
 */
const averages = {
  averageTransactions: gauge(
    'db_pool_average_transactions_per_second',
    'Transactions per second in the last stats_period, rounded down.',
    labels,
  ),
  averageQueries: gauge(
    'db_pool_average_queries_per_second',
    'Queries per second in the last stats_period, rounded down.',
    labels,
  ),
  averageReceived: gauge(
    'db_pool_average_received_bytes_per_second',
    'Bytes received from clients per second in the last stats_period, rounded down.',
    labels,
  ),
  averageSent: gauge(
    'db_pool_average_sent_bytes_per_second',
    'Bytes sent to clients per second in the last stats_period, rounded down.',
    labels,
  ),
  averageTransactionSeconds: gauge(
    'db_pool_average_transaction_seconds',
    'Mean duration of a transaction in the last stats_period; absent when there was none.',
    labels,
  ),
  averageQuerySeconds: gauge(
    'db_pool_average_query_seconds',
    'Mean duration of a query in the last stats_period; absent when there was none.',
    labels,
  ),
  averageWaitSeconds: gauge(
    'db_pool_average_wait_seconds',
    'Mean wait of a client for the server it was given in the last stats_period (1.23+).',
    labels,
  ),
  averageWaiting: gauge(
    'db_pool_average_waiting_clients',
    'Mean number of clients that waited for a server in the last stats_period (before 1.23).',
    labels,
  ),
  averageAssignments: gauge(
    'db_pool_average_server_assignments_per_second',
    'Times per second that a client was given a server in the last stats_period, rounded down (1.23+).',
    labels,
  ),
  averageLogins: gauge(
    'db_pool_average_client_logins_per_second',
    'Logins of clients per second in the last stats_period, rounded down (after 1.25).',
    labels,
  ),
  averageClientParses: gauge(
    'db_pool_average_client_parses_per_second',
    'Prepared statements made by clients per second in the last stats_period, rounded down (1.24+).',
    labels,
  ),
  averageServerParses: gauge(
    'db_pool_average_server_parses_per_second',
    'Prepared statements made on servers per second in the last stats_period, rounded down (1.24+).',
    labels,
  ),
  averageBinds: gauge(
    'db_pool_average_binds_per_second',
    'Executions of prepared statements per second in the last stats_period, rounded down (1.24+).',
    labels,
  ),
} as const;

const metrics = {
  transactions: counter('db_pool_transactions_total', 'Transactions that went through the pools.', labels),
  queries: counter('db_pool_queries_total', 'Queries that went through the pools.', labels),
  received: counter('db_pool_received_bytes_total', 'Bytes received from clients.', labels),
  sent: counter('db_pool_sent_bytes_total', 'Bytes sent to clients.', labels),
  transactionSeconds: counter(
    'db_pool_transaction_seconds_total',
    'Time from the first query of transactions to their end, idle or not; the clock starts before the wait for a server, so less db_pool_wait_seconds_total it is the time they kept one.',
    labels,
  ),
  querySeconds: counter(
    'db_pool_query_seconds_total',
    'Time from queries to their end, the wait for a server included.',
    labels,
  ),
  waitSeconds: counter(
    'db_pool_wait_seconds_total',
    'Time that clients waited for a server connection; counted when they get one.',
    labels,
  ),
  assignments: counter('db_pool_server_assignments_total', 'Times a client was given a server (1.23+).', labels),
  logins: counter('db_pool_client_logins_total', 'Successful logins of clients (after 1.25).', labels),
  clientParses: counter('db_pool_client_parses_total', 'Prepared statements made by clients (1.24+).', labels),
  serverParses: counter('db_pool_server_parses_total', 'Prepared statements made on servers (1.24+).', labels),
  binds: counter('db_pool_binds_total', 'Executions of prepared statements sent to servers (1.24+).', labels),
  ...averages,
} as const;

const columns: readonly Column<keyof typeof metrics>[] = [
  { column: 'total_xact_count', metric: 'transactions' },
  { column: 'total_query_count', metric: 'queries' },
  { column: 'total_received', metric: 'received' },
  { column: 'total_sent', metric: 'sent' },
  { column: 'total_xact_time', metric: 'transactionSeconds', divisor: MICROSECONDS },
  { column: 'total_query_time', metric: 'querySeconds', divisor: MICROSECONDS },
  { column: 'total_wait_time', metric: 'waitSeconds', divisor: MICROSECONDS },
  { column: 'total_server_assignment_count', metric: 'assignments' },
  { column: 'total_client_login_count', metric: 'logins' },
  { column: 'total_client_parse_count', metric: 'clientParses' },
  { column: 'total_server_parse_count', metric: 'serverParses' },
  { column: 'total_bind_count', metric: 'binds' },
  { column: 'avg_xact_count', metric: 'averageTransactions' },
  { column: 'avg_query_count', metric: 'averageQueries' },
  { column: 'avg_recv', metric: 'averageReceived' },
  { column: 'avg_sent', metric: 'averageSent' },
  { column: 'avg_xact_time', metric: 'averageTransactionSeconds', divisor: MICROSECONDS, zeroIsNone: true },
  { column: 'avg_query_time', metric: 'averageQuerySeconds', divisor: MICROSECONDS, zeroIsNone: true },
  { column: 'avg_server_assignment_count', metric: 'averageAssignments' },
  { column: 'avg_client_login_count', metric: 'averageLogins' },
  { column: 'avg_client_parse_count', metric: 'averageClientParses' },
  { column: 'avg_server_parse_count', metric: 'averageServerParses' },
  { column: 'avg_bind_count', metric: 'averageBinds' },
];

/** Until 1.23 this column was time waited per time passed, which is a mean number of waiting clients; now it is per wait. */
const averageWait = (row: ShowRow): Column<keyof typeof metrics> => ({
  column: 'avg_wait_time',
  metric: 'avg_server_assignment_count' in row ? 'averageWaitSeconds' : 'averageWaiting',
  divisor: MICROSECONDS,
});

export const stats = defineCollector({
  name: 'stats',
  source: 'SHOW STATS',
  metrics,
  read: readShow('SHOW STATS', 'database'),
  publish: (rows: readonly ShowRow[], m) =>
    rows
      .filter((row) => textOf(row, 'database') !== CONSOLE)
      .flatMap((row) => samplesOf(row, [...columns, averageWait(row)], { database: textOf(row, 'database') }, m)),
});
