import { defineRule, type Finding, type PostgresFacts } from '@submilli/core';
import { perCall, type PlannedStatement } from '../plans/state';
import { plans } from '../surveys/plans';
import { current, oneLine, sql, statementEvidence, subjectOf } from './plans';

const FACTOR = 2;
const ENOUGH_CALLS = 20;

export const planRegressed = defineRule<PostgresFacts, { plans: typeof plans }>({
  name: 'plan-regressed',
  title: 'A statement reads more since its plan changed',
  signal: 'blocks per call while the generic plan had its latest shape, against those under the shape before',
  threshold: `${FACTOR} times, with ${ENOUGH_CALLS} calls seen under each`,
  inputs: { plans },
  check: ({ plans: state }, { config }, now) => current(state, config, now).flatMap((one) => findingOf(one)),
});

const findingOf = (statement: PlannedStatement): readonly Finding[] => {
  const [after, before] = statement.periods;
  if (after === undefined || before === undefined) return [];
  if (Math.min(after.work.calls, before.work.calls) < ENOUGH_CALLS) return [];
  const [now, then] = [perCall(after.work), perCall(before.work)];
  if (now === null || then === null || now.blocks < FACTOR * Math.max(then.blocks, 1)) return [];
  const since = new Date(after.firstSeen * 1000).toISOString();
  const ms = (seconds: number): string => `${(seconds * 1000).toPrecision(3)} ms`;
  return [
    {
      subject: subjectOf(statement, ` ${after.shape}`),
      severity: 'warning',
      title: `Statement ${statement.queryid} reads ${(now.blocks / Math.max(then.blocks, 1)).toFixed(1)} times as many blocks since its plan changed`,
      why: 'The planner has come to another plan, after statistics, settings, data or indexes changed, and it costs more.',
      evidence: [
        ...statementEvidence(statement),
        { label: 'plan first seen', value: since, unit: '' },
        { label: 'blocks per call before', value: Math.round(then.blocks), unit: 'blocks' },
        { label: 'blocks per call since', value: Math.round(now.blocks), unit: 'blocks' },
        { label: 'mean time before', value: ms(then.seconds), unit: '' },
        { label: 'mean time since', value: ms(now.seconds), unit: '' },
        ...(before.outline === null ? [] : [{ label: 'generic plan before', value: before.outline, unit: '' }]),
      ],
      action: sql(
        `-- in database ${oneLine(statement.database)}: what changed at ${since}? An index that is gone, a setting, a table that grew?\n-- If its tables have changed much since: ANALYZE them. If columns depend on each other: CREATE STATISTICS.`,
      ),
      impact: {
        ...{ what: 'blocks per call; mean time', before: `${Math.round(now.blocks)}; ${ms(now.seconds)}` },
        ...{ after: `${Math.round(then.blocks)}; ${ms(then.seconds)}`, confidence: 'medium' },
        measured: 'pg_stat_statements under either plan; the plans are generic ones, as EXPLAIN gave them',
      },
    },
  ];
};
