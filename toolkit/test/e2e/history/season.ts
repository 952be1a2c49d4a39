import { type Course, type History, noiseOf } from './samples';

export const HOUR = 3600;
export const DAY = 24 * HOUR;
const STEP = 900;

/**
 * Four weeks and a day of a cluster "main" that end at `end` (a full hour), busy by day and idle at weekends. In the last
 * day selects became slower and the cache better; ten days before the end the load of "audit" grew by 60 % for good; for
 * three hours a week ago everything stood still. A cluster "gone" ended two days ago, and "young" began two days ago.
 */
export const seasonalMonth = (end: number): readonly History[] => {
  const start = end - 29 * DAY;
  const moments = Array.from({ length: (29 * DAY) / STEP + 1 }, (_, i) => start + i * STEP);
  const recent = (at: number): boolean => at > end - DAY;
  const outage = (at: number): boolean => at > end - 7 * DAY && at <= end - 7 * DAY + 3 * HOUR;

  /** Noise of an hour, about ±10 %. */
  const noisy = (name: string, at: number, by = 0.1): number => 1 + by * noiseOf(name, Math.ceil((at - end) / HOUR));
  const busy = (at: number): number => {
    const weekend = [0, 6].includes(new Date((at - 1) * 1000).getUTCDay());
    return (weekend ? 0.4 : 1) * (1 + 0.5 * Math.sin((2 * Math.PI * at) / DAY));
  };
  /** A counter that grew by this rate in each step. */
  const counter = (rateAt: (at: number) => number): Course => {
    let sum = 0;
    const sums = new Map(moments.map((at) => [at, (sum += rateAt(at) * STEP)]));
    return (at) => sums.get(at);
  };
  const between =
    (course: Course, from: number, to: number): Course =>
    (at) =>
      at >= from && at <= to ? course(at) : undefined;

  const latency = (type: string, slower: (at: number) => number): [string, Course][] => {
    const name = `db_query_latency_seconds`;
    const labels = `cluster="main",target="pg1",database="trading",query_type="${type}",phase="execute",source="log"`;
    // Of all statements this share takes longer than 1 ms, a tenth of those longer than 5 ms, none longer than 20 ms.
    const slow = (at: number): number => (outage(at) ? 0.3 : 0.02 * slower(at) * noisy(type, at));
    const rate = (at: number): number => 40 * busy(at);
    const bucket = (le: string, share: (at: number) => number): [string, Course] => [
      `${name}_bucket{${labels},le="${le}"}`,
      counter((at) => rate(at) * share(at)),
    ];
    return [
      bucket('0.0002', (at) => 0.6 * (1 - slow(at))),
      bucket('0.001', (at) => 1 - slow(at)),
      bucket('0.005', (at) => 1 - slow(at) / 10),
      bucket('0.02', () => 1),
      bucket('+Inf', () => 1),
      [`${name}_count{${labels}}`, counter(rate)],
    ];
  };

  const main = (database: string): string => `cluster="main",target="pg1",database="${database}"`;
  const transactions = (name: string, grown: (at: number) => number): Course =>
    counter((at) => 25 * busy(at) * noisy(name, at) * grown(at));
  const lasting = (name: string): Course => transactions(name, () => 1);
  const series: Record<string, Course> = Object.fromEntries<Course>([
    ...latency('select', (at) => (recent(at) ? 4 : 1)),
    ...latency('update', () => 1),
    [`db_performance_score{${main('trading')}}`, (at) => (outage(at) ? 20 : 94 + 2 * noiseOf('score', at - end))],
    [`db_transactions_total{${main('trading')},outcome="commit"}`, lasting('trading')],
    [
      `db_transactions_total{${main('audit')},outcome="commit"}`,
      transactions('audit', (at) => (at > end - 10 * DAY ? 1.6 : 1)),
    ],
    [`db_buffer_blocks_hit_total{${main('trading')}}`, counter((at) => 1000 * busy(at))],
    [
      `db_buffer_blocks_read_total{${main('trading')}}`,
      counter((at) => (recent(at) ? 10 : 60) * busy(at) * noisy('read', at, 0.2)),
    ],
    [`db_pool_wait_seconds_total{cluster="main",database="trading"}`, () => 17],
    [
      `db_transactions_total{cluster="gone",target="g1",database="old",outcome="commit"}`,
      between(lasting('gone'), start, end - 2 * DAY),
    ],
    [
      `db_transactions_total{cluster="young",target="y1",database="new",outcome="commit"}`,
      between(lasting('young'), end - 2 * DAY, end),
    ],
  ]);
  return [{ series, moments }];
};
