import {
  type DataFrame,
  dataFrameToJSON,
  DataFrameType,
  dateTime,
  FieldType,
  getDefaultTimeRange,
  LoadingState,
  type PanelData,
  type PanelProps,
  toDataFrame,
} from '@grafana/data';
import { EventBusSrv } from '@grafana/data';

/** What Prometheus answers to a query over a range. */
export type Matrix = {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly values: readonly (readonly [number, string])[];
  }[];
};

export const asMatrix = (captured: unknown): Matrix => captured as Matrix;

/** As Grafana makes frames of it in the format "time series": one each, labels with the field. */
export const timeSeries = ({ result }: Matrix): readonly DataFrame[] =>
  result.map(({ metric, values }) =>
    toDataFrame({
      fields: [
        { name: 'Time', type: FieldType.time, values: values.map(([time]) => time * 1000) },
        {
          name: 'Value',
          type: FieldType.number,
          labels: { ...metric },
          values: values.map(([, value]) => Number(value)),
        },
      ],
    }),
  );

/** In the format "table": a row for each series, its last value, labels in columns. */
export const table = ({ result }: Matrix): DataFrame => {
  const labels = [...new Set(result.flatMap(({ metric }) => Object.keys(metric)))];
  return toDataFrame({
    fields: [
      { name: 'Time', type: FieldType.time, values: result.map(({ values }) => (values.at(-1)?.[0] ?? 0) * 1000) },
      ...labels.map((name) => ({
        name,
        type: FieldType.string,
        values: result.map(({ metric }) => metric[name] ?? ''),
      })),
      { name: 'Value', type: FieldType.number, values: result.map(({ values }) => Number(values.at(-1)?.[1])) },
    ],
  });
};

/** In the format "heatmap": one frame, a field for each bucket with what lies in it alone. */
export const heatmapRows = ({ result }: Matrix): DataFrame => {
  const bound = (le: string | undefined): number => (le === '+Inf' ? Infinity : Number(le));
  const sorted = result.toSorted((a, b) => bound(a.metric.le) - bound(b.metric.le));
  const [first] = sorted;
  return toDataFrame({
    meta: { type: DataFrameType.HeatmapRows },
    fields: [
      { name: 'Time', type: FieldType.time, values: first?.values.map(([time]) => time * 1000) ?? [] },
      ...sorted.map(({ metric, values }, i) => ({
        name: metric.le ?? '',
        type: FieldType.number,
        labels: { ...metric },
        values: values.map(([, value], at) => Number(value) - Number(sorted[i - 1]?.values[at]?.[1] ?? 0)),
      })),
    ],
  });
};

export const panelData = (series: readonly DataFrame[], more: Partial<PanelData> = {}): PanelData => ({
  ...{ series: [...series], state: LoadingState.Done, timeRange: getDefaultTimeRange(), ...more },
});

/** What Grafana gives a panel, with the time that the data is of. */
export const panelProps = <T>(options: T, data: PanelData, more: Partial<PanelProps<T>> = {}): PanelProps<T> => {
  const times = data.series.flatMap(
    ({ fields }): number[] => (fields.find(({ type }) => type === FieldType.time)?.values ?? []) as number[],
  );
  const [from, to] = times.length === 0 ? [0, 1000] : [Math.min(...times), Math.max(...times)];
  const timeRange = { from: dateTime(from), to: dateTime(to), raw: { from: dateTime(from), to: dateTime(to) } };
  return {
    ...{ id: 1, data, options, timeRange, timeZone: 'utc', title: '', transparent: false, renderCounter: 0 },
    ...{ width: 600, height: 300, fieldConfig: { defaults: {}, overrides: [] }, eventBus: new EventBusSrv() },
    ...{ onOptionsChange: () => undefined, onFieldConfigChange: () => undefined, onChangeTimeRange: () => undefined },
    replaceVariables: (text: string) => text,
    ...more,
  };
};

/** What Grafana's server answers to `/api/ds/query`: frames by the name of their query, which only some have. */
export const dsAnswer =
  (framesOf: (name: string, expr: string) => readonly DataFrame[]) =>
  ({
    data,
  }: {
    readonly data?: { readonly queries: readonly { readonly refId: string; readonly expr: string }[] };
  }) => ({
    results: Object.fromEntries(
      (data?.queries ?? []).map(({ refId, expr }) => [
        refId,
        { status: 200, frames: framesOf(refId, expr).map((frame) => dataFrameToJSON(frame)) },
      ]),
    ),
  });
