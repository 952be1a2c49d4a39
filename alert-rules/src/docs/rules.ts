/** What dashboards/test/lint.ts refuses, by the name of the rule. */
export const dashboardRules: Readonly<Record<string, string>> = {
  description: 'a panel that does not say in a sentence what it shows',
  unit: 'a panel without a unit',
  emptyState: 'a panel that does not say what it means when there is no value',
  targets: 'a panel that asks nothing, or two queries of one name',
  datasource: 'a panel, query or variable that asks another data source than the dashboard’s variable names',
  variables: 'a variable that is not several and all, or is not asked again when the time changes',
  anywhere: 'an expression that names a cluster, server, instance or job',
  chosen: 'a series that the chosen cluster does not restrict',
  undefinedVariables: 'a variable that is not there',
  intervals: '`rate` and `increase` over another window than `$__rate_interval` or `$__range`',
  promql: 'what is no PromQL; an unknown metric or label; a counter without a rate, a rate of no counter',
  impossible: 'a join or an aggregation by a label that is not there any more',
  legends: 'a legend or a column of a label that the expression does not keep',
  unique: 'two panels of one title or id',
  grid: 'panels over each other, or off the grid',
  links: 'a link that leads nowhere, or forgets time and variables',
  settled: 'what can be edited in Grafana, or changes by itself',
};

export const leftOutOfDashboardLinter: Readonly<Record<string, string>> = {
  'template-job-rule, target-job-rule':
    'a job is what Prometheus’ configuration calls it; series are chosen by cluster',
  'template-instance-rule, target-instance-rule':
    'a server is called `target`, wherever its exporter runs; the pool and the observer have their `instance`',
  'template-datasource-rule (its name)':
    'ours is called `datasource` and is the first; the rule is otherwise `datasource`',
  'target-logql-rule, target-logql-auto-rule': 'there are no logs on these dashboards',
};

/** What alert-rules/test/lint.ts refuses. */
export const ruleChecks: Readonly<Record<string, string>> = {
  'alerts/comparison': 'an alert that fires for whatever there is',
  'alerts/absent': '`absent()` that fires whenever Prometheus starts',
  'alerts/template':
    'a text that names a label which the expression does not keep, a value in a label, a fraction that nobody can read',
  'alerts/annotation': 'an alert without summary, description, runbook or dashboard',
  'alerts/for': 'what is no duration; a warning at the first glance',
  'labels/conflict': 'a label of the rule that hides one of the series',
  'rule/label': 'an unknown severity or component; other labels than the alert says it keeps; no cluster',
  'rule/name': 'a name that is not of several words',
  'promql/rate': 'a window of less than four scrapes',
  'promql/range_query': 'a window longer than Prometheus remembers',
  'promql/regexp': 'a pattern that is none, an anchor',
  'promql/fragile': '`topk` and its like, which pick other series each time',
  'promql/impossible': 'a join or an aggregation by a label that is not there any more',
};

export const leftOutOfPint: Readonly<Record<string, string>> = {
  'promql/syntax, yaml/parse': 'promtool reads every file',
  'promql/counter, promql/series, rule/dependency':
    'the catalogue knows every metric, its type and its labels; a recorded series must be recorded',
  'promql/vector_matching, promql/nan': 'the proofs show that each alert fires, and is silent for what is not a number',
  'promql/aggregate': '`rule/label` compares all labels that are kept',
  'alerts/count, query/cost': 'need a server’s history; on the live stack nothing fires that asks for somebody',
  'alerts/external_labels': 'the rules use none',
  'rule/duplicate, group/interval': 'tests of names and groups; a repeated expression is a level of one alert',
  'rule/for, rule/reject, rule/report, rule/owner, rule/link':
    'are what a house configures: bounds on `for` are in `alerts/for`; links lead to pages of this repository',
  'promql/selector, promql/offset, promql/performance': 'nothing here to refuse',
};
