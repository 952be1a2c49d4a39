import { defineRule, type Finding, type PostgresFacts } from '@submilli/core';
import { regressions } from '../derived/regressions';
import type { History } from '../regressions/state';
import { type Change, ENOUGH_CALLS, FACTOR, SPREADS, type Verdict } from '../regressions/verdict';
import { statements } from '../samplers/statements';
import { oneLine, sql } from './plans';
import { MOST_FINDINGS, ms, subjectOf, whichStatement } from './statements';

/** QRY01: a statement against its own past. */
export const statementRegressed = defineRule<
  PostgresFacts,
  { regressions: typeof regressions; statements: typeof statements }
>({
  name: 'statement-regressed',
  title: 'A statement takes longer than it usually does',
  signal:
    'mean executor time of the last 10 to 15 minutes against the median of the same hour in past weeks (of all hours until there are three)',
  threshold: `${FACTOR} times, ${SPREADS} times the median distance from that median, and ${ENOUGH_CALLS} calls`,
  inputs: { regressions, statements },
  check: ({ regressions: { histories, verdicts }, statements: state }, { config }) => {
    if (verdicts.size === 0) {
      return { notEvaluated: 'no statement was watched long enough (six hours with 20 calls) to know what is usual' };
    }
    return [...histories]
      .flatMap(([key, history]) => {
        const verdict = verdicts.get(key);
        return verdict === undefined || verdict.since === null ? [] : [{ history, verdict, since: verdict.since }];
      })
      .sort((a, b) => costOf(b.verdict) - costOf(a.verdict))
      .slice(0, MOST_FINDINGS)
      .map(({ history, verdict, since }) => findingOf(history, verdict, since, whichStatement(state, history, config)));
  },
});

/** Seconds per second beyond the usual. */
const costOf = ({ now, usual }: Verdict): number => (now.mean - usual.mean) * now.rate;

const findingOf = (history: History, verdict: Verdict, since: number, which: Finding['evidence']): Finding => {
  const { now, usual, ratio, calls, changes } = verdict;
  const per = (value: number): number => Number(value.toPrecision(4));
  return {
    subject: subjectOf(history),
    severity: 'warning',
    title: `Statement ${history.queryid} takes ${ratio.toFixed(1)} times its usual time`,
    why: whyOf(changes),
    evidence: [
      ...which,
      { label: 'slower since', value: new Date(since * 1000).toISOString(), unit: '' },
      { label: 'mean time now', value: ms(now.mean), unit: '' },
      { label: 'usual mean time', value: ms(usual.mean), unit: '' },
      { label: 'usual distance from it', value: ms(usual.spread), unit: '' },
      { label: 'usual by', value: `${usual.basis} (${usual.hours} hours)`, unit: '' },
      { label: 'calls judged by', value: calls, unit: '' },
      { label: 'blocks per call now; usually', value: `${per(now.blocks)}; ${per(usual.blocks)}`, unit: 'blocks' },
      { label: 'rows per call now; usually', value: `${per(now.rows)}; ${per(usual.rows)}`, unit: 'rows' },
      { label: 'calls per second now; usually', value: `${per(now.rate)}; ${per(usual.rate)}`, unit: '' },
    ],
    action: sql(`-- in database ${oneLine(history.database)}\n-- ${todo(changes)}`),
    impact: {
      what: 'mean time of the statement',
      before: ms(now.mean),
      after: ms(usual.mean),
      confidence: usual.basis === 'hour of the week' ? 'high' : 'medium',
      measured: 'pg_stat_statements, this statement against its own past hours',
    },
  };
};

const reasons: Readonly<Record<Change, string>> = {
  plan: 'its plan changed',
  rows: 'it returns or changes more rows per call',
  blocks: 'it reads more blocks per call',
  load: 'it is called more often',
};

const whyOf = (changes: readonly Change[]): string =>
  changes.length === 0
    ? 'Neither its plan (where that is watched), rows, blocks nor calls per second changed: it waits for something else. For a lock, for slower storage, or for a processor that others use.'
    : `What changed with it: ${changes.map((change) => reasons[change]).join(', ')}.`;

const todo = (changes: readonly Change[]): string => {
  if (changes.includes('plan'))
    return '/api/v1/plans shows both plans. If its tables have changed much since: ANALYZE them.';
  if (changes.includes('rows'))
    return 'Does its caller ask for more than it did, or has a LIMIT or a condition been lost?';
  if (changes.includes('blocks'))
    return 'The same rows cost more blocks: dead rows (VACUUM), an index that is gone, a table that grew, or another plan (plans.enabled shows).';
  if (changes.includes('load'))
    return 'Who calls it more often, and must they? What is called more often also waits more.';
  return 'See /api/v1/slow for what it waited for, and db_session_activity_seconds_total for what all sessions wait for.';
};
