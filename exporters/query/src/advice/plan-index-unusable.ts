import { defineRule, type PostgresFacts } from '@submilli/core';
import { plans } from '../surveys/plans';
import { current, findingsOfKinds, oneLine, sql, statementEvidence, subjectOf } from './plans';

export const planIndexUnusable = defineRule<PostgresFacts, { plans: typeof plans }>({
  name: 'plan-index-unusable',
  title: 'An index can’t serve a condition that wraps its column',
  signal:
    'generic plan: a sequential scan whose filter compares a function or a cast of a column that an index begins with',
  threshold: 'a table above 10 MB',
  inputs: { plans },
  check: ({ plans: state }, { config }, now) =>
    findingsOfKinds(current(state, config, now), ['function_on_index', 'cast_on_index'], (statement, found) => ({
      subject: subjectOf(statement, ` ${found.table ?? ''}`),
      severity: 'warning',
      title: `Statement ${statement.queryid} can’t use an index on ${found.table ?? 'a table'}`,
      why:
        found.kind === 'cast_on_index'
          ? 'The column is converted to the type of what it is compared with, row by row; the index holds it as it is.'
          : 'The index holds the column, not what the function makes of it.',
      evidence: [...statementEvidence(statement), { label: 'what the plan does', value: found.detail, unit: '' }],
      action: sql(
        found.kind === 'cast_on_index'
          ? `-- send the parameter in the column’s own type, or cast the parameter instead of the column:\n-- ${oneLine(found.detail)}`
          : `-- compare the column itself, or index the expression if its function is IMMUTABLE:\n-- ${oneLine(found.detail)}`,
      ),
      impact: {
        ...{ what: 'how the rows are found', before: 'the whole table is read', after: 'the index is read' },
        ...{ confidence: 'medium', measured: 'generic plan; columns of pg_index' },
      },
    })),
});
