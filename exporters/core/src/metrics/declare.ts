import { rowByRow } from './row-by-row';

/** Prometheus types we emit. Names and meaning: https://prometheus.io/docs/concepts/metric_types/ */
export type MetricType = 'gauge' | 'counter' | 'summary' | 'histogram' | 'untyped';

/** Other exporters whose names we can emit as well, so that their dashboards keep working (`compatibility`). */
export const views = ['postgres_exporter', 'pgbouncer_exporter', 'patroni'] as const;
export type View = (typeof views)[number];

/** One metric, declared once: registration, the metrics page and the typed names of dashboards come from here. */
export type Metric<L extends string = string, T extends MetricType = MetricType> = {
  readonly type: T;
  readonly name: string;
  readonly help: string;
  readonly labels: readonly L[];
  /** Kept for users of an older name; emitted only with `legacy_metrics: true`. */
  readonly legacy: boolean;
  /** How values of several gauges make one of the rest: sessions add up, of ages the highest counts; null: no way. */
  readonly fold: Fold | null;
  /** Whose name it is, if not ours; only parts that need the same view publish it. */
  readonly view: View | null;
};

export type Fold = 'sum' | 'max' | 'min';

export type Metrics = Readonly<Record<string, Metric>>;

/** `quantiles` maps q (0..1) to seconds; `sum` and `count` cover the same window. */
export type SummaryValue = {
  readonly quantiles: ReadonlyMap<number, number>;
  readonly sum: number;
  readonly count: number;
};

/** `buckets` maps the upper bound (`le`, ascending, +Inf left out) to the cumulative count. */
export type HistogramValue = {
  readonly buckets: ReadonlyMap<number, number>;
  readonly sum: number;
  readonly count: number;
};

/** One series of one metric. A `null` value means "we don't have it" and is left out, never shown as zero. */
export type Sample = {
  readonly metric: Metric;
  readonly labels: readonly string[];
  readonly value: number | null | SummaryValue | HistogramValue;
};

type ValueOf<T extends MetricType> = T extends 'summary'
  ? SummaryValue
  : T extends 'histogram'
    ? HistogramValue
    : number | null;

/** One typed function per declared metric: labels by name and a value in, a sample out. */
export type Emitters<M> = {
  readonly [K in keyof M]: M[K] extends Metric<infer L, infer T>
    ? (labels: Readonly<Record<L, string>>, value: ValueOf<T>) => Sample
    : never;
};

const declare =
  <T extends MetricType>(type: T) =>
  <const L extends string = never>(name: string, help: string, labels: readonly L[] = []): Metric<L, T> => ({
    type,
    name,
    help,
    labels,
    legacy: false,
    fold: null,
    view: null,
  });

export const gauge = declare('gauge');
export const counter = declare('counter');
export const summary = declare('summary');
export const histogram = declare('histogram');
export const untyped = declare('untyped');

/** Marks a metric as one of the names promised to existing users (see `legacy_metrics`). */
export const legacy = <L extends string, T extends MetricType>(metric: Metric<L, T>): Metric<L, T> => ({
  ...metric,
  legacy: true,
});

/** Says how a gauge of what is not shown by itself is made (see `Metric.fold`). Counters always add up. */
export const folded = <L extends string>(fold: Fold, metric: Metric<L, 'gauge'>): Metric<L, 'gauge'> => ({
  ...metric,
  fold,
});

/** Marks a metric as another exporter's: its name, labels and type are theirs, not by our rules. */
export const compat = <L extends string, T extends MetricType>(view: View, metric: Metric<L, T>): Metric<L, T> => ({
  ...metric,
  view,
});

/** The emitters of a table of metrics. */
export const emittersOf = <M extends Metrics>(metrics: M): Emitters<M> => {
  const valuesOf = rowByRow((names: readonly string[], labels: Readonly<Record<string, string>>) =>
    names.map((label) => labels[label] ?? ''),
  );
  const entries = Object.entries(metrics).map(([key, metric]) => {
    const emit = (labels: Readonly<Record<string, string>>, value: Sample['value']): Sample => ({
      metric,
      labels: valuesOf(metric.labels, labels),
      value,
    });
    return [key, emit] as const;
  });
  return Object.fromEntries(entries) as unknown as Emitters<M>;
};
