/** Matchers by what a dashboard's variables choose. Series of a pool or of a Patroni cluster name no server. */
export const CLUSTER = 'cluster=~"$cluster"';
export const SERVER = `${CLUSTER},target=~"$target"`;
export const DATABASE = `${SERVER},database=~"$database"`;
export const INSTANCE = `${CLUSTER},instance=~"$instance"`;
export const POOL = `${INSTANCE},database=~"$database"`;

/** Alerts that ask for somebody; an info, such as a restart, is no fault. */
export const firingAlerts = (matchers: string): string =>
  `ALERTS{alertstate="firing",severity=~"critical|warning",${matchers}}`;

const NUMBER = /^[\d.e+-]+$/;

export const rate = (selector: string): string => `rate(${selector}[$__rate_interval])`;

export const sumRate = (by: string, selector: string): string =>
  by === '' ? `sum(${rate(selector)})` : `sum by (${by}) (${rate(selector)})`;

/** How many in each interval, of those that there were any of. */
export const increase = (by: string, selector: string): string =>
  `sum by (${by}) (increase(${selector}[$__rate_interval])) > 0`;

/** The part in the whole; nothing where there is no whole, rather than not-a-number. */
export const share = (part: string, whole: string): string => `${part} / (${whole} > 0)`;

/** Of the servers that are primaries now: some series are of both, and mean something on one only. */
export const onPrimary = (expr: string): string =>
  `${expr} and on (cluster, target) db_server_role{${SERVER},role="primary"} == 1`;

/** A quantile of a histogram by its buckets; `by` without le. */
export const quantile = (q: number, metric: string, matchers: string, by = ''): string =>
  `histogram_quantile(${q}, ${sumRate(by === '' ? 'le' : `${by}, le`, `${metric}_bucket{${matchers}}`)})`;

/** As a duration in PromQL has it, exactly, not 0.0025000000001. */
export const constant = (value: number): string => {
  const text = String(value);
  if (!NUMBER.test(text)) throw new Error(`${text} is no number of PromQL`);
  return `vector(${text})`;
};
