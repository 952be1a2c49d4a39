import { type Histogram, quantileOf, type Estimate } from './histogram';

/** How many fell between two bounds at each time: what a heatmap draws. Rows from the shortest time to the longest. */
export type Heatmap = {
  /** Milliseconds since the epoch, rising. */
  readonly times: readonly number[];
  readonly rows: readonly HeatmapRow[];
};

export type HeatmapRow = { readonly low: number; readonly high: number; readonly counts: readonly number[] };

/** One bucket over time. */
export type BucketSeries = {
  readonly le: number;
  readonly times: readonly number[];
  readonly values: readonly number[];
};

const EMPTY: Heatmap = { times: [], rows: [] };

/** A time at which a bucket is unknown counts as none there: Prometheus leaves out what it has no samples for. */
const column = (series: BucketSeries): ReadonlyMap<number, number> =>
  new Map(series.times.map((time, i) => [time, series.values[i] ?? 0]));

/** From buckets over time; `cumulative`: each counts everything up to its bound, as Prometheus' own do. */
export const heatmapOf = (buckets: readonly BucketSeries[], cumulative: boolean): Heatmap => {
  const sorted = summedByBound(buckets);
  if (sorted.length === 0) return EMPTY;
  const times = [...new Set(sorted.flatMap(({ at }) => [...at.keys()]))].toSorted((a, b) => a - b);
  const before = times.map(() => 0);
  const rows = sorted.map(({ le, at }, i): HeatmapRow => {
    const counts = times.map((time, column) => {
      const value = at.get(time) ?? (cumulative ? (before[column] ?? 0) : 0);
      if (!cumulative) return Math.max(0, value);
      const count = Math.max(0, value - (before[column] ?? 0));
      before[column] = Math.max(before[column] ?? 0, value);
      return count;
    });
    return { low: i === 0 ? 0 : (sorted[i - 1]?.le ?? 0), high: le, counts };
  });
  return { times, rows };
};

type Summed = { readonly le: number; readonly at: Map<number, number> };

/** Series of the same bound (of several databases, say) are added up. */
const summedByBound = (buckets: readonly BucketSeries[]): readonly Summed[] => {
  const byBound = new Map<number, Map<number, number>>();
  for (const bucket of buckets) {
    if (Number.isNaN(bucket.le)) continue;
    const at = byBound.get(bucket.le) ?? new Map<number, number>();
    for (const [time, value] of column(bucket)) if (Number.isFinite(value)) at.set(time, (at.get(time) ?? 0) + value);
    byBound.set(bucket.le, at);
  }
  return [...byBound].map(([le, at]) => ({ le, at })).toSorted((a, b) => a.le - b.le);
};

export const largestCount = ({ rows }: Heatmap): number =>
  rows.reduce((largest, { counts }) => counts.reduce((most, count) => Math.max(most, count), largest), 0);

/** Without the rows below the first, and above the last, that ever held anything. */
export const trimmed = ({ times, rows }: Heatmap): Heatmap => {
  const used = rows.map(({ counts }) => counts.some((count) => count > 0));
  const [first, last] = [used.indexOf(true), used.lastIndexOf(true)];
  return { times, rows: first === -1 ? [] : rows.slice(first, last + 1) };
};

/** The distribution at one time. */
export const histogramAt = ({ rows }: Heatmap, at: number): Histogram => ({
  bounds: rows.map(({ high }) => high),
  counts: rows.map(({ counts }) => counts[at] ?? 0),
});

/** The distribution over all times together. */
export const histogramOfAll = ({ rows }: Heatmap): Histogram => ({
  bounds: rows.map(({ high }) => high),
  counts: rows.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0)),
});

/** A quantile over time; null where nothing was observed. */
export const quantileOver = (heatmap: Heatmap, quantile: number): readonly (Estimate | null)[] =>
  heatmap.times.map((_, at) => quantileIn(heatmap, histogramAt(heatmap, at), quantile));

/** Rows may begin above nothing (see `trimmed`): the bound below the first is known all the same. */
const quantileIn = ({ rows }: Heatmap, histogram: Histogram, quantile: number): Estimate | null => {
  const low = rows[0]?.low ?? 0;
  return quantileOf(
    low === 0 ? histogram : { bounds: [low, ...histogram.bounds], counts: [0, ...histogram.counts] },
    quantile,
  );
};

/** Makes a hundredth of the most a sixth as dark: the rare outliers, which matter most, are seen, and the body has a shape. */
const CONTRAST = 0.4;

/** How dark a cell is, 0 to `shades`: 0 for none, and only for none. */
export const shadeOf = (count: number, largest: number, shades: number): number => {
  if (!(count > 0) || !(largest > 0)) return 0;
  return Math.min(shades, Math.max(1, Math.ceil((count / largest) ** CONTRAST * shades)));
};
