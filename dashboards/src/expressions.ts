import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';

/** A question to Prometheus, and where it is asked. */
export type Expression = {
  readonly dashboard: string;
  readonly panel: string;
  readonly refId: string;
  readonly expr: string;
  readonly instant: boolean;
};

export const isRow = (one: Panel | RowPanel): one is RowPanel => one.type === 'row';

/** Those of closed rows, too. */
export const panelsOf = ({ panels = [] }: Dashboard): readonly Panel[] =>
  panels.flatMap((one) => (isRow(one) ? one.panels : [one]));

type Target = { readonly refId?: string; readonly expr?: string; readonly instant?: boolean };

export const expressionsOf = (dashboard: Dashboard): readonly Expression[] =>
  panelsOf(dashboard).flatMap(({ title = '', targets = [] }) =>
    (targets as unknown as readonly Target[]).map(({ refId = '', expr = '', instant = false }) => ({
      ...{ dashboard: dashboard.uid ?? '', panel: title, refId, expr, instant },
    })),
  );
