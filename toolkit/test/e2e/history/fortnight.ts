import { counter, type Course, type History, noiseOf } from './samples';

/**
 * Four weeks of a cluster "main" that end at `end` (a full hour): two of them whole, before that sizes only. In the last
 * week a statement became slower and the tail with it, locks stalled everything for twenty minutes, Prometheus was
 * away for three hours, and the primary was lost once. The disk fills.
 */
export const HOUR = 3600;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

export const bounds = [0.0001, 0.0002, 0.0003, 0.0005, 0.001, 0.0012, 0.0018, 0.0025, 0.005, 0.008, 0.02, 0.05, 0.25];
/** Of how many in a thousand statements took no longer, in the week before and in the last. */
const before = [300, 520, 700, 850, 920, 945, 970, 993, 998, 999.4, 999.9, 999.99, 1000];
const last = [300, 500, 690, 830, 900, 935, 960, 981, 993, 996, 999, 999.9, 1000];

export const momentsOf = (end: number) => ({
  lockStorm: end - 3 * DAY - 50 * 60,
  failover: end - 2 * DAY + 17 * 60,
  gap: { from: end - 5 * DAY, to: end - 5 * DAY + 3 * HOUR },
  since: end - WEEK,
});

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

const CLUSTER = 'cluster="main"';
const PG1 = `${CLUSTER},target="pg1"`;
const TRADING = `${PG1},database="trading"`;

