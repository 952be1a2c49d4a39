import type { Point } from './point';
import { partOf } from './report';

const point: Point = {
  ...{ name: 'database exporter', count: 200, seconds: 45, cpu: 0.5, memoryMb: 400.4, loopBusy: 0.1234 },
  ...{ scrapes: 600, failed: 0, p50Ms: 30, p99Ms: 80, slowestMs: 99.6, series: 1000, problems: [] },
};

const goalOf = (change: Partial<Point>) =>
  partOf({
    curve: [
      { ...point, count: 1 },
      { ...point, ...change },
    ],
    others: [],
    growth: [],
    how: [],
  }).goals[0];

describe('the goal of 200 targets', () => {
  it('is met within one core, when every scrape was answered', () => {
    expect(goalOf({})).toMatchObject({
      measured: '50 % of one core, 400 MB; all 600 scrapes answered, the slowest in 100 ms',
      met: true,
    });
  });

  it.each([
    ['more than a core was needed', { cpu: 1.01 }],
    ['a scrape was lost', { failed: 1 }],
    ['targets were not scraped at all', { scrapes: 100 }],
  ])('is missed when %s', (_, change) => {
    expect(goalOf(change)?.met).toBe(false);
  });

  it('is not spoken of when fewer were measured', () => {
    expect(goalOf({ count: 20 })).toBeUndefined();
  });
});

it('the tables have CPU and time per target, and say what failed only if something did', () => {
  const well = partOf({ curve: [point], others: [], growth: [{ of: 'tables', level: 10, point }], how: [] });
  expect(well.tables.map(({ rows }) => rows)).toEqual([
    [['database exporter', 200, 50, 2.5, 400, 600, 0, 30, 80, 99.6, 1000, 12.3]],
    [['tables', 10, 2.5, 400, 30, 1000]],
  ]);
  for (const { columns, rows } of well.tables) for (const row of rows) expect(row).toHaveLength(columns.length);
  const ill = partOf({ curve: [{ ...point, problems: ['no answer in time'] }], others: [], growth: [], how: [] });
  expect(ill.tables.at(-1)?.rows).toEqual([['database exporter', 200, 'no answer in time']]);
});
