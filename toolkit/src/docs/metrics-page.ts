import {
  adviceMetrics,
  type AnyExporter,
  type Metric,
  type NamedRun,
  type Needs,
  selfMetrics,
  type View,
  views,
} from '@submilli/core';

export type Part = {
  readonly kind: NamedRun['kind'] | 'report';
  readonly every?: number;
  readonly name: string;
  readonly source: string;
  readonly needs?: Needs;
  readonly metrics: Readonly<Record<string, Metric>>;
};

/** Every metric of the exporters as a page, from the declarations that also publish them. Stable for the same input. */
export const metricsPage = (exporters: readonly AnyExporter[]): string =>
  [
    '# Metrics',
    '',
    'Generated from the declarations in the code by `npm run docs`; a test keeps it current.',
    '',
    'Names marked *promised* are kept for existing users and can be switched off with `legacy_metrics: false`.',
    'PostgreSQL 14 to 18 and PgBouncer 1.17 to 1.25, primaries and standbys, unless a part says otherwise. A value that',
    'could not be read is absent, never zero. Names of other exporters come with `compatibility` only, and',
    '[compatibility.md](compatibility.md) says what differs there.',
    '',
    'What reading costs, by class; the measured cost of each part is in `db_exporter_database_seconds_total`:',
    '',
    '- **scrape**: one statement over shared memory or a small catalog at each scrape.',
    '- **interval**: the same, but not at each scrape; the last result stands in and says its age.',
    '- **beat**: one statement at a steady beat between scrapes, on one connection for all of them.',
    '- **survey**: one statement per database, one database after the other, in the background.',
    '- **probe**: opt-in; a connection of its own at each of its beats.',
    '- **derived**: no statement; computed from what the others read.',
    '',
    ...exporters.flatMap(exporterSection),
    '## Every exporter, about itself',
    '',
    ...metricTable([...Object.values(selfMetrics), ...Object.values(adviceMetrics)]),
    '',
    'Beside these, `process_*` and `nodejs_*` describe the exporter’s own process.',
    '',
  ].join('\n');

/** Everything of an exporter that publishes metrics. */
export const partsOf = (registry: AnyExporter['registry']): readonly Part[] => [
  ...registry.collectors,
  ...registry.samplers,
  ...registry.surveys,
  ...(registry.probes ?? []),
  ...registry.derived,
  ...(registry.reports ?? []),
];

const exporterSection = ({ title, name, registry }: AnyExporter): string[] => {
  const parts = partsOf(registry);
  const ofView = (view: View | undefined): string[] =>
    parts.filter(({ needs }) => needs?.view === view).flatMap(partSection);
  return [
    `## ${title} (\`${name}\`)`,
    '',
    ...ofView(undefined),
    ...views.flatMap((view) => {
      const sections = ofView(view);
      return sections.length === 0 ? [] : [`## ${title}, with \`compatibility: [${view}]\``, '', ...sections];
    }),
  ];
};

const own = new Set<string>(Object.values(selfMetrics).map(({ name }) => name));

const partSection = ({ name, source, needs, metrics, kind, every = 0 }: Part): string[] => {
  const shown = Object.values(metrics).filter((metric) => !own.has(metric.name));
  if (shown.length === 0) return [];
  const need = needsText(needs);
  const line = `Reads ${source}.${need === '' ? '' : ` Needs ${need}.`} Cost: ${costOf(kind, every)}.`;
  return [`### ${name}`, '', line, '', ...metricTable(shown), ''];
};

const costOf = (kind: Part['kind'], every: number): string => {
  switch (kind) {
    case 'collector':
      return every === 0 ? 'scrape' : `interval, ${every} s`;
    case 'sampler':
      return 'beat';
    case 'survey':
    case 'probe':
    case 'derived':
      return kind;
    case 'report':
      return 'derived';
  }
};

const needsText = (needs: Needs = {}): string =>
  [
    needs.postgres?.min === undefined ? '' : `PostgreSQL ${needs.postgres.min} or newer`,
    needs.postgres?.max === undefined ? '' : `PostgreSQL ${needs.postgres.max} or older`,
    needs.pgbouncer === undefined ? '' : `PgBouncer ${needs.pgbouncer} or newer`,
    needs.role === undefined ? '' : `a ${needs.role}`,
    needs.extension === undefined ? '' : `the extension \`${needs.extension}\``,
    needs.privilege === undefined ? '' : `\`${needs.privilege}\``,
    needs.execute === undefined ? '' : `the right to call \`${needs.execute}\``,
  ]
    .filter((text) => text !== '')
    .join(', ');

const metricTable = (metrics: readonly Metric[]): string[] => [
  '| metric | type | labels | meaning |',
  '| --- | --- | --- | --- |',
  ...metrics.map(
    ({ name, type, labels, help, legacy }) =>
      `| \`${name}\`${legacy ? ' *promised*' : ''} | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${cell(help)} |`,
  ),
];

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
