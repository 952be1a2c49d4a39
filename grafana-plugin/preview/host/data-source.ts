import {
  type AnnotationQuery,
  type AnnotationSupport,
  type DataQueryRequest,
  type DataFrame,
  type DataQueryResponse,
  DataSourceApi,
  type DataSourceInstanceSettings,
  type MetricFindValue,
  type PluginType,
  type ScopedVars,
  type TimeRange,
} from '@grafana/data';
import {
  type BackendDataSourceResponse,
  type DataSourceSrv,
  getTemplateSrv,
  toDataQueryResponse,
} from '@grafana/runtime';
import type { DataQuery } from '@grafana/schema';
import { from, map, type Observable, of } from 'rxjs';
import { type Marks, eventsOf } from './annotations';
import { backendSrv } from './backend';
import { inFormats } from './formats';

type PromQuery = DataQuery & {
  readonly expr: string;
  readonly range?: boolean;
  readonly instant?: boolean;
  readonly legendFormat?: string;
  readonly format?: string;
};

const UID = 'prometheus';

const settings: DataSourceInstanceSettings = {
  ...{
    id: 1,
    uid: UID,
    type: 'prometheus',
    name: 'Prometheus',
    access: 'proxy',
    isDefault: true,
    readOnly: true,
    jsonData: {},
  },
  meta: {
    ...{
      id: 'prometheus',
      name: 'Prometheus',
      type: 'datasource' as PluginType,
      module: '',
      baseUrl: '',
      metrics: true,
    },
    info: {
      author: { name: '' },
      description: '',
      links: [],
      screenshots: [],
      updated: '',
      version: '',
      logos: { small: '', large: '' },
    },
  },
};

/** Stands in for Grafana's Prometheus data source: what goes through it, Prometheus really answers. */
class Prometheus extends DataSourceApi<PromQuery> {
  constructor() {
    super(settings);
  }

  query(request: DataQueryRequest<PromQuery>): Observable<DataQueryResponse> {
    const { targets, range, intervalMs, maxDataPoints, scopedVars } = request;
    const queries = targets
      .filter(({ hide, expr }) => hide !== true && expr !== '')
      .map((target) => ({
        ...{ ...target, datasource: { uid: UID }, intervalMs, maxDataPoints },
        ...{ expr: interpolate(target.expr, scopedVars), range: target.range ?? target.instant !== true },
      }));
    const data = { from: String(range.from.valueOf()), to: String(range.to.valueOf()), queries };
    if (queries.length === 0) return from([{ data: [] }]);
    return backendSrv.fetch<BackendDataSourceResponse>({ url: '/api/ds/query', method: 'POST', data }).pipe(
      map((answer) => toDataQueryResponse(answer, queries)),
      map((answer) => ({ ...answer, data: inFormats(answer.data as DataFrame[], queries) })),
    );
  }

  /** Queries that mark a time, as dashboards have them. */
  override annotations: AnnotationSupport<PromQuery, AnnotationQuery<PromQuery> & Marks> = {
    prepareQuery: ({ expr, step = '' }) => ({ refId: 'Anno', expr, range: true, interval: step }),
    processEvents: (annotation, frames) => of(eventsOf(annotation, frames)),
  };

  /** `label_values(SERIES, LABEL)`, as variables ask: of the time that is shown. */
  override async metricFindQuery(
    query: string | { readonly query: string },
    options?: { readonly scopedVars?: ScopedVars; readonly range?: TimeRange },
  ): Promise<MetricFindValue[]> {
    const text = interpolate(typeof query === 'string' ? query : query.query, options?.scopedVars ?? {});
    const found = /^label_values\((?:(.+),\s*)?(\w+)\)$/.exec(text);
    if (found === null) throw new Error(`the preview knows label_values(METRIC, LABEL) only, not ${text}`);
    const [, metric, label = ''] = found;
    const { from: start, to: end } = options?.range ?? {};
    const params = {
      ...(metric === undefined ? {} : { 'match[]': metric }),
      ...(start === undefined || end === undefined ? {} : { start: start.unix(), end: end.unix() }),
    };
    const url = `/api/datasources/uid/${UID}/resources/api/v1/label/${label}/values`;
    const { data } = await backendSrv.get<{ data: string[] }>(url, params);
    return data.map((value) => ({ text: value }));
  }

  testDatasource() {
    return Promise.resolve({ status: 'success', message: '' });
  }

  override interpolateVariablesInQueries(queries: PromQuery[], scopedVars: ScopedVars): PromQuery[] {
    return queries.map((query) => ({ ...query, expr: interpolate(query.expr, scopedVars) }));
  }
}

/** What can have several values is part of a regular expression, as in Grafana's. */
const interpolate = (text: string, scopedVars: ScopedVars): string =>
  getTemplateSrv().replace(text, scopedVars, (value: string | string[], { multi = false }: { multi?: boolean }) => {
    if (Array.isArray(value)) return `(${value.map(escape).join('|')})`;
    return multi ? escape(value) : value;
  });

const escape = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\\\$&');

/** Grafana's own store, of annotations that people and deployments make: the preview keeps none. */
class Grafana extends DataSourceApi {
  query(): Observable<DataQueryResponse> {
    return of({ data: [] });
  }

  testDatasource() {
    return Promise.resolve({ status: 'success', message: '' });
  }
}

const prometheus = new Prometheus();
const grafana = new Grafana({ ...settings, uid: '-- Grafana --', type: 'grafana', name: '-- Grafana --' });

const isGrafana = (ref: Parameters<DataSourceSrv['get']>[0]): boolean =>
  (typeof ref === 'string' ? ref : ref?.uid) === grafana.uid;

export const dataSourceSettings = { [settings.name]: settings };

export const dataSourceSrv: DataSourceSrv = {
  get: (ref) => Promise.resolve(isGrafana(ref) ? (grafana as DataSourceApi) : (prometheus as unknown as DataSourceApi)),
  getList: () => [settings],
  getInstanceSettings: () => settings,
  reload: () => Promise.resolve(),
  registerRuntimeDataSource: () => undefined,
};
