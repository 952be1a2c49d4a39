import { defineDerived, gauge, type PostgresFacts } from '@submilli/core';
import { persistRegressions } from '../regressions/persist';
import { type Regressions, startRegressions, takeRegressions, unread } from '../regressions/state';
import { ENOUGH_CALLS } from '../regressions/verdict';
import { statements } from '../samplers/statements';
import { plans } from '../surveys/plans';

const metrics = {
  ratio: gauge(
    'db_query_statement_baseline_ratio',
    'Mean executor time of the last 10 to 15 minutes over what is usual at this hour of the week (the median of past weeks, or of all hours until there are enough); statements shown by themselves with 100 calls.',
    ['database', 'queryid', 'query_type'],
  ),
  regressed: gauge(
    'db_query_statements_regressed',
    'Statements that take twice their usual time or more, and three times its usual spread.',
    ['database'],
  ),
  baselines: gauge('db_query_statement_baselines', 'Statements of which it is known what is usual.', ['database']),
} as const;

/** How the statements with the most time do against their own past. */
export const regressions = defineDerived<PostgresFacts, Regressions, typeof metrics>({
  name: 'regressions',
  source: 'statements, plans',
  metrics,
  persist: persistRegressions,
  derive: (snapshots, _env, before = startRegressions()) => {
    const counted = snapshots.of(statements);
    if (counted === undefined) return unread(before);
    return takeRegressions(before, counted, snapshots.of(plans)?.statements ?? new Map());
  },
  publish: ({ histories, verdicts, isCurrent }, m) => {
    if (!isCurrent) return [];
    const all = [...histories].map(([key, history]) => ({ ...history, verdict: verdicts.get(key) }));
    const count = (database: string, is: (one: (typeof all)[number]) => boolean): number =>
      all.filter((one) => one.database === database && is(one)).length;
    return [
      ...all.flatMap(({ database, queryid, type, verdict }) =>
        verdict === undefined || verdict.calls < ENOUGH_CALLS
          ? []
          : [m.ratio({ database, queryid, query_type: type }, verdict.ratio)],
      ),
      ...[...new Set(all.map(({ database }) => database))].flatMap((database) => [
        m.regressed(
          { database },
          count(database, ({ verdict }) => (verdict?.since ?? null) !== null),
        ),
        m.baselines(
          { database },
          count(database, ({ verdict }) => verdict !== undefined),
        ),
      ]),
    ];
  },
});
