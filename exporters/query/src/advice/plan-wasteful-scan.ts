import { defineRule, type PostgresFacts } from '@submilli/core';
import { perCall, type PlannedStatement } from '../plans/state';
import { plans } from '../surveys/plans';
import { current, findingsOfKinds, oneLine, sql, statementEvidence, subjectOf } from './plans';

export const planWastefulScan = defineRule<PostgresFacts, { plans: typeof plans }>({
  name: 'plan-wasteful-scan',
  title: 'A statement reads a whole table for a few rows',
  signal:
    'generic plan: a sequential scan whose filter leaves a small share, or one inside a nested loop; and calls that read as many blocks',
  threshold: 'a table above 10 MB, 5 % of its rows or more than one loop',
  inputs: { plans },
  check: ({ plans: state }, { config }, now) =>
    findingsOfKinds(
      current(state, config, now).filter(isPlain),
      ['selective_seq_scan', 'nested_seq_scan'],
      (statement, found) => {
        const blocks = perCall(statement.periods[0]?.work ?? { calls: 0, seconds: 0, blocks: 0 })?.blocks;
        return {
          subject: subjectOf(statement, ` ${found.table ?? ''}`),
          severity: 'warning',
          title: `Statement ${statement.queryid} reads all of ${found.table ?? 'a table'}`,
          why: 'No index serves its condition, so every call reads the whole table, and takes longer as it grows.',
          evidence: [
            ...statementEvidence(statement),
            { label: 'what the plan does', value: found.detail, unit: '' },
            ...(blocks === undefined ? [] : [{ label: 'blocks per call', value: Math.round(blocks), unit: 'blocks' }]),
          ],
          action: sql(
            `-- an index on the columns of this condition, those compared with = first:\n-- ${oneLine(found.detail)}\n-- CREATE INDEX CONCURRENTLY ON ${oneLine(found.table ?? '…')} (…);${found.detail.includes('~~') ? '\n-- a pattern that begins with a wildcard needs a trigram index: USING gin (column gin_trgm_ops), of pg_trgm' : ''}`,
          ),
          impact: {
            ...{
              what: 'blocks per call',
              before: blocks === undefined ? null : String(Math.round(blocks)),
              after: null,
            },
            ...{
              confidence: 'medium',
              measured: 'the planner’s estimate for a generic plan; blocks from pg_stat_statements',
            },
          },
        };
      },
    ),
});

/** Where an index is there and can't serve, `plan-index-unusable` says so. */
const isPlain = ({ findings }: PlannedStatement): boolean =>
  !findings.some(({ kind }) => kind === 'function_on_index' || kind === 'cast_on_index');
