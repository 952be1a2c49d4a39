import { emittersOf, gauge, type Sample } from '../metrics/declare';
import type { TargetAdvice } from './evaluate';
import type { PastFinding } from './rule';

/** What advice there is, for alerts and overviews; the advice itself is at /api/v1/recommendations. */
export const adviceMetrics = {
  recommendations: gauge(
    'db_advice_recommendations',
    'Recommendations that hold now and are not snoozed or dismissed; see /api/v1/recommendations.',
    ['rule', 'severity'],
  ),
  states: gauge(
    'db_advice_states',
    'All recommendations that are remembered, by where they stand: those of now, and what became of earlier ones.',
    ['state', 'severity'],
  ),
  evaluated: gauge('db_advice_rules_evaluated', 'Rules that had all they need.'),
  notEvaluated: gauge(
    'db_advice_rules_not_evaluated',
    'Rules whose input is missing: they cannot say that all is well.',
  ),
} as const;

const emit = emittersOf(adviceMetrics);
const LOUD: readonly PastFinding['state'][] = ['open', 'acknowledged'];

/** `remembered` by id, those of now included. */
export const adviceSamples = (
  { found, evaluated, notEvaluated }: TargetAdvice,
  remembered: ReadonlyMap<string, Pick<PastFinding, 'state' | 'severity'>>,
): Sample[] => {
  const loud = found.filter(({ id }) => LOUD.includes(remembered.get(id)?.state ?? 'open'));
  return [
    ...counted(loud, ({ rule, severity }) => [rule, severity]).map(({ key: [rule = '', severity = ''], count }) =>
      emit.recommendations({ rule, severity }, count),
    ),
    ...counted([...remembered.values()], ({ state, severity }) => [state, severity]).map(
      ({ key: [state = '', severity = ''], count }) => emit.states({ state, severity }, count),
    ),
    emit.evaluated({}, evaluated.length),
    emit.notEvaluated({}, notEvaluated.length),
  ];
};

const counted = <T>(all: readonly T[], keyOf: (one: T) => readonly string[]) => {
  const counts = new Map<string, { readonly key: readonly string[]; readonly count: number }>();
  for (const one of all) {
    const key = keyOf(one);
    counts.set(key.join(' '), { key, count: (counts.get(key.join(' '))?.count ?? 0) + 1 });
  }
  return [...counts.values()];
};
