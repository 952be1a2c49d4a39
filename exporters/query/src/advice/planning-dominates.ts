import { defineRule, type Finding, type PostgresFacts } from '@submilli/core';
import { statements } from '../samplers/statements';
import type { Interval } from '../statements/interval';
import { windowOf } from '../statements/state';
import { oneLine, sql } from './plans';
import { isPlanned, ms, subjectOf, whichStatement, worstFirst } from './statements';

export const PLANS_PER_SECOND = 100;

/** QRY06: planned anew each time, for longer than it runs. */
export const planningDominates = defineRule<PostgresFacts, { statements: typeof statements }>({
  name: 'planning-dominates',
  title: 'A statement takes longer to plan than to run',
  signal: 'pg_stat_statements.total_plan_time against total_exec_time in the window',
  threshold: `more planning than execution, at ${PLANS_PER_SECOND} plans per second`,
  inputs: { statements },
  check: ({ statements: state }, { config }) => {
    if (state.last?.info.planningTimed !== true) {
      return { notEvaluated: 'pg_stat_statements.track_planning is off, so planning is not timed' };
    }
    const { seconds, intervals } = windowOf(state);
    const dominated = [...intervals.values()].filter(
      (interval) =>
        isPlanned(state, interval) &&
        interval.counters.planSeconds > interval.seconds &&
        interval.counters.plans >= PLANS_PER_SECOND * seconds,
    );
    return worstFirst(
      seconds === 0 ? [] : dominated,
      ({ counters }) => counters.planSeconds,
      (interval) => findingOf(interval, seconds, whichStatement(state, interval, config)),
    );
  },
});

const findingOf = (interval: Interval, seconds: number, which: Finding['evidence']): Finding => {
  const { plans, planSeconds } = interval.counters;
  const planning = planSeconds / plans;
  return {
    subject: subjectOf(interval),
    severity: 'info',
    title: `Statement ${interval.queryid} is planned for ${ms(planning)} and then runs for ${ms(interval.seconds / interval.calls)}`,
    why: 'A prepared statement is planned once and then run: its plan is kept in the session from the sixth execution on, unless plans for known values are so much cheaper that planning pays.',
    evidence: [
      ...which,
      { label: 'plans per second', value: Math.round(plans / seconds), unit: '' },
      { label: 'plans per call', value: Number((plans / interval.calls).toFixed(2)), unit: '' },
      { label: 'mean planning time', value: ms(planning), unit: '' },
      { label: 'mean execution time', value: ms(interval.seconds / interval.calls), unit: '' },
    ],
    action: sql(
      [
        `-- in the application, for database ${oneLine(interval.database)}: a named prepared statement (through PgBouncer 1.21 or newer: max_prepared_statements above 0).`,
        '-- If it is prepared already and yet planned each time: SET plan_cache_mode = force_generic_plan for its role, after comparing both plans.',
        '-- If its table has many partitions: a condition on the partition key, or fewer partitions.',
      ].join('\n'),
    ),
    impact: {
      what: 'planning per second',
      before: `${ms(planSeconds / seconds)}`,
      after: 'nearly none',
      confidence: 'medium',
      measured: 'pg_stat_statements: plans and their time in the window',
    },
  };
};
