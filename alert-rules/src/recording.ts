import { latencySlo } from '@submilli/catalogue';
import type { Recording } from './define';

/** Whole statements and the execute step of prepared ones: what a client waits for. */
const whole = 'phase=~"simple|execute"';
const ofDatabase = 'cluster, target, database';

const slowShare = (window: string): Recording => ({
  record: `cluster_database:db_query_latency_seconds:slow_ratio_rate${window}`,
  expr: `1 - sum by (cluster, database) (rate(db_query_latency_seconds_bucket{${whole},le="${latencySlo.withinSeconds}"}[${window}])) / (sum by (cluster, database) (rate(db_query_latency_seconds_count{${whole}}[${window}])) > 0)`,
});

const windows = [...new Set(latencySlo.burn.flatMap(({ short, long }) => [short, long]))];

/** The share of statements over the objective, by the window it is over. */
export const latencyRecordings: readonly Recording[] = [
  {
    record: 'cluster_database:db_query_latency_seconds_count:rate5m',
    expr: `sum by (cluster, database) (rate(db_query_latency_seconds_count{${whole}}[5m]))`,
  },
  ...windows.map(slowShare),
];

const blocks = (kind: 'hit' | 'read'): string => `sum by (${ofDatabase}) (rate(db_buffer_blocks_${kind}_total[5m]))`;

/** Rates and shares that several alerts and dashboards need. */
export const databaseRecordings: readonly Recording[] = [
  {
    record: 'cluster_target_database:db_transactions:rate5m',
    expr: `sum by (${ofDatabase}) (rate(db_transactions_total[5m]))`,
  },
  {
    record: 'cluster_target_database:db_transactions:rolled_back_ratio_rate5m',
    expr: `sum by (${ofDatabase}) (rate(db_transactions_total{outcome="rollback"}[5m])) / (sum by (${ofDatabase}) (rate(db_transactions_total[5m])) > 0)`,
  },
  {
    record: 'cluster_target_database:db_buffer_blocks_read:rate5m',
    expr: blocks('read'),
  },
  {
    record: 'cluster_target_database:db_buffer_blocks_hit:ratio_rate5m',
    expr: `${blocks('hit')} / (${blocks('hit')} + ${blocks('read')} > 0)`,
  },
];

/** The labels that a recorded series has are in its name, before the first colon. */
export const recordedLabels = ({ record }: Recording): readonly string[] => (record.split(':')[0] ?? '').split('_');
