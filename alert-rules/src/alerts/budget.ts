import { latencySlo } from '@submilli/catalogue';
import type { Alert, Level, Proof } from '../define';

const app = 'cluster="c",instance="db:9093",job="submilli-servers",target="pg1",database="app"';

const { burn, objective, withinSeconds, minimumRate } = latencySlo;
const budget = 1 - objective;
const rounded = (value: number): number => Number(value.toPrecision(6));
const percent = (share: number): number => rounded(100 * share);
const milliseconds = withinSeconds * 1000;

/** As in the workbook: long enough that a single spike is none, short against the window. */
const waits: Readonly<Record<string, string>> = { '1h': '2m', '6h': '15m', '1d': '1h', '3d': '3h' };

const burnLevels = burn.map(({ factor, long, short, severity }): Level => {
  const above = (window: string): string =>
    `cluster_database:db_query_latency_seconds:slow_ratio_rate${window} > ${rounded(factor * budget)}`;
  return {
    ...{ severity, for: waits[long] ?? '2m', labels: { window: long } },
    expr: `${above(long)} and ${above(short)} and cluster_database:db_query_latency_seconds_count:rate5m > ${minimumRate}`,
    description: `In the last ${long}, {{ $value | humanizePercentage }} of the statements of {{ $labels.database }} of {{ $labels.cluster }} took more than ${milliseconds} ms (threshold ${percent(factor * budget)} %, and so in the last ${short}): the month's budget of ${percent(budget)} % burns ${factor} times too fast.`,
  };
});

const slow = (share: number): Proof['series'] => {
  const labels = `${app},query_type="select",phase="simple",source="log"`;
  return {
    [`db_query_latency_seconds_bucket{${labels},le="0.0025"}`]: [{ perSecond: 100 }, { perSecond: 100 * (1 - share) }],
    [`db_query_latency_seconds_count{${labels}}`]: [{ perSecond: 100 }, { perSecond: 100 }],
  };
};

const burned = { labels: { cluster: 'c', database: 'app' }, summary: 'Statements of app miss their latency objective' };

/** How fast the month's budget of slow statements is used up, over windows of an hour to three days. */
export const budgetAlerts: readonly Alert[] = [
  {
    component: 'query',
    dashboard: 'query-performance',
    name: 'DatabaseLatencyBudgetBurn',
    by: ['cluster', 'database'],
    advice: '',
    summary: 'Statements of {{ $labels.database }} miss their latency objective',
    levels: burnLevels,
    proofs: [
      {
        ...burned,
        step: '4m',
        well: '7h',
        series: slow(0.6),
        delay: '12m',
        lag: '8m',
        says: {
          'critical 1h':
            "In the last 1h, 20% of the statements of app of c took more than 2.5 ms (threshold 14.4 %, and so in the last 5m): the month's budget of 1 % burns 14.4 times too fast.",
        },
      },
      {
        ...burned,
        level: 1,
        step: '4m',
        well: '73h',
        series: slow(0.1),
        delay: '3h32m',
        lag: '32m',
        says: {
          'critical 6h':
            "In the last 6h, 6.444% of the statements of app of c took more than 2.5 ms (threshold 6 %, and so in the last 30m): the month's budget of 1 % burns 6 times too fast.",
        },
      },
      {
        ...burned,
        level: 2,
        step: '4m',
        well: '73h',
        series: slow(0.04),
        delay: '17h56m',
        lag: '4h40m',
        says: {
          'warning 1d':
            "In the last 1d, 3.167% of the statements of app of c took more than 2.5 ms (threshold 3 %, and so in the last 2h): the month's budget of 1 % burns 3 times too fast.",
        },
      },
      {
        ...burned,
        level: 3,
        step: '4m',
        well: '73h',
        series: slow(0.02),
        delay: '35h56m',
        lag: '6h10m',
        says: {
          'warning 3d':
            "In the last 3d, 1.083% of the statements of app of c took more than 2.5 ms (threshold 1 %, and so in the last 6h): the month's budget of 1 % burns 1 times too fast.",
        },
      },
    ],
  },
];
