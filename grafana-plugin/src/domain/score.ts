import type { ScoreComponent, ScoreOfDatabase } from '@submilli/api/score';

export type Grade = ScoreOfDatabase['grade'];

/** As the exporter grades a score that stands (docs/score.md). */
export const gradeOf = (score: number | null): Grade => {
  if (score === null) return 'unknown';
  if (score >= 90) return 'good';
  if (score >= 70) return 'fair';
  return score >= 40 ? 'poor' : 'critical';
};

/** What would raise the score the most first; those that have all their points last, unknown ones between. */
export const byWorth = (components: readonly ScoreComponent[], score: number | null): readonly ScoreComponent[] =>
  [...components].sort((a, b) => worthOf(b, score) - worthOf(a, score) || a.component.localeCompare(b.component));

const worthOf = ({ points, scoreIfWell }: ScoreComponent, score: number | null): number => {
  if (points === null || scoreIfWell === null || score === null) return 0.001;
  return points === 100 ? 0 : Math.max(0.002, scoreIfWell - score);
};
