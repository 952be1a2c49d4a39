import { type DataFrame, DataFrameType, FieldType } from '@grafana/data';
import { type BucketSeries, type Heatmap, heatmapOf, histogramOfAll, quantileOver } from '../../domain/latency/heatmap';
import { boundOf, type Estimate, quantileOf } from '../../domain/latency/histogram';
import { labelledSeries } from '../shared/series';

/** A quantile over time, each with its bounds where it comes from buckets. */
export type QuantileLine = { readonly quantile: number; readonly values: readonly (Estimate | null)[] };

export type Distribution =
  | { readonly kind: 'buckets'; readonly heatmap: Heatmap }
  | { readonly kind: 'quantiles'; readonly times: readonly number[]; readonly lines: readonly QuantileLine[] };

const UNITS = { s: 1, ms: 1e-3 } as const;
export type Unit = keyof typeof UNITS;

/** Frames of the format "heatmap" hold what lies in each bucket, others what lies at or below its bound. */
const isHeatmapRows = (frame: DataFrame): boolean => frame.meta?.type === DataFrameType.HeatmapRows;

const bucketsIn = (frames: readonly DataFrame[], factor: number): readonly BucketSeries[] =>
  labelledSeries(frames)
    .map(({ labels, name, times, values }) => ({ le: boundOf(labels.le ?? name) * factor, times, values }))
    .filter(({ le }) => !Number.isNaN(le));

/** A native histogram, as cells with bounds of their own. */
const cellsOf = (frame: DataFrame, factor: number): Heatmap | undefined => {
  const values = (name: string): readonly number[] | undefined => frame.fields.find((one) => one.name === name)?.values;
  const [x, low, high, count] = [values('xMax') ?? values('x'), values('yMin'), values('yMax'), values('count')];
  if (x === undefined || low === undefined || high === undefined || count === undefined) return undefined;
  const times = [...new Set(x)].toSorted((a, b) => a - b);
  const rows = new Map<string, { low: number; high: number; counts: number[] }>();
  for (let i = 0; i < frame.length; i++) {
    const [from, to] = [(low[i] ?? 0) * factor, (high[i] ?? 0) * factor];
    const row = rows.get(`${from} ${to}`) ?? { low: from, high: to, counts: times.map(() => 0) };
    const column = times.indexOf(x[i] ?? NaN);
    if (column !== -1) row.counts[column] = (row.counts[column] ?? 0) + (count[i] ?? 0);
    rows.set(`${from} ${to}`, row);
  }
  return { times, rows: [...rows.values()].toSorted((a, b) => a.high - b.high) };
};

const quantileLines = (frames: readonly DataFrame[], factor: number): Distribution | undefined => {
  const series = labelledSeries(frames).flatMap((one) => {
    const quantile = quantileIn(one.labels.quantile, one.name);
    return quantile === undefined ? [] : [{ ...one, quantile }];
  });
  if (series.length === 0) return undefined;
  const times = [...new Set(series.flatMap((one) => [...one.times]))].toSorted((a, b) => a - b);
  const lines = [...new Set(series.map(({ quantile }) => quantile))]
    .toSorted((a, b) => a - b)
    .map((quantile): QuantileLine => {
      const at = new Map<number, number>();
      // Of several series of a quantile (databases, kinds of statement) the slowest counts: they can't be averaged.
      for (const one of series.filter((other) => other.quantile === quantile)) {
        one.times.forEach((time, i) => at.set(time, Math.max(at.get(time) ?? 0, (one.values[i] ?? 0) * factor)));
      }
      return { quantile, values: times.map((time) => exactly(at.get(time))) };
    });
  return { kind: 'quantiles', times, lines };
};

const exactly = (seconds: number | undefined): Estimate | null =>
  seconds === undefined ? null : { seconds, low: seconds, high: seconds };

/** From the label `quantile`, or from a legend like "P99". */
const quantileIn = (label: string | undefined, name: string): number | undefined => {
  const [, percent] = /\bp(\d{2}(?:\.\d+)?)\b/i.exec(name) ?? [];
  const quantile = label === undefined ? Number(percent) / 100 : Number(label);
  return quantile > 0 && quantile < 1 ? Number(quantile.toPrecision(10)) : undefined;
};

/** What is in the frames: buckets of a histogram, or quantiles. Undefined: neither. */
export const distributionOf = (frames: readonly DataFrame[], unit: Unit = 's'): Distribution | undefined => {
  const factor = UNITS[unit];
  const cells = frames.find(({ meta }) => meta?.type === DataFrameType.HeatmapCells);
  const native = cells === undefined ? undefined : cellsOf(cells, factor);
  if (native !== undefined && native.times.length > 0) return { kind: 'buckets', heatmap: native };
  const rows = frames.filter(isHeatmapRows);
  const heatmap =
    rows.length > 0 ? heatmapOf(bucketsIn(rows, factor), false) : heatmapOf(bucketsIn(frames, factor), true);
  if (heatmap.times.length > 0) return { kind: 'buckets', heatmap };
  return quantileLines(frames, factor);
};

/** Whether there is anything to draw: buckets are there also while nothing happens. */
export const hasObservations = (distribution: Distribution): boolean =>
  distribution.kind === 'quantiles' ||
  distribution.heatmap.rows.some(({ counts }) => counts.some((count) => count > 0));

/** Some quantiles over time; `null` where nothing is known. Quantiles that the data hasn't are left out. */
export const linesOf = (distribution: Distribution, quantiles: readonly number[]): readonly QuantileLine[] =>
  distribution.kind === 'buckets'
    ? quantiles.map((quantile) => ({ quantile, values: quantileOver(distribution.heatmap, quantile) }))
    : distribution.lines.filter(({ quantile }) => quantiles.some((one) => Math.abs(one - quantile) < 1e-9));

/** Some quantiles of the whole time: of a histogram by all that it counted, of quantile series their last value. */
export const valuesOf = (
  distribution: Distribution,
  quantiles: readonly number[],
): readonly { readonly quantile: number; readonly value: Estimate | null }[] => {
  if (distribution.kind === 'buckets') {
    const histogram = histogramOfAll(distribution.heatmap);
    return quantiles.map((quantile) => ({ quantile, value: quantileOf(histogram, quantile) }));
  }
  return quantiles.map((quantile) => ({
    quantile,
    value:
      distribution.lines
        .find((one) => Math.abs(one.quantile - quantile) < 1e-9)
        ?.values.findLast((one) => one !== null) ?? null,
  }));
};

export const timesOf = (distribution: Distribution): readonly number[] =>
  distribution.kind === 'buckets' ? distribution.heatmap.times : distribution.times;

/** Whether frames hold a histogram or quantiles; a suggestion is made only then. */
export const kindIn = (frames: readonly DataFrame[]): 'buckets' | 'quantiles' | undefined => {
  if (frames.some((frame) => isHeatmapRows(frame) || frame.meta?.type === DataFrameType.HeatmapCells)) return 'buckets';
  const labels = frames.flatMap(({ fields }) =>
    fields.flatMap((field) => [
      ...Object.keys(field.labels ?? {}),
      ...(field.type === FieldType.string ? [field.name] : []),
    ]),
  );
  if (labels.includes('le')) return 'buckets';
  return labels.includes('quantile') ? 'quantiles' : undefined;
};
