import type { Rule as ApiRule } from '@grafana/grafana-foundation-sdk/alerting';
import type { TypeMath, TypeThreshold } from '@grafana/grafana-foundation-sdk/expr';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import { type Alert, type Group, isAlert, type Level } from '../define';
import { annotationsOf, labelsOf } from '../rules-file';
import { type PanelLink, panelOf } from './panels';

/** The uid of the Prometheus that scrapes the exporters. */
export const DATA_SOURCE = 'prometheus';
/** Not the dashboards' folder: that is another provisioner's. */
const FOLDER = 'Submilli alerts';
/** Where a group of Prometheus says nothing. Grafana wants a multiple of 10 seconds. */
const INTERVAL = '30s';

type Model<T> = Omit<T, '_implementsDataqueryVariant'>;

export type Query = {
  readonly refId: string;
  readonly datasourceUid: string;
  readonly relativeTimeRange?: { readonly from: number; readonly to: number };
  readonly model: Model<Dataquery> | Model<TypeMath> | Model<TypeThreshold>;
};

type Common = 'title' | 'condition' | 'for' | 'noDataState' | 'execErrState' | 'annotations' | 'labels' | 'isPaused';

/** As in a file of Grafana's: it names some fields otherwise than its API does. */
export type GrafanaRule = Pick<ApiRule, Common> &
  Partial<PanelLink> & {
    readonly uid: string;
    readonly keepFiringFor?: string;
    readonly missing_series_evals_to_resolve: number;
    readonly data: readonly Query[];
  };

export type GrafanaGroup = {
  readonly orgId: number;
  readonly name: string;
  readonly folder: string;
  readonly interval: string;
  readonly rules: readonly GrafanaRule[];
};

/** At most 40 characters, and the same for ever: silences, links and the history of a rule hang on it. */
export const uidOf = ({ name }: Alert, { severity, labels }: Level): string =>
  [name, severity.slice(0, 4), ...(labels?.window === undefined ? [] : [labels.window])].join('-');

const expression = { type: '__expr__', uid: '__expr__' } as const;

/**
 * Whatever the expression finds fires, as in Prometheus: 0 and not-a-number as well. So does Grafana's own importer of
 * Prometheus' rules ask.
 */
const queriesOf = (expr: string): readonly Query[] => [
  {
    refId: 'A',
    datasourceUid: DATA_SOURCE,
    relativeTimeRange: { from: 600, to: 0 },
    model: {
      ...{ refId: 'A', datasource: { type: 'prometheus', uid: DATA_SOURCE } },
      ...{ expr, instant: true, range: false },
    },
  },
  {
    refId: 'B',
    datasourceUid: expression.uid,
    model: {
      ...{ refId: 'B', datasource: expression, type: 'math' },
      expression: 'is_number($A) || is_nan($A) || is_inf($A)',
    },
  },
  {
    refId: 'C',
    datasourceUid: expression.uid,
    model: {
      ...{ refId: 'C', datasource: expression, type: 'threshold', expression: 'B' },
      conditions: [{ evaluator: { type: 'gt', params: [0] } }],
    },
  },
];

/** In Grafana `$value` is a sentence about all queries; the number is that of one of them. */
export const inGrafana = (template: string): string => template.replaceAll('$value', '$values.A.Value');

/**
 * What a rule says while Prometheus can't be asked: one speaks for all, after its `for`; the watchdog falls silent, for
 * that is how it speaks; the others stay as they are.
 */
const unasked: Readonly<Record<string, ApiRule['execErrState']>> = { SubmilliAbsent: 'Alerting', Watchdog: 'OK' };

const ruleOf = (alert: Alert, level: Level): GrafanaRule => ({
  uid: uidOf(alert, level),
  title: alert.name,
  condition: 'C',
  data: queriesOf(level.expr),
  ...panelOf(alert.dashboard, level.expr),
  // Nothing found is nothing wrong.
  noDataState: 'OK',
  execErrState: unasked[alert.name] ?? 'KeepLast',
  for: level.for,
  ...(level.keepFiringFor === undefined ? {} : { keepFiringFor: level.keepFiringFor }),
  // As Prometheus: what is not found any more is over.
  missing_series_evals_to_resolve: 1,
  annotations: Object.fromEntries(
    Object.entries(annotationsOf(alert, level)).map(([name, text]) => [name, inGrafana(text)]),
  ),
  labels: { ...labelsOf(alert, level) },
  isPaused: false,
});

/** The alerts of a group; what it records remains Prometheus'. Undefined: it has none. */
export const groupOf = ({ name, interval = INTERVAL, rules }: Group): GrafanaGroup | undefined => {
  const alerts = rules.filter(isAlert);
  if (alerts.length === 0) return undefined;
  return {
    ...{ orgId: 1, name, folder: FOLDER, interval },
    rules: alerts.flatMap((alert) => alert.levels.map((level) => ruleOf(alert, level))),
  };
};
