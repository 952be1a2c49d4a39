import {
  counter,
  defineSurvey,
  type Emitters,
  type Env,
  gauge,
  planFindingKinds,
  type PostgresFacts,
  type Publishes,
  type Readings,
  type Sample,
  Skipped,
  type SqlSession,
} from '@submilli/core';
import { askPlans, type Candidate } from '../plans/ask';
import { foldPlans, persistPlans, type PlansReading, type PlansState, startPlans } from '../plans/state';
import { statements } from '../samplers/statements';
import { lookOf, roleOf, type StatementsState, typeOf, windowOf } from '../statements/state';

const metrics = {
  plans: counter(
    'db_query_plans_total',
    'Generic plans that EXPLAIN was asked for, by what came of it: planned, or the reason why there is none.',
    ['outcome'],
  ),
  changes: counter(
    'db_query_plan_changes_total',
    'Times that the generic plan of a statement had another shape than when it was asked for before.',
    ['database'],
  ),
  findings: gauge('db_query_plan_findings', 'Statements whose latest generic plan shows something unwise.', [
    'database',
    'kind',
  ]),
} as const;

/** The survey itself, to find what it knew before. */
const own: Publishes<PlansState> = { name: 'plans', publish: (state: PlansState) => state };

/** There is nothing to do, and once a day is enough to say so. */
const IDLE_SECONDS = 86_400;
const PLANNED_TYPES = new Set(['select', 'insert', 'update', 'delete', 'merge']);

/** Generic plans of the statements with the most time, in every database. Opt-in; see docs/plans.md. */
export const plans = defineSurvey({
  name: 'plans',
  source: 'EXPLAIN of normalised texts, pg_class, pg_stat_statements',
  metrics,
  interval: ({ plans: { enabled, interval_seconds } }) => (enabled ? interval_seconds : IDLE_SECONDS),
  start: startPlans,
  persist: persistPlans,
  read: async (session: SqlSession, env: Env<PostgresFacts>, deadline, snapshots) => {
    if (!env.config.plans.enabled) {
      throw new Skipped({
        reason: 'disabled',
        detail: 'switched off in the configuration',
        remedy: 'set plans.enabled to true; the role then needs the right to read the tables (pg_read_all_data)',
      });
    }
    const state = snapshots.of(statements);
    const candidates = state === undefined ? [] : candidatesOf(state, env.facts.database, env.config.plans.statements);
    return askPlans(session, env, deadline, candidates, snapshots.of(own) ?? startPlans());
  },
  fold: (state: PlansState, readings: Readings<PlansReading>) => foldPlans(state, readings),
  publish: (state, m) => samplesOf(state, m),
});

/** The statements of a database with the most time in the window, and the role that has spent the most on each. */
const candidatesOf = (state: StatementsState, database: string, most: number): Candidate[] =>
  [...windowOf(state).intervals.values()]
    .filter((interval) => interval.database === database && PLANNED_TYPES.has(typeOf(state.types, interval.queryid)))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, most)
    .map((interval) => ({ interval, role: roleOf(state, interval), look: lookOf(state, interval.queryid) }));

const samplesOf = (state: PlansState, m: Emitters<typeof metrics>): Sample[] => {
  const all = [...state.statements.values()];
  return [
    ...[...state.outcomes].map(([outcome, count]) => m.plans({ outcome }, count)),
    ...[...state.changes].map(([database, count]) => m.changes({ database }, count)),
    ...[...state.changes.keys()].flatMap((database) =>
      planFindingKinds.map((kind) => {
        const count = all.filter(
          (one) => one.database === database && one.findings.some((found) => found.kind === kind),
        );
        return m.findings({ database, kind }, count.length);
      }),
    ),
  ];
};
