/** A query as data sources get it, as far as Prometheus' own needs it. */
type Query = {
  readonly refId: string;
  readonly expr: string;
  readonly range?: boolean;
  readonly legendFormat?: string;
  readonly intervalMs?: number;
};

export type DsQuery = { readonly from: string; readonly to: string; readonly queries: readonly Query[] };

type Series = { readonly metric: Record<string, string>; readonly value?: Pair; readonly values?: readonly Pair[] };
type Pair = readonly [number, string];
type Answer = {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly Series[] };
};

const SCRAPE_SECONDS = 5;

/** `POST /api/ds/query`, answered by Prometheus' HTTP API as data frames: https://grafana.com/developers/dataplane */
export const answerQuery = async (prometheus: string, { from, to, queries }: DsQuery): Promise<object> => {
  const span = { from: Number(from) / 1000, to: Number(to) / 1000 };
  const results = await Promise.all(
    queries.map(async (query) => [query.refId, await one(prometheus, query, span)] as const),
  );
  return { results: Object.fromEntries(results) };
};

type Span = { readonly from: number; readonly to: number };

const one = async (prometheus: string, query: Query, { from, to }: Span): Promise<object> => {
  const step = Math.max(
    SCRAPE_SECONDS,
    Math.round((query.intervalMs ?? 15_000) / 1000),
    Math.ceil((to - from) / 10_000),
  );
  const expr = withMacros(query.expr, step, to - from);
  const params =
    query.range === true
      ? new URLSearchParams({
          query: expr,
          start: String(Math.floor(from / step) * step),
          end: String(to),
          step: String(step),
        })
      : new URLSearchParams({ query: expr, time: String(to) });
  const url = `${prometheus}/api/v1/${query.range === true ? 'query_range' : 'query'}`;
  try {
    const answer = (await (await fetch(url, { method: 'POST', body: params })).json()) as Answer;
    if (answer.data === undefined)
      return { status: 400, error: answer.error ?? 'Prometheus refused the query', frames: [] };
    return { status: 200, frames: answer.data.result.map((series) => frameOf(query, series, step)) };
  } catch (error) {
    return { status: 502, error: `Prometheus gives no answer: ${String(error)}`, frames: [] };
  }
};

/** What Grafana's own Prometheus data source replaces before it asks. */
const withMacros = (expr: string, step: number, seconds: number): string =>
  expr
    .replaceAll(/\$__rate_interval|\$\{__rate_interval\}/g, `${Math.max(step + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS)}s`)
    .replaceAll(/\$__interval|\$\{__interval\}/g, `${step}s`)
    .replaceAll(/\$__range|\$\{__range\}/g, `${Math.max(1, Math.round(seconds))}s`);

const frameOf = ({ refId, legendFormat, range }: Query, { metric, value, values }: Series, step: number): object => {
  const pairs = values ?? (value === undefined ? [] : [value]);
  const { __name__: name = '', ...labels } = metric;
  return {
    schema: {
      refId,
      meta: { type: range === true ? 'timeseries-multi' : 'numeric-multi' },
      fields: [
        // Where more than an interval is missing, lines break.
        {
          ...{ name: 'Time', type: 'time', typeInfo: { frame: 'time.Time' } },
          config: range === true ? { interval: step * 1000 } : {},
        },
        {
          ...{ name: 'Value', type: 'number', typeInfo: { frame: 'float64' } },
          ...{ labels: metric, config: { displayNameFromDS: legendOf(legendFormat ?? '', name, labels) } },
        },
      ],
    },
    // JSON has no NaN; in a frame it is null.
    data: { values: [pairs.map(([at]) => at * 1000), pairs.map(([, text]) => numberOf(text))] },
  };
};

const numberOf = (text: string): number | null => {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
};

const legendOf = (format: string, name: string, labels: Record<string, string>): string => {
  if (format !== '' && format !== '__auto')
    return format.replaceAll(/{{\s*(\w+)\s*}}/g, (_, key: string) => labels[key] ?? '');
  const all = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return all.length === 0 ? name || 'Value' : `${name}{${all.join(', ')}}`;
};
