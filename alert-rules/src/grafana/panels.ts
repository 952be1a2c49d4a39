import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dashboard } from '../define';

/** Where Grafana shows the state of a rule, and takes its picture. */
export type PanelLink = { readonly dashboardUid: string; readonly panelId: number };

type Panel = {
  readonly id: number;
  readonly type: string;
  readonly targets?: readonly { readonly expr?: string }[];
};

const folder = join(__dirname, '..', '..', '..', 'dashboards');

/** Of the dashboard as it is committed, and as Grafana reads it. */
const panelsOf = (dashboard: Dashboard): readonly Panel[] =>
  (JSON.parse(readFileSync(join(folder, `${dashboard}.json`), 'utf8')) as { panels: readonly Panel[] }).panels;

/** Metrics of the exporters in an expression, in its order; a recorded series is named after the one it is made of. */
export const metricsIn = (expr: string): readonly string[] => [
  ...new Set([...expr.matchAll(/\bdb_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''))),
];

/** The first panel that shows what the expression begins with, over time if there is one. */
export const panelOf = (dashboard: Dashboard, expr: string): PanelLink | undefined => {
  const [subject = ''] = metricsIn(expr);
  const showing = panelsOf(dashboard).filter(({ targets = [] }) =>
    targets.some(({ expr: asked = '' }) => metricsIn(asked).includes(subject)),
  );
  const found = showing.find(({ type }) => type === 'timeseries') ?? showing[0];
  return found === undefined ? undefined : { dashboardUid: dashboard, panelId: found.id };
};
