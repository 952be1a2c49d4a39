import { type DataFrame, DataFrameType, type Field, FieldType } from '@grafana/data';

/** As much of a query as decides how its answer is shaped. */
type Asked = { readonly refId: string; readonly format?: string | undefined };

/** What Grafana's Prometheus data source makes of series, by the format that a query asks for. */
export const inFormats = (frames: readonly DataFrame[], queries: readonly Asked[]): DataFrame[] => {
  const tables = queries.filter(({ format }) => format === 'table');
  return queries.flatMap((query) => {
    const own = frames.filter(({ refId }) => refId === query.refId);
    if (own.length === 0) return [];
    if (query.format === 'table')
      return [tableOf(own, query.refId, tables.length > 1 ? `Value #${query.refId}` : 'Value')];
    return query.format === 'heatmap' ? [heatmapRowsOf(own, query.refId)] : own;
  });
};

const fieldOf = (frame: DataFrame | undefined, wanted: FieldType): Field | undefined =>
  frame?.fields.find(({ type }) => type === wanted);

/** A row for each value, its labels in columns of their own. */
const tableOf = (frames: readonly DataFrame[], refId: string, valueName: string): DataFrame => {
  const rows = frames.flatMap((frame) => {
    const [time, value] = [fieldOf(frame, FieldType.time), fieldOf(frame, FieldType.number)];
    return Array.from({ length: frame.length }, (_, i) => ({
      ...{ at: time?.values[i] as unknown, value: value?.values[i] as unknown, labels: value?.labels ?? {} },
    }));
  });
  const labels = [...new Set(rows.flatMap((row) => Object.keys(row.labels)))];
  const column = (name: string, type: FieldType, values: readonly unknown[]): Field => ({
    ...{ name, type, values: [...values], config: {} },
  });
  return {
    ...{ refId, length: rows.length, meta: { preferredVisualisationType: 'table' } },
    fields: [
      column(
        'Time',
        FieldType.time,
        rows.map(({ at }) => at),
      ),
      ...labels.map((label) =>
        column(
          label,
          FieldType.string,
          rows.map((row) => row.labels[label] ?? ''),
        ),
      ),
      column(
        valueName,
        FieldType.number,
        rows.map(({ value }) => value),
      ),
    ],
  };
};

const boundOf = (frame: DataFrame): number =>
  Number((fieldOf(frame, FieldType.number)?.labels?.le ?? 'x').replace('+Inf', 'Infinity'));

/** Buckets one beside the other, lowest first, each with what lies in it alone: Prometheus counts what lies below its bound. */
const heatmapRowsOf = (frames: readonly DataFrame[], refId: string): DataFrame => {
  const buckets = frames
    .toSorted((a, b) => boundOf(a) - boundOf(b))
    .map((frame) => ({
      name: fieldOf(frame, FieldType.number)?.labels?.le ?? '',
      at: new Map(fieldOf(frame, FieldType.time)?.values.map((time: number, i) => [time, numberAt(frame, i)])),
    }));
  const times = [...new Set(buckets.flatMap(({ at }) => [...at.keys()]))].toSorted((a, b) => a - b);
  return {
    ...{ refId, length: times.length, meta: { type: DataFrameType.HeatmapRows } },
    fields: [
      { name: 'Time', type: FieldType.time, values: times, config: fieldOf(frames[0], FieldType.time)?.config ?? {} },
      ...buckets.map(({ name, at }, i): Field => ({
        ...{ name, type: FieldType.number, labels: { le: name }, config: { displayNameFromDS: name } },
        values: times.map((time) => Math.max(0, (at.get(time) ?? 0) - (buckets[i - 1]?.at.get(time) ?? 0))),
      })),
    ],
  };
};

const numberAt = (frame: DataFrame, i: number): number => Number(fieldOf(frame, FieldType.number)?.values[i] ?? 0);
