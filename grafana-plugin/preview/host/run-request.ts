import {
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  LoadingState,
  type PanelData,
  toDataFrame,
} from '@grafana/data';
import { catchError, from, map, type Observable, of, startWith } from 'rxjs';

type Ask = (request: DataQueryRequest) => Observable<DataQueryResponse> | Promise<DataQueryResponse>;

/** Asks a data source, and tells first that it is under way. */
export const runRequest = (
  source: DataSourceApi,
  request: DataQueryRequest,
  queryFunction?: unknown,
): Observable<PanelData> => {
  const ask = (queryFunction as Ask | undefined) ?? ((one: DataQueryRequest) => source.query(one));
  const empty: PanelData = { state: LoadingState.Loading, series: [], timeRange: request.range, request };
  return from(ask(request)).pipe(
    map(({ data, state, error, errors }): PanelData => {
      const wrong = error ?? errors?.[0];
      return {
        ...{ ...empty, series: data.map((frame: DataFrame) => toDataFrame(frame)) },
        state: wrong === undefined ? (state ?? LoadingState.Done) : LoadingState.Error,
        ...(wrong === undefined ? {} : { error: wrong, errors: [wrong] }),
      };
    }),
    catchError((error: unknown) => {
      const message = (error as { data?: { message?: string } }).data?.message ?? String(error);
      return of({ ...empty, state: LoadingState.Error, error: { message }, errors: [{ message }] });
    }),
    startWith(empty),
  );
};
