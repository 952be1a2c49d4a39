import { recordings } from '@submilli/alert-rules';
import { problemsOf } from '../../../catalogue/test/promql';
import type { Labels } from '../prometheus/answer';
import { bounds, type Prometheus } from '../prometheus/client';
import { reportPage } from './html/page';
import { reportMarkdown } from './markdown';
import { periodNames, periodOf } from './period';
import { makeReport } from './report';

/** Answers every question with as many series as asked, of names that try to be markup. */
const answering = (fleet: number) => {
  const asked: { expr: string; points: number }[] = [];
  const hostile = '<script>alert(1)</script>"&|`';
  const series = (i: number): Labels => ({
    ...{
      cluster: `c${i % 7}`,
      database: `${hostile}${i}`,
      target: 'pg1',
      component: 'latency',
      alertname: `Alert${i % 9}`,
    },
    ...{
      severity: 'warning',
      le: String([0.0005, 0.0025, 0.01, 0.05, 1][i % 5]),
      query_type: 'select',
      rule: `rule-${i}`,
    },
    ...{
      queryid: String(i),
      fault: 'hang',
      cause: 'hang',
      member: `pg${i}`,
      instance: `pg${i}`,
      mountpoint: `/${hostile}`,
    },
  });
  const prometheus: Prometheus = {
    url: 'http://prometheus',
    at: (expr) => {
      asked.push({ expr, points: 1 });
      return Promise.resolve(Array.from({ length: fleet }, (_, i) => ({ labels: series(i), value: 1000 + i })));
    },
    over: (expr, { from, to, step }) => {
      const points = Math.floor((to - from) / step) + 1;
      asked.push({ expr, points });
      const at = Array.from({ length: points }, (_, k) => from + k * step);
      return Promise.resolve(
        Array.from({ length: fleet }, (_, i) => ({
          labels: series(i),
          points: at.map((when, k) => [when, 1 + ((i + k) % 50)] as const),
        })),
      );
    },
    warnings: () => [`a store is away ${hostile}`],
    asked: () => asked.length,
  };
  return { prometheus, asked };
};

const END = Date.parse('2026-11-28T12:00:00Z') / 1000;
const reportOf = async (fleet: number, name: (typeof periodNames)[number] = 'weekly') => {
  const { prometheus, asked } = answering(fleet);
  const period = periodOf(name, END);
  const report = await makeReport({
    ...{
      prometheus,
      period,
      cluster: undefined,
      exporters: null,
      diskBytes: 1e12,
      say: () => undefined,
      now: () => END,
    },
  });
  return { report, asked, period };
};

describe('every question of a report', () => {
  it('names metrics and labels that the exporters have, and none of a counter without its rate', async () => {
    const { asked } = await reportOf(3);
    const recorded = new Map(recordings.map(({ record }) => [record, []] as const));
    const problems = asked.flatMap(({ expr }) =>
      problemsOf(expr, recorded)
        .filter((problem) => !/^(node_filesystem|ALERTS)|no series here has the label (mountpoint)/.test(problem))
        // The value of a counter at two moments: it may have begun at one in between.
        .filter((problem) => !problem.startsWith('db_ha_interruptions_total is a counter'))
        .map((problem) => `${problem}: ${expr}`),
    );
    expect(asked.length).toBeGreaterThan(50);
    expect(problems).toEqual([]);
  });

  it.each(periodNames)('has its bound, %s', async (name) => {
    const { asked } = await reportOf(2, name);
    expect(Math.max(...asked.map(({ points }) => points))).toBeLessThanOrEqual(bounds.points);
    expect(asked.length).toBeLessThan(400);
  });
});

describe('a report of a large fleet', () => {
  it('stays small enough to be mailed, and shows no name as markup', async () => {
    const { report, period } = await reportOf(300);
    const page = reportPage(report, period.step);
    expect(page.length).toBeLessThan(600_000);
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;');
    const markdown = reportMarkdown(report);
    expect(markdown.length).toBeLessThan(120_000);
    expect(markdown).not.toContain('<script');
  });
});
