import { defineRule, type Finding } from '@submilli/core';
import type { MeasuredPlan } from '../latency/state';
import { log } from '../samplers/log';

const MOST_FINDINGS = 10;

/** From plans that auto_explain logged with the rows that were really met. */
export const rowsUnderestimated = defineRule({
  name: 'rows-underestimated',
  title: 'A plan met far more rows than it was made for',
  signal: 'plans that auto_explain logs as JSON with log_analyze: rows expected and rows met, by node',
  threshold: '100 times more, and 1,000 rows or more',
  inputs: { log },
  check: ({ log: state }) =>
    state.plans.size === 0
      ? { notEvaluated: 'auto_explain logs no plans as JSON (auto_explain.log_format, log_min_duration, log_analyze)' }
      : [...state.plans.values()]
          .flatMap((plan) => findingOf(plan))
          .sort((a, b) => (a.subject < b.subject ? -1 : 1))
          .slice(0, MOST_FINDINGS),
});

const findingOf = ({ database, queryid, seconds, times, underestimate }: MeasuredPlan): Finding[] => {
  if (underestimate === null) return [];
  const { node, table, expected, actual } = underestimate;
  const where = table === null ? node : `${node} of ${table}`;
  return [
    {
      subject: `statement ${queryid} of ${database}`,
      severity: 'warning',
      title: `Statement ${queryid} of ${database}: ${where} expected ${expected} rows and met ${actual}`,
      why: 'A plan made for a few rows joins and sorts in a way that is slow for many: a nested loop, a sort in memory that spills.',
      evidence: [
        { label: 'rows expected', value: expected, unit: '' },
        { label: 'rows met', value: actual, unit: '' },
        { label: 'last logged duration', value: Number((seconds * 1000).toPrecision(3)), unit: 'ms' },
        { label: 'times logged', value: times, unit: '' },
      ],
      action: {
        kind: 'sql',
        text:
          table === null
            ? '-- below it, where columns depend on each other: CREATE STATISTICS … (dependencies, ndistinct) ON a, b FROM t; ANALYZE t;'
            : `ANALYZE ${table};\n-- if its columns depend on each other: CREATE STATISTICS … (dependencies, ndistinct) ON a, b FROM ${table};`,
        reversible: true,
        lock: 'SHARE UPDATE EXCLUSIVE',
        needsRestart: false,
      },
      impact: {
        what: 'rows that the plan expects',
        before: String(expected),
        after: String(actual),
        confidence: 'high',
        measured: 'auto_explain with log_analyze',
      },
    },
  ];
};
