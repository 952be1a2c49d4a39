import { defineRule, type Finding, type PostgresFacts } from '@submilli/core';
import { statements } from '../samplers/statements';
import { jitSeconds } from '../statements/entry';
import type { Interval } from '../statements/interval';
import { type StatementsState, windowOf } from '../statements/state';
import { alterRole, ms, subjectOf, whichStatement, worstFirst } from './statements';

const SHORT_SECONDS = 0.1;
const SHARE = 0.1;

/** QRY08: compiled for longer than it pays. */
export const jitInShortStatements = defineRule<PostgresFacts, { statements: typeof statements }>({
  name: 'jit-in-short-statements',
  title: 'Short statements are compiled',
  signal: 'pg_stat_statements.jit_*_time in the window (PostgreSQL 15 and newer)',
  threshold: `a mean under ${SHORT_SECONDS * 1000} ms of which compilation is ${SHARE * 100} % or more`,
  inputs: { statements },
  check: ({ statements: state }, { config }) => {
    const all = [...windowOf(state).intervals.values()];
    const [first] = all;
    if (first === undefined) return { notEvaluated: 'no statement was called in the window' };
    if (first.counters.jitFunctions === null) {
      return { notEvaluated: 'pg_stat_statements tells of compilation from version 1.10 (PostgreSQL 15) on' };
    }
    return worstFirst(
      all.filter(
        (one) =>
          (one.counters.jitFunctions ?? 0) > 0 &&
          one.seconds / one.calls < SHORT_SECONDS &&
          (jitSeconds(one.counters) ?? 0) >= SHARE * one.seconds,
      ),
      ({ counters }) => jitSeconds(counters) ?? 0,
      (interval) => findingOf(state, interval, whichStatement(state, interval, config)),
    );
  },
});

const findingOf = (state: StatementsState, interval: Interval, which: Finding['evidence']): Finding => {
  const { calls, seconds, counters } = interval;
  const compiling = (jitSeconds(counters) ?? 0) / calls;
  const mean = seconds / calls;
  return {
    subject: subjectOf(interval),
    severity: 'warning',
    title: `Statement ${interval.queryid} spends ${Math.round((100 * compiling) / mean)} % of its ${ms(mean)} on compilation`,
    why: 'The planner’s cost went over jit_above_cost, often for an estimate that was too high. Compiling takes tens of milliseconds in each session, and pays only for statements that run for seconds.',
    evidence: [
      ...which,
      { label: 'calls in the window', value: calls, unit: '' },
      {
        label: 'functions compiled per call',
        value: Number(((counters.jitFunctions ?? 0) / calls).toFixed(1)),
        unit: '',
      },
      { label: 'compilation per call', value: ms(compiling), unit: '' },
      { label: 'mean time', value: ms(mean), unit: '' },
    ],
    action: alterRole(state, interval, 'jit = off', [
      '-- or, if other statements of that role gain by it, SET jit_above_cost higher than this one’s cost',
    ]),
    impact: {
      what: 'mean time of the statement',
      before: ms(mean),
      after: `about ${ms(Math.max(0, mean - compiling))}`,
      confidence: 'medium',
      measured:
        'jit_generation_time, jit_inlining_time, jit_optimization_time and jit_emission_time; the compiled code may have been a little faster',
    },
  };
};
