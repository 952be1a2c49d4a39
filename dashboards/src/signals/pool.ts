import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertThresholds, healthThresholds } from '@submilli/catalogue';
import { asLimit, bars, lines, stat } from '../lib/panels';
import { plainHeatmap } from '../lib/plugin-panels';
import { INSTANCE, POOL, share, sumRate } from '../lib/promql';
import { buckets, now, over } from '../lib/targets';
import { above, none } from '../lib/thresholds';
import { units } from '../lib/units';

const waits = above(healthThresholds.pool_wait_warning_seconds, healthThresholds.pool_wait_critical_seconds);
const fullness = above(
  alertThresholds.poolClientsWarningPercent / 100,
  alertThresholds.poolClientsCriticalPercent / 100,
);

export const waiting: Panel = stat({
  title: 'Clients waiting',
  description:
    'Clients that have no server connection yet. Some for an instant are normal; a number that stays means that the pool is too small or its servers are too slow.',
  unit: units.count,
  targets: { value: over(`sum(db_pool_client_connections{${POOL},state="waiting"})`) },
  thresholds: none('orange'),
});

export const longestWait: Panel = stat({
  title: 'Longest wait',
  description: 'How long the first client in a queue has been waiting. It becomes an error at query_wait_timeout.',
  unit: units.seconds,
  targets: { value: over(`max(db_pool_maxwait_seconds{${POOL}})`) },
  thresholds: waits,
});

export const meanWait: Panel = stat({
  title: 'Wait per transaction',
  description:
    'Time that clients waited for a server connection, divided by transactions: what the pool adds to each. It belongs to no statement and is in no log of PostgreSQL.',
  unit: units.seconds,
  targets: {
    value: over(
      share(sumRate('', `db_pool_wait_seconds_total{${POOL}}`), sumRate('', `db_pool_transactions_total{${POOL}}`)),
    ),
  },
  thresholds: waits,
  noValue: 'no transactions',
});

export const fullest: Panel = stat({
  title: 'Fullest pool',
  description:
    'Busy server connections of the fullest pool over its size, reserve included where there is one. At 100 % the next client waits.',
  unit: units.ratio,
  decimals: 0,
  targets: { value: over(`max(db_pool_saturation_ratio{${POOL}})`) },
  thresholds: above(alertThresholds.poolSaturationPercent / 100, healthThresholds.pool_saturation_warning / 100),
});

export const clientsUsed: Panel = stat({
  title: 'Clients used',
  description:
    'Client connections over max_client_conn. Beyond it PgBouncer refuses clients: raise it, it costs little memory.',
  unit: units.ratio,
  decimals: 1,
  targets: { value: over(`max(db_pool_saturation_ratio{${INSTANCE},limit="max_client_conn"})`) },
  thresholds: fullness,
});

export const withoutServer: Panel = stat({
  title: 'Without server',
  description:
    'Pools whose clients wait while no server connection is logged in: the server is away, refuses the login, or the pool is paused. PgBouncer’s log says why.',
  unit: units.count,
  targets: { value: over(`sum(db_pool_clients_without_server{${POOL}})`) },
  thresholds: none(),
});

export const paused: Panel = stat({
  title: 'Paused',
  description: 'Databases that somebody paused or disabled in the console. RESUME or ENABLE lets clients go on.',
  unit: units.count,
  targets: { value: over(`sum(db_pool_paused{${POOL}}) + sum(db_pool_disabled{${POOL}})`) },
  thresholds: none('orange'),
});

export const throughput: Panel = stat({
  title: 'Transactions',
  description: 'Transactions per second. A fall while clients wait means that servers are stuck, not idle.',
  unit: units.perSecond,
  targets: { value: over(sumRate('', `db_pool_transactions_total{${POOL}}`)) },
});

export const limits: Panel = bars({
  title: 'How full each limit is',
  description:
    'Busy connections over each limit that a pool can meet. The fullest binds first: raising another one changes nothing.',
  unit: units.ratio,
  ...{ min: 0, max: 1 },
  targets: {
    limits: now(
      `max by (database, user, limit) (db_pool_saturation_ratio{${INSTANCE}})`,
      '{{limit}} {{database}} {{user}}',
    ),
  },
  decimals: 1,
  thresholds: fullness,
});

export const clients: Panel = lines(
  {
    title: 'Clients by state',
    description:
      'Client connections: active is linked to a server or idle, waiting has none yet. A band of waiting is a queue; who waits is in Clients by application.',
    unit: units.count,
    targets: { clients: over(`sum by (state) (db_pool_client_connections{${POOL}})`, '{{state}}') },
  },
  { stack: true },
);

export const servers: Panel = lines(
  {
    title: 'Server connections by state',
    description:
      'Connections to PostgreSQL. Idle ones while clients wait belong to another pool: pools do not share. All active: transactions are too long or the pool too small.',
    unit: units.count,
    targets: {
      servers: over(`sum by (state) (db_pool_server_connections{${POOL}})`, '{{state}}'),
      size: over(`sum(db_pool_size{${POOL}})`, 'pool size, all databases'),
    },
    overrides: [asLimit('size')],
  },
  { stack: true },
);

export const waitOverTime: Panel = lines({
  title: 'Longest wait in each queue',
  description:
    'How long the first client in each queue has been waiting. A line that climbs is a queue that does not move; at query_wait_timeout its clients get an error.',
  unit: units.seconds,
  targets: { first: over(`max by (database, user) (db_pool_maxwait_seconds{${POOL}})`, '{{database}} {{user}}') },
  thresholds: waits,
});

/** Waited seconds per second are how many waited on average. */
export const waitedOnAverage: Panel = lines({
  title: 'Clients waiting on average',
  description:
    'Clients that waited for a server connection, averaged over each interval by the time they waited, so that no short queue is missed. Above none for long: the pool is what is slow.',
  unit: units.count,
  targets: { waited: over(sumRate('database', `db_pool_wait_seconds_total{${POOL}}`), '{{database}}') },
});

export const queueHeatmap: Panel = plainHeatmap({
  title: 'How long clients wait',
  description:
    'Waits that samples of the queue saw, each counted once. Empty: nobody waited long enough to be seen, or sampling is off (pool_sampling_hz).',
  unit: units.seconds,
  targets: { buckets: buckets(`sum by (le) (increase(db_pool_queue_wait_seconds_bucket{${POOL}}[$__rate_interval]))`) },
  noValue: 'nobody was seen waiting',
});

export const saturation: Panel = lines({
  title: 'Fullness over time',
  description:
    'Busy connections over the limit of each pool. Short peaks at 100 % already cost waiting; a plateau there is a pool that is too small.',
  unit: units.ratio,
  min: 0,
  targets: {
    pools: over(
      `max by (database, user, limit) (db_pool_saturation_ratio{${INSTANCE}})`,
      '{{limit}} {{database}} {{user}}',
    ),
  },
  thresholds: above(alertThresholds.poolSaturationPercent / 100, healthThresholds.pool_saturation_warning / 100),
});
