import type { Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';

/** Every panel asks the data source that the dashboard's variable names. */
export const datasource = { type: 'prometheus', uid: '${datasource}' } as const;

/** What a panel asks, by refId: names stay when queries are added or moved. */
export type Targets = Readonly<Record<string, Query>>;

export type Query = {
  readonly expr: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
  readonly format?: PromQueryFormat;
};

export const over = (expr: string, legendFormat = ''): Query => ({ expr, legendFormat });

export const now = (expr: string, legendFormat = ''): Query => ({ expr, legendFormat, instant: true });

export const rows = (expr: string): Query => ({ expr, instant: true, format: PromQueryFormat.Table });

export const buckets = (expr: string): Query => ({
  expr,
  ...{ legendFormat: '{{le}}', format: PromQueryFormat.Heatmap },
});

const targetOf = (refId: string, { expr, legendFormat = '', instant = false, format }: Query): object => ({
  ...{ refId, datasource, expr, legendFormat, instant, range: !instant },
  format: format ?? PromQueryFormat.TimeSeries,
});

export const targetsOf = (targets: Targets): Dataquery[] =>
  Object.entries(targets).map(([refId, query]) => targetOf(refId, query) as Dataquery);
