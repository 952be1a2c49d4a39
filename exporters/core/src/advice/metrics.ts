import { emittersOf, gauge, type Sample } from '../metrics/declare';
import type { TargetAdvice } from './evaluate';

/** What advice there is, for alerts and overviews; the advice itself is at /api/v1/recommendations. */
export const adviceMetrics = {
  recommendations: gauge('db_advice_recommendations', 'Open recommendations; see /api/v1/recommendations.', [
    'rule',
    'severity',
  ]),
  evaluated: gauge('db_advice_rules_evaluated', 'Rules that had all they need.'),
  notEvaluated: gauge(
    'db_advice_rules_not_evaluated',
    'Rules whose input is missing: they cannot say that all is well.',
  ),
} as const;

const emit = emittersOf(adviceMetrics);

export const adviceSamples = ({ found, evaluated, notEvaluated }: TargetAdvice): Sample[] => {
  const counts = new Map<string, { rule: string; severity: string; count: number }>();
  for (const { rule, severity } of found) {
    const key = `${rule} ${severity}`;
    counts.set(key, { rule, severity, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [
    ...[...counts.values()].map(({ rule, severity, count }) => emit.recommendations({ rule, severity }, count)),
    emit.evaluated({}, evaluated.length),
    emit.notEvaluated({}, notEvaluated.length),
  ];
};
