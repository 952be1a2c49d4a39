import { stringify } from 'yaml';
import { type Alert, type Group, isAlert, type Level, severities } from './define';
import type { RulesFile } from './groups';
import { site } from './site';

/** Variables of the dashboards, by the label of an alert that fills them in. */
const variables = ['cluster', 'target', 'instance', 'database'] as const;

const query = (labels: readonly string[], extra = ''): string => {
  const filled = variables
    .filter((name) => labels.includes(name))
    .map((name) => `var-${name}={{ $labels.${name} | urlquery }}`);
  const all = [...filled, ...(extra === '' ? [] : [extra])];
  return all.length === 0 ? '' : `?${all.join('&')}`;
};

/** What a notification says and where it leads, in Prometheus' template language. */
export const annotationsOf = (alert: Alert, { description }: Level): Readonly<Record<string, string>> => ({
  summary: alert.summary,
  description,
  runbook_url: `${site.runbooks}/${alert.name}.md`,
  dashboard_url: `${site.grafana}/d/${alert.dashboard}${query(alert.by)}`,
  ...(alert.advice === undefined
    ? {}
    : {
        advice_url: `${site.grafana}/a/submilli-postgresql-app/advice${query(alert.by, alert.advice === '' ? '' : `text=${alert.advice}`)}`,
      }),
});

export const labelsOf = (alert: Alert, level: Level): Readonly<Record<string, string>> => ({
  severity: level.severity,
  component: alert.component,
  ...level.labels,
});

/**
 * The gravest first: Prometheus sends alerts as it evaluates them, and Alertmanager tells at once of what has fired for
 * longer than it would have waited (sent again after a restart of either), unless it has heard already of what spares it.
 */
const gravestFirst = (levels: readonly Level[]): readonly Level[] =>
  severities.flatMap((severity) => levels.filter((level) => level.severity === severity));

const alertRules = (alert: Alert) =>
  gravestFirst(alert.levels).map((level) => ({
    alert: alert.name,
    expr: level.expr,
    ...(level.for === '0m' ? {} : { for: level.for }),
    ...(level.keepFiringFor === undefined ? {} : { keep_firing_for: level.keepFiringFor }),
    labels: labelsOf(alert, level),
    annotations: annotationsOf(alert, level),
  }));

const groupOf = ({ name, interval, rules }: Group) => ({
  name,
  ...(interval === undefined ? {} : { interval }),
  rules: rules.flatMap((rule): readonly object[] => (isAlert(rule) ? alertRules(rule) : [rule])),
});

/** A file for Prometheus' `rule_files`. */
export const rulesYaml = ({ about, groups }: RulesFile): string =>
  `# ${about}\n# Generated from alert-rules/src by \`npm run generate\`. Change it there: the thresholds stand in catalogue/src/thresholds.ts.\n${stringify({ groups: groups.map(groupOf) }, { lineWidth: 0, singleQuote: true })}`;
