import { defineRule, type PostgresFacts } from '@submilli/core';
import { plans } from '../surveys/plans';
import { current, findingsOfKinds, sql, statementEvidence, subjectOf } from './plans';

export const planEstimateOff = defineRule<PostgresFacts, { plans: typeof plans }>({
  name: 'plan-estimate-off',
  title: 'The planner is far off about a statement’s rows',
  signal:
    'rows that the generic plan expects against the rows of a call, where it has no range of a parameter to guess',
  threshold: '100 times too many or too few',
  inputs: { plans },
  check: ({ plans: state }, { config }, now) =>
    findingsOfKinds(current(state, config, now), ['estimate_off'], (statement, found) => ({
      subject: subjectOf(statement),
      severity: 'info',
      title: `Statement ${statement.queryid}: the plan ${found.detail}`,
      why: 'A plan made for another number of rows joins and sorts in the wrong way.',
      evidence: [...statementEvidence(statement), { label: 'difference', value: found.detail, unit: '' }],
      action: sql(
        found.table === null
          ? '-- if its columns depend on each other: CREATE STATISTICS … (dependencies, ndistinct) ON a, b FROM t; ANALYZE t;\n-- if values are very uneven: ALTER TABLE t ALTER COLUMN a SET STATISTICS 1000; ANALYZE t;'
          : `ANALYZE ${found.table};`,
      ),
      impact: {
        ...{ what: 'rows that the plan expects', before: null, after: null },
        ...{ confidence: 'low', measured: 'rows and calls of pg_stat_statements; an average over all parameters' },
      },
    })),
});