export const fourWeeks = (end: number): readonly History[] => {
  const { lockStorm, failover, gap, since } = momentsOf(end);
  const start = end - 2 * WEEK - HOUR;
  const away = (at: number): boolean => at > gap.from && at < gap.to;
  const stormy = (at: number, after = 0, until = 1200): boolean => at >= lockStorm + after && at < lockStorm + until;

  // Close looks around what happened: rates of two minutes need them.
  const moments = [
    ...new Set([
      ...range(start, end, 240),
      ...range(lockStorm - 5 * HOUR, lockStorm + 2 * HOUR, 30),
      ...range(failover - 5 * HOUR, failover + HOUR, 30),
      ...range(end - 6 * HOUR, end, 60),
    ]),
  ]
    .filter((at) => at <= end && !away(at))
    .sort((a, b) => a - b);

  const rate = 40;
  /** Two weeks, each with its own shares; integrals, so that nothing is ever taken back. */
  const grown =
    (old: number, recent: number): Course =>
    (at) =>
      Math.max(0, Math.min(at, since) - start) * old + Math.max(0, at - since) * recent;
  const stormSeconds = (at: number): number => Math.max(0, Math.min(at, lockStorm + 1200) - (lockStorm + 60));
  const storming =
    (course: Course, extra: number): Course =>
    (at) =>
      (course(at) ?? 0) + stormSeconds(at) * extra;

  const latency = (kind: string, share: number): [string, Course][] => {
    const labels = `${TRADING},query_type="${kind}",phase="execute",source="log"`;
    return [
      ...bounds.map((le, i): [string, Course] => {
        const of = (shares: readonly number[]): number => (rate * share * (shares[i] ?? 0)) / 1000;
        // In the storm ten statements a second more wait for up to 50 ms, and none of them is faster.
        return [
          `db_query_latency_seconds_bucket{${labels},le="${le}"}`,
          storming(grown(of(before), of(last)), le >= 0.05 ? 10 * share : 0),
        ];
      }),
      [`db_query_latency_seconds_bucket{${labels},le="+Inf"}`, storming(grown(rate * share, rate * share), 10 * share)],
      [`db_query_latency_seconds_count{${labels}}`, storming(grown(rate * share, rate * share), 10 * share)],
    ];
  };

  const statement = (
    queryid: string,
    kind: string,
    calls: number,
    mean: number,
    meanLast = mean,
  ): [string, Course][] => {
    const labels = `${TRADING},queryid="${queryid}",query_type="${kind}"`;
    return [
      [`db_query_statement_calls_total{${labels}}`, counter(start, calls)],
      [`db_query_statement_seconds_total{${labels}}`, grown(calls * mean, calls * meanLast)],
    ];
  };

  const alert = (name: string, severity: string, from: number, to: number, labels = TRADING): [string, Course] => [
    `ALERTS{alertname="${name}",alertstate="firing",severity="${severity}",component="postgresql",${labels}}`,
    (at) => (at >= from && at < to ? 1 : undefined),
  ];

  const series: Record<string, Course> = Object.fromEntries<Course>([
    [`db_exporter_up{${PG1}}`, () => 1],
    [`db_exporter_up{${CLUSTER},target="pg2"}`, (at) => (at >= failover - 5 && at < failover + 600 ? 0 : 1)],
    [
      `db_performance_score{${TRADING}}`,
      (at) => (stormy(at, 30, 1500) ? 31 : 93 + Math.round(2 * noiseOf('score', at))),
    ],
    [`db_performance_score_component{${TRADING},component="locks"}`, (at) => (stormy(at, 30, 1500) ? 10 : 100)],
    [`db_performance_score_component{${TRADING},component="latency"}`, (at) => (at > since ? 71 : 84)],
    [`db_performance_score{${PG1},database="audit"}`, () => 99],
    [`db_blocked_sessions{${PG1}}`, (at) => (stormy(at) ? 14 : 0)],
    [
      `db_oldest_transaction_seconds{${TRADING}}`,
      (at) => (stormy(at, -600) ? at - lockStorm + 605 : 2 + noiseOf('oldest', at)),
    ],
    [
      `db_connection_utilization_ratio{${TRADING}}`,
      (at) => (stormy(at, 120) ? 0.71 : 0.34 + 0.02 * noiseOf('used', at)),
    ],
    [`db_transactions_total{${TRADING},outcome="commit"}`, counter(start, 25)],
    ...latency('select', 0.8),
    ...latency('update', 0.2),
    ...statement('1001', 'select', 20, 0.0004),
    ...statement('1002', 'update', 8, 0.0009),
    ...statement('-1003', 'select', 2, 0.001, 0.0031),
    ...statement('other', 'other', 10, 0.0001),
    ['ALERTS{alertname="Watchdog",alertstate="firing",severity="none"}', () => 1],
    alert('PostgresSessionsBlocked', 'warning', lockStorm + 90, lockStorm + 1260, PG1),
    alert('PostgresSessionsBlocked', 'critical', lockStorm + 330, lockStorm + 1260, PG1),
    alert('PatroniMemberDown', 'warning', failover + 60, failover + 600, `${CLUSTER},member="pg2"`),
    [`db_ha_members{${CLUSTER}}`, () => 2],
    [`db_ha_leader_present{${CLUSTER}}`, (at) => (at >= failover - 4 && at < failover ? 0 : 1)],
    [`db_ha_member_role{${CLUSTER},member="pg2",role="leader"}`, (at) => (at < failover - 4 ? 1 : 0)],
    [`db_ha_member_role{${CLUSTER},member="pg1",role="leader"}`, (at) => (at >= failover ? 1 : 0)],
    [`db_ha_failovers_total{${CLUSTER}}`, (at) => (at >= failover ? 4 : 3)],
    [`db_ha_unwritable_seconds_total{${CLUSTER}}`, (at) => (at >= failover ? 15.5 : 11.3)],
    [`db_ha_split_brain_seconds_total{${CLUSTER}}`, () => 0],
    [`db_ha_last_failover_timestamp_seconds{${CLUSTER}}`, (at) => (at >= failover ? failover : end - 90 * DAY)],
    [`db_ha_failover_duration_seconds{${CLUSTER}}`, (at) => (at >= failover ? 4.2 : undefined)],
    [`db_ha_failover_duration_error_seconds{${CLUSTER}}`, (at) => (at >= failover ? 0.3 : undefined)],
    [
      `db_ha_interruptions_total{${CLUSTER},cause="node-loss",outcome="failover"}`,
      (at) => (at >= failover ? 1 : undefined),
    ],
    [`db_ha_predicted_recovery_seconds{${CLUSTER},fault="node-loss"}`, () => 6],
    [`db_ha_measured_recovery_seconds{${CLUSTER},fault="node-loss"}`, (at) => (at >= failover ? 4.2 : undefined)],
    [`db_advice_rules_evaluated{${PG1}}`, () => 30],
    [
      `db_advice_recommendations{${PG1},rule="missing-index",severity="warning"}`,
      (at) => (at > since + DAY ? 1 : undefined),
    ],
    [`db_advice_recommendations{${PG1},rule="unused-index",severity="info"}`, (at) => (at < since + 2 * DAY ? 3 : 1)],
  ]);

  // Four weeks, twice an hour: what trends are told from.
  const days = (at: number): number => (at - (end - 28 * DAY)) / DAY;
  const disk = `instance="pg1:9100",mountpoint="/var/lib/postgresql",device="/dev/nvme0n1p1",fstype="ext4"`;
  const size = 500e9;
  const sizes: Record<string, Course> = {
    [`node_filesystem_size_bytes{${disk}}`]: () => size,
    [`node_filesystem_avail_bytes{${disk}}`]: (at) => size - (200e9 + days(at) * 6e9 + 4e8 * noiseOf('disk', at)),
    [`db_size_bytes{${TRADING}}`]: (at) => Math.round(150e9 + days(at) * 5.5e9 + 1e8 * noiseOf('size', at)),
    [`db_wal_directory_bytes{${PG1}}`]: (at) => Math.round(2e9 + 5e8 * noiseOf('wal', at)),
    [`db_transaction_id_used_ratio{${TRADING}}`]: (at) => 0.01 + ((days(at) * 0.02) % 0.08),
    [`db_sequence_used_ratio{${TRADING},schema="public",sequence="fills_id_seq"}`]: (at) => 0.5 + days(at) * 0.004,
  };
  return [
    { series, moments },
    { series: sizes, moments: range(end - 28 * DAY, end, HOUR / 2).filter((at) => !away(at)) },
  ];
};
