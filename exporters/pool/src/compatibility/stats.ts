import { defineDerived } from '@submilli/core';
import { stats } from '../collectors/stats';
import { type Column, MICROSECONDS, samplesOf, textOf } from '../show';
import type { PoolFacts } from '../source';
import { needs, peerCounter, type Rows } from './peer';

const total = (name: string, help: string) => peerCounter(`pgbouncer_stats_totals_${name}_total`, help, ['database']);

const metrics = {
  queries: total('queries_pooled', 'Queries that went through the pools.'),
  querySeconds: total('queries_duration_seconds', 'Time that server connections ran queries.'),
  received: total('received_bytes', 'Bytes received from clients.'),
  sent: total('sent_bytes', 'Bytes sent to clients.'),
  waitSeconds: total('client_wait_seconds', 'Time that clients waited for a server connection.'),
  transactions: total('sql_transactions_pooled', 'Transactions that went through the pools.'),
  transactionSeconds: total('server_in_transaction_seconds', 'Time that server connections were in a transaction.'),
  clientParses: total('client_parses', 'Prepared statements made by clients (1.24+).'),
  serverParses: total('server_parses', 'Prepared statements made on servers (1.24+).'),
  binds: total('binds', 'Executions of prepared statements (1.24+).'),
  assignments: total('server_assignments', 'Times a client was given a server (1.23+).'),
} as const;

/** SHOW STATS has what SHOW STATS_TOTALS has, under these names. */
const columns: readonly Column<keyof typeof metrics>[] = [
  { column: 'total_query_count', metric: 'queries' },
  { column: 'total_query_time', metric: 'querySeconds', divisor: MICROSECONDS },
  { column: 'total_received', metric: 'received' },
  { column: 'total_sent', metric: 'sent' },
  { column: 'total_wait_time', metric: 'waitSeconds', divisor: MICROSECONDS },
  { column: 'total_xact_count', metric: 'transactions' },
  { column: 'total_xact_time', metric: 'transactionSeconds', divisor: MICROSECONDS },
  { column: 'total_client_parse_count', metric: 'clientParses' },
  { column: 'total_server_parse_count', metric: 'serverParses' },
  { column: 'total_bind_count', metric: 'binds' },
  { column: 'total_server_assignment_count', metric: 'assignments' },
];

export const compatStats = defineDerived<PoolFacts, Rows, typeof metrics>({
  name: 'compat_stats_totals',
  source: 'SHOW STATS',
  needs,
  metrics,
  derive: (snapshots) => snapshots.of(stats) ?? [],
  publish: (rows, m) => rows.flatMap((row) => samplesOf(row, columns, { database: textOf(row, 'database') }, m)),
});
