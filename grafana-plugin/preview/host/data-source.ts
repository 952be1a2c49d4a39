import {
  type DataQueryRequest,
  type DataQueryResponse,
  DataSourceApi,
  type DataSourceInstanceSettings,
  type MetricFindValue,
  type PluginType,
  type ScopedVars,
} from '@grafana/data';
import {
  type BackendDataSourceResponse,
  type DataSourceSrv,
  getTemplateSrv,
  toDataQueryResponse,
} from '@grafana/runtime';
import type { DataQuery } from '@grafana/schema';
import { from, map, type Observable } from 'rxjs';
import { backendSrv } from './backend';

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
    return backendSrv
      .fetch<BackendDataSourceResponse>({ url: '/api/ds/query', method: 'POST', data })
      .pipe(map((answer) => toDataQueryResponse(answer, queries)));
  }

  /** `label_values(METRIC, LABEL)`, as variables ask. */
  override async metricFindQuery(
    query: string | { readonly query: string },
    options?: { readonly scopedVars?: ScopedVars },
  ): Promise<MetricFindValue[]> {
    const text = interpolate(typeof query === 'string' ? query : query.query, options?.scopedVars ?? {});
    const found = /^label_values\((?:(.+),\s*)?(\w+)\)$/.exec(text);
    if (found === null) throw new Error(`the preview knows label_values(METRIC, LABEL) only, not ${text}`);
    const [, metric, label = ''] = found;
    const params = metric === undefined ? undefined : { 'match[]': metric };
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

/** Several values become a regular expression, as in Grafana's. */
const interpolate = (text: string, scopedVars: ScopedVars): string =>
  getTemplateSrv().replace(text, scopedVars, (value: string | string[]) =>
    Array.isArray(value) ? `(${value.map(escape).join('|')})` : value,
  );

const escape = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\\\$&');

const prometheus = new Prometheus();

export const dataSourceSettings = { [settings.name]: settings };

export const dataSourceSrv: DataSourceSrv = {
  get: () => Promise.resolve(prometheus as unknown as DataSourceApi),
  getList: () => [settings],
  getInstanceSettings: () => settings,
  reload: () => Promise.resolve(),
  registerRuntimeDataSource: () => undefined,
};
