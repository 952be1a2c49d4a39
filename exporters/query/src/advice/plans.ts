import type { Config, Finding, PlanFinding } from '@submilli/core';
import type { PlannedStatement, PlansState } from '../plans/state';

/** Nobody works through more of one kind at a time. */
const MOST_FINDINGS = 10;
/** A plan that was not looked at for so many rounds says nothing about now. */
const STALE_ROUNDS = 3;

/** The statements whose plan is known as of now, those that take the most time first. */
export const current = (
  { statements }: PlansState,
  { plans: { interval_seconds } }: Config,
  now: number,
): readonly PlannedStatement[] =>
  [...statements.values()]
    .filter(
      ({ askedAt, reason }) =>
        reason === null && askedAt * 1000 > now - STALE_ROUNDS * interval_seconds * 1000 - 60_000,
    )
    .sort((a, b) => (b.periods[0]?.work.seconds ?? 0) - (a.periods[0]?.work.seconds ?? 0));

/** One finding for each statement whose latest plan shows one of these. */
export const findingsOfKinds = (
  statements: readonly PlannedStatement[],
  kinds: readonly PlanFinding['kind'][],
  findingOf: (statement: PlannedStatement, found: PlanFinding) => Finding,
): readonly Finding[] =>
  statements
    .flatMap((statement) =>
      statement.findings
        .filter(({ kind }) => kinds.includes(kind))
        .slice(0, 1)
        .map((found) => findingOf(statement, found)),
    )
    .slice(0, MOST_FINDINGS);

export const subjectOf = ({ database, queryid }: PlannedStatement, more = ''): string =>
  `${database}: ${queryid}${more}`;

export const statementEvidence = ({
  queryid,
  database,
  role,
  periods: [latest],
}: PlannedStatement): Finding['evidence'] => [
  { label: 'database', value: database, unit: '' },
  { label: 'queryid', value: queryid, unit: '' },
  ...(role === null ? [] : [{ label: 'role', value: role, unit: '' }]),
  ...(latest === undefined ? [] : [{ label: 'estimated cost', value: Math.round(latest.cost), unit: 'planner units' }]),
  ...(latest?.outline === null || latest === undefined
    ? []
    : [{ label: 'generic plan', value: latest.outline, unit: '' }]),
];

export const sql = (text: string): Finding['action'] => ({
  ...{ kind: 'sql', text, reversible: true, lock: null, needsRestart: false },
});

/** For a comment in SQL, which a line break would end. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
