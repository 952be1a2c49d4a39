import { type Asking, select } from '../asking';

/** Something of a cluster that moves when things go wrong. */
export type Signal = {
  readonly name: string;
  readonly unit: 'seconds' | 'bytes' | 'bytes per second' | 'ratio' | 'per second' | 'count';
  readonly expr: string;
  /** Less than this is no move, however calm it was; for some as a share of what is usual. */
  readonly least: { readonly by: number } | { readonly share: number };
};

const WHOLE = 'phase=~"simple|execute"';

/** In no order: which of them moved first is what is looked for. */
export const signalsOf = (asking: Pick<Asking, 'cluster'>): readonly Signal[] => {
  const per = (metric: string, matchers = ''): string =>
    `sum by (cluster) (rate(${select(asking, metric, matchers)}[2m]))`;
  const most = (metric: string, matchers = ''): string => `max by (cluster) (${select(asking, metric, matchers)})`;
  const least = (metric: string, matchers = ''): string => `min by (cluster) (${select(asking, metric, matchers)})`;
  const p99 = (metric: string, matchers: string): string =>
    `histogram_quantile(0.99, sum by (cluster, le) (rate(${select(asking, `${metric}_bucket`, matchers)}[2m])))`;
  const waits = (type: string): string =>
    per('db_session_activity_seconds_total', `state="active",wait_event_type="${type}"`);
  return [
    {
      name: 'servers that answer',
      unit: 'count',
      expr: `sum by (cluster) (${select(asking, 'db_exporter_up')})`,
      least: { by: 1 },
    },
    { name: 'a primary', unit: 'count', expr: least('db_ha_leader_present'), least: { by: 1 } },
    { name: 'statements’ P99', unit: 'seconds', expr: p99('db_query_latency_seconds', WHOLE), least: { share: 0.5 } },
    {
      name: 'commit P99',
      unit: 'seconds',
      expr: p99('db_commit_duration_seconds', 'source="log"'),
      least: { share: 0.5 },
    },
    { name: 'transactions', unit: 'per second', expr: per('db_transactions_total'), least: { share: 0.3 } },
    { name: 'errors', unit: 'per second', expr: per('db_query_errors_total'), least: { by: 0.2 } },
    { name: 'sessions blocked by locks', unit: 'count', expr: most('db_blocked_sessions'), least: { by: 2 } },
    { name: 'oldest transaction', unit: 'seconds', expr: most('db_oldest_transaction_seconds'), least: { by: 30 } },
    { name: 'sessions that wait for I/O', unit: 'count', expr: waits('IO'), least: { by: 1 } },
    { name: 'sessions that wait for lightweight locks', unit: 'count', expr: waits('LWLock'), least: { by: 1 } },
    { name: 'connections used', unit: 'ratio', expr: most('db_connection_utilization_ratio'), least: { by: 0.05 } },
    {
      name: 'clients that wait for the pool',
      unit: 'count',
      expr: most('db_pool_client_connections', 'state="waiting"'),
      least: { by: 2 },
    },
    { name: 'blocks read', unit: 'per second', expr: per('db_buffer_blocks_read_total'), least: { share: 1 } },
    { name: 'WAL', unit: 'bytes per second', expr: per('db_wal_bytes_total'), least: { share: 1 } },
    { name: 'size of pg_wal', unit: 'bytes', expr: most('db_wal_directory_bytes'), least: { share: 0.5 } },
    { name: 'temporary files', unit: 'bytes per second', expr: per('db_temp_bytes_total'), least: { by: 1024 ** 2 } },
    { name: 'replay lag', unit: 'bytes', expr: most('db_replication_replay_lag_bytes'), least: { by: 16 * 1024 ** 2 } },
  ];
};
