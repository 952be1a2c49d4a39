import { hasLabel, inferLabels } from '../../catalogue/test/labels';
import { selectorsOf } from '../../catalogue/test/promql';
import { type Alert, components, type Level, severities } from '../src/define';
import { secondsOf } from '../src/durations';
import { recordings } from '../src/groups';
import { recordedLabels } from '../src/recording';
import { annotationsOf, labelsOf } from '../src/rules-file';

/** What is wrong with one level of an alert. The names are those of the same checks in cloudflare/pint. */
export type Check = (alert: Alert, level: Level) => readonly string[];

const recorded = new Map(recordings.map((rule) => [rule.record, recordedLabels(rule)] as const));

/** Prometheus scrapes once a minute where nothing is said. */
const SCRAPE_SECONDS = 60;
const RETENTION = '15d';

const comparison: Check = (_, { expr }) =>
  /[<>=!]=? ?-?[\d.]+|absent\(| unless |^vector\(/.test(expr.replaceAll(/\{[^}]*\}/g, ''))
    ? []
    : ['compares with nothing: whatever there is would fire'];

const absent: Check = (_, { expr, for: wait }) =>
  expr.includes('absent(') && secondsOf(wait) < 2 * SCRAPE_SECONDS
    ? ['absent() without a `for` of two scrapes: fires whenever Prometheus starts']
    : [];

const labelsUsed = (text: string): readonly string[] =>
  [...text.matchAll(/\$labels\.(\w+)/g)].map(([, name = '']) => name);

const templateLabels: Check = (alert, level) => {
  const { labels } = inferLabels(level.expr, recorded);
  const own = labelsOf(alert, level);
  return Object.entries(annotationsOf(alert, level)).flatMap(([where, text]) =>
    labelsUsed(text)
      .filter((name) => !hasLabel(labels, name) && !(name in own))
      .map((name) => `${where} names ${name}, which the expression does not keep`),
  );
};

const templateValues: Check = (alert, level) => [
  ...Object.entries(labelsOf(alert, level))
    .filter(([, text]) => text.includes('{{'))
    .map(([name]) => `the label ${name} is a template: with each value it would be another alert`),
  // Whole numbers may stand as they are: what is counted, or one of a few states.
  ...(level.description.includes('{{ $value }}') && /\b(rate|increase|deriv)\(|\//.test(level.expr)
    ? ['shows a fraction as it is: humanize it, or printf']
    : []),
];

const template: Check = (alert, level) => [...templateLabels(alert, level), ...templateValues(alert, level)];

const annotation: Check = (alert, level) => {
  const texts = annotationsOf(alert, level);
  return ['summary', 'description', 'runbook_url', 'dashboard_url']
    .filter((name) => (texts[name] ?? '') === '')
    .map((name) => `no ${name}`);
};

const DURATION = /^(\d+[smhd])+$/;
const wait: Check = (_, level) => [
  ...[level.for, level.keepFiringFor ?? '0m']
    .filter((text) => !DURATION.test(text))
    .map((text) => `${text} is no duration`),
  ...(secondsOf(level.for) === 0 && level.severity !== 'info' && !/\bincrease\(/.test(level.expr)
    ? ['fires at the first glance: give it a `for`, or let it look back']
    : []),
];

const conflict: Check = (alert, level) => {
  const { labels } = inferLabels(level.expr, recorded);
  return Object.keys(labelsOf(alert, level))
    .filter((name) => labels?.names.has(name) === true)
    .map((name) => `its label ${name} would hide that of the series`);
};

const label: Check = ({ component, by }, { severity, expr }) => {
  const { labels } = inferLabels(expr, recorded);
  const kept = [...(labels?.names ?? [])].toSorted().join(', ');
  const named = [...by].toSorted().join(', ');
  return [
    ...(severities.includes(severity) && components.includes(component) ? [] : ['unknown severity or component']),
    ...(kept === named ? [] : [`keeps ${kept || 'no label'}, and says ${named || 'none'}`]),
    ...(by.length === 0 || by[0] === 'cluster' ? [] : ['does not say of which cluster']),
  ];
};

const name: Check = ({ name: own }) =>
  /^(Watchdog|([A-Z][a-z]+){2,})$/.test(own) ? [] : [`${own} is not of several words, each with a capital`];

const windowsOf = (expr: string): readonly number[] =>
  selectorsOf(expr).flatMap(({ range }) => (range === undefined ? [] : [secondsOf(range)]));

const rate: Check = (_, { expr }) =>
  windowsOf(expr)
    .filter((seconds) => seconds < 4 * SCRAPE_SECONDS)
    .map((seconds) => `looks back ${seconds} s: two samples are not certain in less than four scrapes`);

const rangeQuery: Check = (_, { expr }) =>
  windowsOf(expr)
    .filter((seconds) => seconds > secondsOf(RETENTION))
    .map((seconds) => `looks back ${seconds} s: longer than Prometheus remembers`);

const matchersOf = (expr: string): readonly (readonly string[])[] =>
  [...expr.matchAll(/(\w+)\s*(=~|!~)\s*"([^"]*)"/g)].map(([, ...parts]) => parts);

const regexp: Check = (_, { expr }) =>
  matchersOf(expr).flatMap(([of = '', , pattern = '']) => [
    ...(/^[\w-]*$/.test(pattern) ? [`${of}: "${pattern}" is no pattern, = will do`] : []),
    ...(/^\^|\$$/.test(pattern) ? [`${of}: "${pattern}" is anchored anyway`] : []),
  ]);

const SAMPLING = /\b(topk|bottomk|limitk|limit_ratio)\b/;
const fragile: Check = (_, { expr }) =>
  SAMPLING.test(expr) ? ['picks other series each time: the alert would come and go'] : [];

const impossible: Check = (_, { expr }) => inferLabels(expr, recorded).problems;

export const checks: Readonly<Record<string, Check>> = {
  ...{ 'alerts/comparison': comparison, 'alerts/absent': absent, 'alerts/template': template },
  ...{ 'alerts/annotation': annotation, 'alerts/for': wait, 'labels/conflict': conflict },
  ...{ 'rule/label': label, 'rule/name': name, 'promql/rate': rate, 'promql/range_query': rangeQuery },
  ...{ 'promql/regexp': regexp, 'promql/fragile': fragile, 'promql/impossible': impossible },
};

export const problemsOfLevel = (alert: Alert, level: Level): readonly string[] =>
  Object.entries(checks).flatMap(([check, of]) => of(alert, level).map((problem) => `${check}: ${problem}`));
