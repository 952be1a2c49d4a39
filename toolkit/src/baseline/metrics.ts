import { type Asking, select } from '../report/asking';
import type { Unit } from './model';

/** What a baseline is kept of: one value an hour for each cluster, database or query type. */
export type BaselineMetric = {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** `neutral`: more or less of it is another load, and neither good nor bad. */
  readonly worse: 'higher' | 'neutral';
  /** A smaller change matters to nobody, whatever share of the usual it is. */
  readonly least: number;
  /** What it is in the hour that ends at a moment. */
  readonly expr: string;
};

type Place = Pick<Asking, 'cluster'>;

const DATABASE = 'cluster, database';
const TYPE = `${DATABASE}, query_type`;
const WHOLE = 'phase=~"simple|execute"';
/** Beyond a quantile that is told there must be so many observations. */
const ENOUGH_BEYOND = 10;
const MICROSECOND = 1e-6;

export const baselineMetrics = (place: Place): readonly BaselineMetric[] => {
  const grown = (by: string, metric: string, matchers = ''): string =>
    `sum by (${by}) (increase(${select(place, metric, matchers)}[1h]))`;
  const perSecond = (by: string, metric: string): string => `${grown(by, metric)} / 3600`;
  const highest = (by: string, metric: string): string =>
    `max by (${by}) (avg_over_time(${select(place, metric)}[1h]))`;
  const share = (part: string, whole: string): string => `${part} / (${whole} > 0)`;
  const quantile = (q: number, by: string, metric: string, matchers: string): string => {
    const beyond = `${grown(by, `${metric}_count`, matchers)} * ${Number((1 - q).toPrecision(3))}`;
    const value = `histogram_quantile(${q}, ${grown(`${by}, le`, `${metric}_bucket`, matchers)})`;
    return `${value} and on (${by}) (${beyond} >= ${ENOUGH_BEYOND})`;
  };
  const hit = grown(DATABASE, 'db_buffer_blocks_hit_total');
  const read = grown(DATABASE, 'db_buffer_blocks_read_total');
  return [
    {
      ...{ id: 'score-lost', title: 'points missing from the score', unit: 'points', worse: 'higher', least: 3 },
      expr: `100 - min by (${DATABASE}) (avg_over_time(${select(place, 'db_performance_score')}[1h]))`,
    },
    ...([0.5, 0.99, 0.999] as const).map((q): BaselineMetric => {
      const name = `P${Number((q * 100).toPrecision(4))}`;
      return {
        ...{ id: `latency-${name.toLowerCase()}`, title: name, unit: 'seconds', worse: 'higher' },
        // Within a bucket a quantile is interpolated.
        least: (q === 0.5 ? 50 : 200) * MICROSECOND,
        expr: quantile(q, TYPE, 'db_query_latency_seconds', WHOLE),
      };
    }),
    {
      ...{ id: 'commit-p99', title: 'commit P99', unit: 'seconds', worse: 'higher', least: 200 * MICROSECOND },
      expr: quantile(0.99, DATABASE, 'db_commit_duration_seconds', 'source="log"'),
    },
    {
      ...{ id: 'statement-mean', title: 'mean of a statement', unit: 'seconds', worse: 'higher' },
      least: 20 * MICROSECOND,
      expr: share(
        grown(DATABASE, 'db_query_statement_seconds_total'),
        grown(DATABASE, 'db_query_statement_calls_total'),
      ),
    },
    {
      ...{ id: 'transactions', title: 'transactions', unit: 'per second', worse: 'neutral', least: 0.1 },
      expr: perSecond(DATABASE, 'db_transactions_total'),
    },
    {
      ...{ id: 'errors', title: 'errors', unit: 'per second', worse: 'higher', least: 0.01 },
      expr: perSecond(DATABASE, 'db_query_errors_total'),
    },
    {
      ...{ id: 'buffer-misses', title: 'blocks not in the cache', unit: 'ratio', worse: 'higher', least: 0.005 },
      expr: share(read, `(${hit} + ${read})`),
    },
    {
      ...{ id: 'temp-bytes', title: 'temporary files', unit: 'bytes per second', worse: 'higher', least: 64 * 1024 },
      expr: perSecond(DATABASE, 'db_temp_bytes_total'),
    },
    {
      ...{ id: 'connections', title: 'connections used', unit: 'ratio', worse: 'higher', least: 0.05 },
      expr: highest(DATABASE, 'db_connection_utilization_ratio'),
    },
    {
      ...{ id: 'blocked', title: 'sessions blocked by locks', unit: 'count', worse: 'higher', least: 0.5 },
      expr: highest('cluster', 'db_blocked_sessions'),
    },
    {
      ...{ id: 'pool-wait', title: 'clients waiting for the pool', unit: 'seconds per second', worse: 'higher' },
      ...{ least: 0.05, expr: perSecond(DATABASE, 'db_pool_wait_seconds_total') },
    },
    {
      ...{ id: 'wal', title: 'WAL', unit: 'bytes per second', worse: 'neutral', least: 64 * 1024 },
      expr: perSecond('cluster', 'db_wal_bytes_total'),
    },
    {
      ...{ id: 'replay-lag', title: 'replay lag', unit: 'bytes', worse: 'higher', least: 1024 ** 2 },
      expr: highest('cluster', 'db_replication_replay_lag_bytes'),
    },
  ];
};
