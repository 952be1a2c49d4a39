import { defineRule, type PostgresFacts } from '@submilli/core';
import { statements } from '../samplers/statements';
import { windowOf } from '../statements/state';
import { PLANS_PER_SECOND } from './planning-dominates';
import { isPlanned, ms } from './statements';

/** A statement as short as that can take as long to plan. */
const SHORT_SECONDS = 0.001;

/** We are blind to planning where it may well be most of the time. */
export const planningUnknown = defineRule<PostgresFacts, { statements: typeof statements }>({
  name: 'planning-unknown',
  title: 'Planning is not timed',
  signal: 'pg_stat_statements.track_planning, and short statements that are called often',
  threshold: `off, with a statement under ${SHORT_SECONDS * 1000} ms that is called ${PLANS_PER_SECOND} times a second`,
  inputs: { statements },
  check: ({ statements: state }) => {
    if (state.last === null) return { notEvaluated: 'pg_stat_statements has not been read twice yet' };
    if (state.last.info.planningTimed) return [];
    const { seconds, intervals } = windowOf(state);
    const short = [...intervals.values()].filter(
      (one) =>
        isPlanned(state, one) && one.calls >= PLANS_PER_SECOND * seconds && one.seconds < SHORT_SECONDS * one.calls,
    );
    const [most] = short.sort((a, b) => b.calls - a.calls);
    if (seconds === 0 || most === undefined) return [];
    return [
      {
        subject: 'pg_stat_statements.track_planning',
        severity: 'info',
        title: `${short.length === 1 ? 'A short statement is' : `${short.length} short statements are`} called often, and nobody knows how long ${short.length === 1 ? 'its' : 'their'} planning takes`,
        why: 'A statement that runs for less than a millisecond may take longer to be planned, unless it is prepared. It is not counted now.',
        evidence: [
          { label: 'statements', value: short.length, unit: '' },
          { label: 'the most frequent one, calls per second', value: Math.round(most.calls / seconds), unit: '' },
          { label: 'its mean execution time', value: ms(most.seconds / most.calls), unit: '' },
        ],
        action: {
          kind: 'sql',
          text: 'ALTER SYSTEM SET pg_stat_statements.track_planning = on;\nSELECT pg_reload_conf();\n-- With very many sessions that run the same statement it costs throughput: look for a while, then RESET it.',
          ...{ reversible: true, lock: null, needsRestart: false },
        },
        impact: {
          what: 'statements whose planning is timed',
          before: 'none',
          after: 'all',
          confidence: 'high',
          measured: 'the setting',
        },
      },
    ];
  },
});
