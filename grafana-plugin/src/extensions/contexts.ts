import type { Hint } from './place';

// What Grafana tells at each of its extension points is not ours to rely on: it is looked at as it comes.

/** From and to, as they stand in a URL. */
export type Span = { readonly from: string; readonly to: string };
export type Told = { readonly hint: Hint; readonly span?: Span };

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): readonly string[] => (typeof value === 'string' && value !== '' ? [value] : []);

const labelsOf = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fields(value)).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );

/** A moment as somebody chose it: "now-1h", or an instant. */
const moment = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return text(value);
  const at: unknown = fields(value).valueOf();
  return typeof at === 'number' && Number.isFinite(at) ? [String(at)] : [];
};

const spanOf = (range: unknown): { readonly span?: Span } => {
  const [from] = moment(fields(range).from);
  const [to] = moment(fields(range).to);
  return from === undefined || to === undefined ? {} : { span: { from, to } };
};

/** A panel of a dashboard, or Explore: its queries, its time, and the labels of the series that it shows. */
export const ofPanel = (context: unknown): Told => {
  const { targets, data, timeRange } = fields(context);
  const series = list(fields(data).series).flatMap((frame) => list(fields(frame).fields));
  return {
    hint: {
      exprs: list(targets).flatMap((target) => text(fields(target).expr)),
      labels: series.map((field) => labelsOf(fields(field).labels)).filter((one) => Object.keys(one).length > 0),
    },
    ...spanOf(timeRange),
  };
};

/** An alerting rule. */
export const ofRule = (context: unknown): Told => {
  const { expression, labels } = fields(context);
  return { hint: { exprs: text(expression), labels: [labelsOf(labels)] } };
};

/** How long before an alert to begin: what led to it. */
const BEFORE_MS = 3600_000;

/** One alert of a rule: with the labels of what it fires for, and since when. */
export const ofAlert = (context: unknown): Told => {
  const { rule, instance } = fields(context);
  const { labels, activeAt } = fields(instance);
  const at = typeof activeAt === 'string' ? Date.parse(activeAt) : NaN;
  // Grafana writes the first of January of the year one for "never".
  const span = at > 0 ? { span: { from: String(at - BEFORE_MS), to: 'now' } } : {};
  return { hint: { exprs: text(fields(rule).query), labels: [labelsOf(labels)] }, ...span };
};
