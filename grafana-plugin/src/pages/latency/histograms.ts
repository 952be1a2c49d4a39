import type { DataFrame } from '@grafana/data';
import type { BucketSeries } from '../../domain/latency/heatmap';
import { boundOf, type Histogram, histogramOf } from '../../domain/latency/histogram';
import { latestOf, seriesOf } from '../../prometheus/query';

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
