import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { latencyTargets } from '@submilli/catalogue';
import { panelOf, type Spec } from './panels';

/** The app's own panels. Their options are those of grafana-plugin/src/panels. */
export const healthScores = (spec: Spec, options: { readonly show: 'gauges' | 'gauges-and-components' }): Panel =>
  panelOf('submilli-healthscore-panel', spec, { ...options, most: 6, compare: true });

/** As the panel reads it: "P99: 2.5 ms". Rounded, for 0.0003 seconds are 0.3 ms and not 0.29999999999999999. */
const targets = latencyTargets
  .map(({ quantile, seconds }) => `P${percent(quantile)}: ${Number((seconds * 1000).toPrecision(6))} ms`)
  .join(', ');

function percent(quantile: number): number {
  return Number((quantile * 100).toPrecision(6));
}

const distribution = (spec: Spec, view: 'heatmap' | 'targets', promised: string): Panel =>
  panelOf('submilli-latencydistribution-panel', spec, {
    ...{ view, targets: promised, unit: 's' },
    quantiles: latencyTargets.map(({ quantile }) => percent(quantile)),
  });

/** Each promised quantile against what was measured. */
export const latencyTargetsTable = (spec: Spec): Panel => distribution(spec, 'targets', targets);

/** From buckets: where most values are, and what the tail does, which no average shows; with P50, P99 and their promises. */
export const latencyHeatmap = (spec: Spec): Panel => distribution(spec, 'heatmap', targets);

/** Of times for which nothing was promised. */
export const plainHeatmap = (spec: Spec): Panel => distribution(spec, 'heatmap', '');

export type AdviceOptions = {
  readonly exporters: readonly ('database' | 'pool' | 'query' | 'ha')[];
  readonly target: string;
  readonly most: number;
};

export const recommendations = (spec: Spec, options: AdviceOptions): Panel =>
  panelOf('submilli-recommendations-panel', spec, { severity: 'info', state: 'open', dense: true, ...options });

/** Grafana's list of alerts; it asks Grafana, not a data source, and its query says whether there is any. */
export const alertList = (spec: Spec): Panel =>
  panelOf('alertlist', spec, {
    ...{ viewMode: 'list', groupMode: 'default', groupBy: [], maxItems: 20, sortOrder: 3, dashboardAlerts: false },
    ...{ alertName: '', alertInstanceLabelFilter: '', datasource: '', showInstances: false },
    stateFilter: { firing: true, pending: true, noData: true, normal: false, error: true },
  });
