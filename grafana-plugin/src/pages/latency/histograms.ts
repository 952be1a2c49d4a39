import type { DataFrame } from '@grafana/data';
import type { View } from '../../app/view';
import { matchers } from '../../app/view';
import type { BucketSeries } from '../../domain/latency/heatmap';
import { boundOf, type Histogram, histogramOf } from '../../domain/latency/histogram';
import { latestOf, seriesOf } from '../../prometheus/query';

/** Prometheus is asked for so many points of a range; a column of a heat map is at least as long as three scrapes. */
const POINTS = 120;
const LEAST_SECONDS = 45;

export const columnSeconds = ({ from, to }: Pick<View, 'from' | 'to'>): number =>
  Math.max(LEAST_SECONDS, Math.ceil((to - from) / 1000 / POINTS));

export const spanSeconds = ({ from, to }: Pick<View, 'from' | 'to'>): number =>
  Math.max(1, Math.round((to - from) / 1000));

/** Whole statements: of the extended protocol its last and longest step. Parse and bind are steps of their own. */
const WHOLE = 'phase=~"execute|simple"';

export const statementBuckets = (view: View, type: string, seconds: number): string => {
  const of = matchers(view, [WHOLE, ...(type === '' ? [] : [`query_type=${JSON.stringify(type)}`])]);
  return `sum by (le) (increase(db_query_latency_seconds_bucket{${of}}[${seconds}s]))`;
};

/** Buckets over time, as an answer has them. */
export const bucketSeries = (frames: readonly DataFrame[]): readonly BucketSeries[] =>
  seriesOf(frames).map(({ labels, times, values }) => ({ le: boundOf(labels.le ?? ''), times, values }));

/** One histogram for each combination of the other labels. */
export const histogramsBy = (
  frames: readonly DataFrame[],
  keyOf: (labels: Readonly<Record<string, string>>) => string,
) => {
  const groups = new Map<string, { le: number; upTo: number }[]>();
  for (const { labels, value } of latestOf(frames)) {
    const key = keyOf(labels);
    groups.set(key, [...(groups.get(key) ?? []), { le: boundOf(labels.le ?? ''), upTo: value }]);
  }
  return new Map<string, Histogram>([...groups].map(([key, buckets]) => [key, histogramOf(buckets)]));
};
