import { adviceMetrics, type AnyExporter, type Metric, selfMetrics } from '@submilli/core';
import { partsOf } from './metrics-page';

/** What Prometheus adds to a series, or a histogram and a summary have besides their declared labels. */
const more: Partial<Record<Metric['type'], readonly string[]>> = { histogram: ['le'], summary: ['quantile'] };

/**
 * The metrics that dashboards and rules may build on, as TypeScript: names, types and labels. Those of other exporters'
 * views are left out, since they are there only where somebody has asked for them.
 */
export const catalogueModule = (exporters: readonly AnyExporter[]): string => {
  const declared = exporters
    .flatMap(({ registry }) => partsOf(registry))
    .flatMap(({ metrics }) => Object.values(metrics));
  const own = [...declared, ...Object.values(selfMetrics), ...Object.values(adviceMetrics)].filter(
    ({ view }) => view === null,
  );
  const byName = new Map(own.map((metric) => [metric.name, metric]));
  const lines = [...byName.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, labels }) => {
      const all = [...labels, ...(more[type] ?? [])].map((label) => `'${label}'`).join(', ');
      return `  ${name}: { type: '${type}', labels: [${all}] },`;
    });
  return [
    '// Generated from the declarations in the code by `npm run docs`; a test keeps it current.',
    "export type MetricType = 'gauge' | 'counter' | 'summary' | 'histogram' | 'untyped';",
    '',
    '/** Every metric by its name, with the labels it carries by itself. */',
    'export const metrics = {',
    ...lines,
    '} as const satisfies Readonly<Record<string, { readonly type: MetricType; readonly labels: readonly string[] }>>;',
    '',
    'export type MetricName = keyof typeof metrics;',
    '',
  ].join('\n');
};
