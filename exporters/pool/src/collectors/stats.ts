import { counter, defineCollector, gauge, type SqlSession } from '@submilli/core';
import { type Column, CONSOLE, MICROSECONDS, samplesOf, show, type ShowRow, textOf } from '../show';
import type { PoolFacts } from '../source';

const labels = ['database'] as const;

const metrics = {
  transactions: counter('db_pool_transactions_total', 'SQL transactions pooled.', labels),
  queries: counter('db_pool_queries_total', 'SQL queries pooled.', labels),
  received: counter('db_pool_received_bytes_total', 'Bytes received from clients.', labels),
  sent: counter('db_pool_sent_bytes_total', 'Bytes sent to clients.', labels),
  transactionSeconds: counter('db_pool_transaction_seconds_total', 'Time in transactions with the server.', labels),
  querySeconds: counter('db_pool_query_seconds_total', 'Time the server was busy with queries.', labels),
  waitSeconds: counter('db_pool_wait_seconds_total', 'Time clients waited for a server.', labels),
  assignments: counter('db_pool_server_assignments_total', 'Times a server was given to a client (1.23+).', labels),
  logins: counter('db_pool_client_logins_total', 'Client logins (1.24+).', labels),
  clientParses: counter('db_pool_client_parses_total', 'Prepared statements made by clients (1.24+).', labels),
  serverParses: counter('db_pool_server_parses_total', 'Prepared statements made on servers (1.24+).', labels),
  binds: counter('db_pool_binds_total', 'Prepared statements readied for execution (1.24+).', labels),
  averageTransactions: gauge(
    'db_pool_average_transactions_per_second',
    'Transactions per second in PgBouncer’s last stats_period.',
    labels,
  ),
  averageQueries: gauge(
    'db_pool_average_queries_per_second',
    'Queries per second in PgBouncer’s last stats_period.',
    labels,
  ),
  averageReceived: gauge(
    'db_pool_average_received_bytes_per_second',
    'Bytes received per second in PgBouncer’s last stats_period.',
    labels,
  ),
  averageSent: gauge(
    'db_pool_average_sent_bytes_per_second',
    'Bytes sent per second in PgBouncer’s last stats_period.',
    labels,
  ),
  averageTransactionSeconds: gauge(
    'db_pool_average_transaction_seconds',
    'Mean duration of a transaction in PgBouncer’s last stats_period.',
    labels,
  ),
  averageQuerySeconds: gauge(
    'db_pool_average_query_seconds',
    'Mean duration of a query in PgBouncer’s last stats_period.',
    labels,
  ),
  averageWaitSeconds: gauge(
    'db_pool_average_wait_seconds',
    'Time clients waited for a server per second, in PgBouncer’s last stats_period.',
    labels,
  ),
  averageAssignments: gauge(
    'db_pool_average_server_assignments_per_second',
    'Server assignments per second in PgBouncer’s last stats_period (1.23+).',
    labels,
  ),
  averageLogins: gauge(
    'db_pool_average_client_logins_per_second',
    'Client logins per second in PgBouncer’s last stats_period (1.24+).',
    labels,
  ),
  averageClientParses: gauge(
    'db_pool_average_client_parses_per_second',
    'Statements prepared by clients per second in PgBouncer’s last stats_period (1.24+).',
    labels,
  ),
  averageServerParses: gauge(
    'db_pool_average_server_parses_per_second',
    'Statements prepared on servers per second in PgBouncer’s last stats_period (1.24+).',
    labels,
  ),
  averageBinds: gauge(
    'db_pool_average_binds_per_second',
    'Binds per second in PgBouncer’s last stats_period (1.24+).',
    labels,
  ),
} as const;

const columns: readonly Column<keyof typeof metrics>[] = [
  { column: 'total_xact_count', metric: 'transactions' },
  { column: 'total_query_count', metric: 'queries' },
  { column: 'total_received', metric: 'received' },
  { column: 'total_sent', metric: 'sent' },
  { column: 'total_xact_time', metric: 'transactionSeconds', scale: MICROSECONDS },
  { column: 'total_query_time', metric: 'querySeconds', scale: MICROSECONDS },
  { column: 'total_wait_time', metric: 'waitSeconds', scale: MICROSECONDS },
  { column: 'total_server_assignment_count', metric: 'assignments' },
  { column: 'total_client_login_count', metric: 'logins' },
  { column: 'total_client_parse_count', metric: 'clientParses' },
  { column: 'total_server_parse_count', metric: 'serverParses' },
  { column: 'total_bind_count', metric: 'binds' },
  { column: 'avg_xact_count', metric: 'averageTransactions' },
  { column: 'avg_query_count', metric: 'averageQueries' },
  { column: 'avg_recv', metric: 'averageReceived' },
  { column: 'avg_sent', metric: 'averageSent' },
  { column: 'avg_xact_time', metric: 'averageTransactionSeconds', scale: MICROSECONDS },
  { column: 'avg_query_time', metric: 'averageQuerySeconds', scale: MICROSECONDS },
  { column: 'avg_wait_time', metric: 'averageWaitSeconds', scale: MICROSECONDS },
  { column: 'avg_server_assignment_count', metric: 'averageAssignments' },
  { column: 'avg_client_login_count', metric: 'averageLogins' },
  { column: 'avg_client_parse_count', metric: 'averageClientParses' },
  { column: 'avg_server_parse_count', metric: 'averageServerParses' },
  { column: 'avg_bind_count', metric: 'averageBinds' },
];

export const stats = defineCollector({
  name: 'stats',
  source: 'SHOW STATS',
  metrics,
  read: (session: SqlSession, _env: { readonly facts: PoolFacts }, deadline) =>
    show(session, 'SHOW STATS', 'total_xact_count', deadline),
  publish: (rows: readonly ShowRow[], m) =>
    rows
      .filter((row) => textOf(row, 'database') !== CONSOLE)
      .flatMap((row) => samplesOf(row, columns, { database: textOf(row, 'database') }, m)),
});
