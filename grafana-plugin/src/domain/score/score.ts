import type { ScoreComponent, ScoreOfDatabase } from '@submilli/api/score';

export type Grade = ScoreOfDatabase['grade'];

/** The exporter's own limits, for scores that come without a grade (from Prometheus). */
export const gradeOf = (points: number | null | undefined): Grade => {
  if (points === null || points === undefined || !Number.isFinite(points)) return 'unknown';
  if (points >= 90) return 'good';
  if (points >= 70) return 'fair';
  return points >= 40 ? 'poor' : 'critical';
};

/** A component as it is drawn; what a source does not tell is absent. */
export type Component = {
  readonly component: string;
  readonly points: number | null;
  readonly weight: number | null;
  /** What the score would gain if this component had all its points; null when that is not known. */
  readonly gain: number | null;
};

/** Points of the score, as told by the exporter. */
export const gainOf = ({ scoreIfWell }: ScoreComponent, now: number | null): number | null =>
  scoreIfWell === null || now === null ? null : Math.max(0, scoreIfWell - now);

/** What would raise the score most comes first; then the lowest points; what is not known comes last. */
export const byGain = (a: Component, b: Component): number =>
  (b.gain ?? -1) - (a.gain ?? -1) ||
  (a.points ?? Infinity) - (b.points ?? Infinity) ||
  (b.weight ?? 0) - (a.weight ?? 0) ||
  a.component.localeCompare(b.component);

export const componentsOf = ({ components, now }: ScoreOfDatabase): readonly Component[] =>
  components
    .map((one) => ({ component: one.component, points: one.points, weight: one.weight, gain: gainOf(one, now) }))
    .toSorted(byGain);

/**
 * Gains from points and weights alone, for components that come from Prometheus: shares of the weighted mean, and so
 * only a lower bound while a component on fire caps the score. Components without points are not in the mean.
 */
export const withGains = (components: readonly Omit<Component, 'gain'>[]): readonly Component[] => {
  const known = components.filter(({ points }) => points !== null);
  const weights = known.every(({ weight }) => weight !== null)
    ? known.reduce((sum, { weight }) => sum + (weight ?? 0), 0)
    : 0;
  return components
    .map((one) => ({
      ...one,
      gain:
        one.points === null || one.weight === null || weights === 0
          ? null
          : (one.weight * (100 - one.points)) / weights,
    }))
    .toSorted(byGain);
};

/** Against the same length of time before: how much up (positive) or down; null without both. */
export const differenceOf = (now: number | null | undefined, before: number | null | undefined): number | null =>
  typeof now === 'number' && typeof before === 'number' && Number.isFinite(now) && Number.isFinite(before)
    ? now - before
    : null;

/** Half a point is the noise of rounding. */
export type Direction = 'up' | 'down' | 'same' | 'unknown';

export const directionOf = (difference: number | null): Direction => {
  if (difference === null) return 'unknown';
  if (Math.abs(difference) < 0.5) return 'same';
  return difference > 0 ? 'up' : 'down';
};
