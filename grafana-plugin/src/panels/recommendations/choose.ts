import type { DataFrame } from '@grafana/data';
import { type Advice, bySeverity, type Counts, isOpen, severities, type Severity } from '../../domain/advice';
import { labelledSeries, lastOf } from '../shared/series';
import type { RecommendationsOptions } from './options';

const isWanted = (advice: Advice, { severity, target, state, exporters }: RecommendationsOptions): boolean =>
  severities.indexOf(advice.severity) <= severities.indexOf(severity) &&
  advice.target.toLowerCase().includes(target.trim().toLowerCase()) &&
  (state === 'all' || isOpen(advice)) &&
  (exporters.length === 0 || exporters.includes(advice.exporter));

/** What a panel is to show, the most severe first. `target` with its variables filled in. */
export const chosen = (all: readonly Advice[], options: RecommendationsOptions): readonly Advice[] =>
  all.filter((one) => isWanted(one, options)).toSorted(bySeverity);

/** Variables that stand for "all" restrict nothing. */
export const filledTarget = (target: string, replace: (text: string) => string): string => {
  const filled = replace(target);
  return /^(\.[*+]|\$__all|\{.*\}|All)$/.test(filled.trim()) ? '' : filled;
};

/** How many hold by `db_advice_recommendations`; null when the data does not tell. */
export const countsIn = (frames: readonly DataFrame[]): Counts | null => {
  const series = labelledSeries(frames).filter(({ labels }) => 'severity' in labels && 'rule' in labels);
  if (series.length === 0) return null;
  const of = (severity: Severity): number =>
    series.filter(({ labels }) => labels.severity === severity).reduce((sum, one) => sum + (lastOf(one) ?? 0), 0);
  return { critical: of('critical'), warning: of('warning'), info: of('info') };
};
