import { type DataFrame, type DataQueryResponse, FieldType } from '@grafana/data';
import { type BackendDataSourceResponse, getBackendSrv, toDataQueryResponse } from '@grafana/runtime';
import { firstValueFrom } from 'rxjs';

/** PromQL by a name of our own. */
export type Queries = Readonly<Record<string, string>>;

export type Span = { readonly from: number; readonly to: number };

const MAX_POINTS = 120;

/** Asks Prometheus through its data source, with the rights of whoever looks. `range`: over time, else as of `to`. */
export const queryPrometheus = async (
  uid: string,
  queries: Queries,
  { from, to }: Span,
  { range = false, signal }: { readonly range?: boolean; readonly signal?: AbortSignal } = {},
): Promise<ReadonlyMap<string, readonly DataFrame[]>> => {
  const datasource = { uid, type: 'prometheus' };
  const answer = await firstValueFrom(
    getBackendSrv().fetch<BackendDataSourceResponse>({
      ...{ url: '/api/ds/query', method: 'POST', showErrorAlert: false, abortSignal: signal },
      data: {
        ...{ from: String(from), to: String(to) },
        queries: Object.entries(queries).map(([refId, expr]) => ({
          ...{ refId, datasource, expr, instant: !range, range, format: 'time_series' },
          ...{ maxDataPoints: MAX_POINTS, intervalMs: Math.max(1000, Math.round((to - from) / MAX_POINTS)) },
        })),
      },
    }),
  );
  const { data, errors = [] }: DataQueryResponse = toDataQueryResponse(answer);
  const [failed] = errors;
  if (failed !== undefined) throw new Error(failed.message ?? 'Prometheus refused the query');
  const byName = new Map<string, DataFrame[]>(Object.keys(queries).map((name) => [name, []]));
  for (const frame of data as DataFrame[]) byName.get(frame.refId ?? '')?.push(frame);
  return byName;
};

/** One series of a frame: its labels, times (ms since the epoch) and values; what is no number is left out. */
export type Series = {
  readonly labels: Readonly<Record<string, string>>;
  readonly times: readonly number[];
  readonly values: readonly number[];
};

export const seriesOf = (frames: readonly DataFrame[]): readonly Series[] =>
  frames.flatMap((frame) => {
    const times = frame.fields.find(({ type }) => type === FieldType.time)?.values ?? [];
    return frame.fields
      .filter(({ type }) => type === FieldType.number)
      .map(({ labels = {}, values }): Series => {
        const known = [...values.keys()].filter((i) => Number.isFinite(values[i]));
        return { labels, times: known.map((i) => Number(times[i])), values: known.map((i) => Number(values[i])) };
      });
  });

/** The last value of each series. */
export type Latest = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

export const latestOf = (frames: readonly DataFrame[]): readonly Latest[] =>
  seriesOf(frames).flatMap(({ labels, values }) => {
    const value = values.at(-1);
    return value === undefined ? [] : [{ labels, value }];
  });
