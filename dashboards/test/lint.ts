import {
  type Dashboard,
  DashboardLinkType,
  type Panel,
  type RowPanel,
  type VariableModel,
  VariableRefresh,
  VariableType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { hasLabel, inferLabels } from '../../catalogue/test/labels';
import { problemsOf as problemsOfPromql, selectorsOf, withoutMacros } from '../../catalogue/test/promql';
import { type Expression, expressionsOf, isRow, panelsOf } from '../src/expressions';

/** What is wrong with one dashboard. `others` are the uids that links may lead to. */
export type Rule = (dashboard: Dashboard, others: readonly string[]) => readonly string[];

type Ref = { readonly uid?: string; readonly type?: string };
const OURS = '${datasource}';

const twice = (values: readonly string[]): readonly string[] => values.filter((one, i) => values.indexOf(one) !== i);

const ofPanels =
  (check: (panel: Panel) => readonly string[]): Rule =>
  (dashboard) =>
    panelsOf(dashboard).flatMap((panel) => check(panel).map((problem) => `${panel.title}: ${problem}`));

const variablesOf = ({ templating: { list = [] } }: Dashboard): readonly VariableModel[] => list;

const queryOf = ({ query }: VariableModel): string =>
  typeof query === 'string' ? query : ((query as { readonly query?: string } | undefined)?.query ?? '');

/** The selector in `label_values(SELECTOR, LABEL)`; undefined: something else. */
const selectorIn = (variable: VariableModel): string | undefined =>
  /^label_values\((.+), \w+\)$/.exec(queryOf(variable))?.[1];

const annotationExpressions = ({ annotations: { list = [] } }: Dashboard): readonly string[] =>
  list.flatMap(({ expr }) => (expr === undefined ? [] : [expr]));

/** Of panels, annotations and variables. */
export const allExpressions = (dashboard: Dashboard): readonly { readonly at: string; readonly expr: string }[] => [
  ...expressionsOf(dashboard).map(({ panel, refId, expr }: Expression) => ({ at: `${panel} ${refId}`, expr })),
  ...annotationExpressions(dashboard).map((expr) => ({ at: 'annotation', expr })),
  ...variablesOf(dashboard).flatMap((variable) => {
    const expr = selectorIn(variable);
    return expr === undefined ? [] : [{ at: `variable ${variable.name}`, expr }];
  }),
];

const ofExpressions =
  (check: (expr: string) => readonly string[]): Rule =>
  (dashboard) =>
    allExpressions(dashboard).flatMap(({ at, expr }) => check(expr).map((problem) => `${at}: ${problem}`));

const description: Rule = ofPanels(({ description: text = '' }) =>
  /^\p{Lu}?.{20,}[.]$/su.test(text) ? [] : ['no description of a sentence'],
);

const unit: Rule = ofPanels(({ fieldConfig }) => (fieldConfig?.defaults.unit === undefined ? ['no unit'] : []));

const emptyState: Rule = ofPanels(({ fieldConfig }) =>
  (fieldConfig?.defaults.noValue ?? '') === '' ? ['does not say what it means when there is no value'] : [],
);

const targets: Rule = ofPanels(({ targets: all = [] }) => {
  const refs = (all as unknown as readonly { refId?: string }[]).map(({ refId = '' }) => refId);
  return [
    ...(refs.length === 0 ? ['asks nothing'] : []),
    ...twice(refs).map((ref) => `two queries are ${ref}`),
    ...refs.filter((ref) => !/^\w+$/.test(ref)).map((ref) => `no refId: “${ref}”`),
  ];
});

const datasource: Rule = (dashboard) => [
  ...panelsOf(dashboard).flatMap(({ title = '', datasource: own, targets: all = [] }) =>
    [own, ...(all as unknown as readonly { datasource?: Ref }[]).map((one) => one.datasource)]
      .filter((ref) => ref?.uid !== OURS || ref.type !== 'prometheus')
      .map(() => `${title}: does not ask the data source of the variable`),
  ),
  ...variablesOf(dashboard)
    .filter(({ type, datasource: ref }) => type === VariableType.Query && ref?.uid !== OURS)
    .map(({ name }) => `variable ${name}: does not ask the data source of the variable`),
  ...(variablesOf(dashboard)[0]?.type === VariableType.Datasource ? [] : ['the first variable is no data source']),
];

const variables: Rule = (dashboard) =>
  variablesOf(dashboard)
    .filter(({ type }) => type === VariableType.Query)
    .flatMap((variable) => {
      const { name, multi, includeAll, allValue, refresh } = variable;
      const whole = multi === true && includeAll === true && allValue === '.+';
      return [
        ...(whole ? [] : [`variable ${name}: not several and all`]),
        ...(refresh === VariableRefresh.OnTimeRangeChanged
          ? []
          : [`variable ${name}: not asked again when the time changes`]),
        ...(selectorIn(variable) === undefined ? [`variable ${name}: no label_values(SERIES, LABEL)`] : []),
      ];
    });

const FIXED = /\b(cluster|instance|job|target)\s*(=~?|!~|!=)\s*"(?!\$)/;
const anywhere: Rule = ofExpressions((expr) => {
  const [found] = FIXED.exec(expr) ?? [];
  return found === undefined ? [] : [`names one of the things that are chosen: ${found}`];
});

/** Whatever has a variable for it is restricted by it. */
const chosen: Rule = (dashboard) => {
  const has = variablesOf(dashboard).some(({ name }) => name === 'cluster');
  return expressionsOf(dashboard)
    .filter(({ expr }) => has && selectorsOf(withoutMacros(expr)).some(({ labels }) => !labels.includes('cluster')))
    .map(({ panel, refId }) => `${panel} ${refId}: a series without cluster=~"$cluster"`);
};

const undefinedVariables: Rule = (dashboard) => {
  const known = new Set([...variablesOf(dashboard).map(({ name }) => name), '__rate_interval', '__range']);
  return allExpressions(dashboard).flatMap(({ at, expr }) =>
    [...expr.matchAll(/\$\{?(\w+)/g)]
      .filter(([, name = '']) => !known.has(name))
      .map(([, name = '']) => `${at}: there is no variable ${name}`),
  );
};

const intervals: Rule = ofExpressions((expr) =>
  [...expr.matchAll(/\b(rate|irate|increase)\([^[\]]*\[([^\]]*)\]/g)]
    .filter(([, , range = '']) => !['$__rate_interval', '$__range'].includes(range))
    .map(([, name = '', range = '']) => `${name} over ${range}, not over $__rate_interval`),
);

/** Labels of ALERTS, which Prometheus makes itself. */
const OF_ALERTS = ['alertname', 'alertstate', 'severity'];
const promql: Rule = ofExpressions((expr) => problemsOfPromql(expr, undefined, OF_ALERTS));

const impossible: Rule = ofExpressions((expr) => inferLabels(withoutMacros(expr)).problems);

type Asked = { readonly refId?: string; readonly expr?: string; readonly legendFormat?: string };
const askedBy = ({ targets: all = [] }: Panel): readonly Asked[] => all as unknown as readonly Asked[];
const labelsOf = ({ expr = '' }: Asked) => inferLabels(withoutMacros(expr)).labels;

/** What tells lines and rows apart must be there. */
const legends: Rule = ofPanels((panel) => [
  ...askedBy(panel).flatMap((asked) =>
    [...(asked.legendFormat ?? '').matchAll(/\{\{\s*(\w+)\s*\}\}/g)]
      .filter(([, name = '']) => !hasLabel(labelsOf(asked), name))
      .map(([, name = '']) => `the legend of ${asked.refId} names ${name}, which the expression does not keep`),
  ),
  ...(panel.transformations ?? [])
    .filter(({ id }) => id === 'filterFieldsByName')
    .flatMap(({ options }) => (options as { readonly include: { readonly names: readonly string[] } }).include.names)
    .filter((name) => !/^(Value|Time)\b/.test(name) && !askedBy(panel).some((asked) => hasLabel(labelsOf(asked), name)))
    .map((name) => `no query has the column ${name}`),
]);

const unique: Rule = (dashboard) => {
  const all = [...(dashboard.panels ?? []).filter(isRow), ...panelsOf(dashboard)];
  return [
    ...twice(all.map(({ title = '' }) => title)).map((title) => `two panels are called ${title}`),
    ...twice(all.map(({ id }) => String(id))).map((id) => `two panels have the id ${id}`),
  ];
};

type Box = { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
const overlap = (a: Box, b: Box): boolean => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** Panels of a closed row lie over what follows it, until it is opened and moves that down. */
const grid: Rule = ({ panels = [] }) => [
  ...problemsOfGrid(panels),
  ...panels.filter(isRow).flatMap((row) => problemsOfGrid(row.panels)),
];

const problemsOfGrid = (panels: readonly (Panel | RowPanel)[]): readonly string[] => {
  const boxes = panels.map(({ title = '', gridPos }) => ({ title, box: { x: 0, y: 0, w: 0, h: 0, ...gridPos } }));
  return boxes.flatMap(({ title, box }, i) => [
    ...(box.w < 1 || box.h < 1 || box.x + box.w > 24 ? [`${title}: not on the grid`] : []),
    ...boxes
      .slice(i + 1)
      .filter((other) => overlap(box, other.box))
      .map((other) => `${title} lies over ${other.title}`),
  ]);
};

const PAGES = ['overview', 'health', 'latency', 'queries', 'advice', 'high-availability'];
const leadsSomewhere = (url: string, others: readonly string[]): boolean => {
  const [, kind, page = ''] = /^\/(d|a\/submilli-postgresql-app)\/([\w-]+)/.exec(url) ?? [];
  return kind === 'd' ? others.includes(page) : kind !== undefined && PAGES.includes(page);
};

const urlsIn = (value: unknown): readonly string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, one]) =>
        key === 'url' && typeof one === 'string' ? [one] : urlsIn(one as unknown),
      );

const links: Rule = (dashboard, others) => [
  ...urlsIn(dashboard)
    .filter((url) => !leadsSomewhere(url, others))
    .map((url) => `a link leads nowhere: ${url}`),
  ...((dashboard.links ?? []).some(
    ({ type, tags }) => type === DashboardLinkType.Dashboards && tags.includes('submilli'),
  )
    ? []
    : ['no link to the other dashboards']),
  ...(dashboard.links ?? [])
    .filter(({ keepTime, includeVars }) => !keepTime || !includeVars)
    .map(({ title }) => `the link ${title} forgets time or variables`),
];

const settled: Rule = (dashboard) => [
  ...(dashboard.editable === false ? [] : ['can be edited in Grafana, and would lose it']),
  ...['id', 'version', 'iteration'].filter((key) => key in dashboard).map((key) => `${key} changes by itself`),
];

export const rules: Readonly<Record<string, Rule>> = {
  ...{ description, unit, emptyState, targets, datasource, variables, anywhere, chosen, undefinedVariables },
  ...{ intervals, promql, impossible, legends, unique, grid, links, settled },
};
