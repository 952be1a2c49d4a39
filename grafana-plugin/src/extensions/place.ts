/** What there is to go by, wherever in Grafana somebody asks: PromQL, and the labels of what it found. */
export type Hint = {
  readonly exprs: readonly string[];
  readonly labels: readonly Readonly<Record<string, string>>[];
};

/** A page of the app, and what it should be about. */
export type Place = { readonly page: string; readonly cluster?: string; readonly database?: string };

/** Subsystems whose metrics are about the health of a server. */
const HEALTH = [
  'autovacuum backend backends bgwriter bloat block blocked blocking buffer buffers checkpoint checkpoints',
  'checksum compatibility conflicts connect connection connections databases dead deadlocks exporter foreign',
  'hba index indexes io lock locks maintenance multixact network oldest performance prepared restartpoints',
  'sequence sequences server session sessions setting settings size slru standbys stats table tables temp',
  'tls transaction transactions tuples vacuum waiting wal xmin',
].flatMap((line) => line.split(' '));

/** Which page explains a metric: the first that fits. Others than ours begin with `db_`, too, so subsystems are named. */
const PAGES: readonly (readonly [RegExp, string])[] = [
  [/\bdb_advice_/, 'advice'],
  [/\bdb_(query_(statement|plan|index)|queries)/, 'queries'],
  [/\bdb_(query|commit|canary|pool)_/, 'latency'],
  [/\bdb_(ha|replication|slot|backup|archiver|decoding)_|\bdb_wal_(re(ceive|play)|position)/, 'high-availability'],
  [new RegExp(`\\bdb_(${HEALTH.join('|')})(_|\\b)`), 'health'],
];

export const placeOf = ({ exprs, labels }: Hint): Place | undefined => {
  const page = exprs.flatMap((expr) => PAGES.find(([metric]) => metric.test(expr))?.[1] ?? [])[0];
  if (page === undefined) return undefined;
  const [cluster, database] = [agreed('cluster', exprs, labels), agreed('database', exprs, labels)];
  return { page, ...(cluster === undefined ? {} : { cluster }), ...(database === undefined ? {} : { database }) };
};

/** The one value that a label has in all that is known; several are none. */
const agreed = (name: string, exprs: Hint['exprs'], labels: Hint['labels']): string | undefined => {
  const asked = exprs.flatMap((expr) => [...expr.matchAll(MATCHER)].filter(([, label]) => label === name));
  const values = new Set([
    ...asked.flatMap(([, , value]) => (value === undefined || value.includes('$') ? [] : [value])),
    ...labels.flatMap((one) => one[name] ?? []),
  ]);
  const [only] = values;
  return values.size === 1 ? only : undefined;
};

/** `name="value"`, within JSON too: rules that Grafana manages tell their queries so. */
const MATCHER = /\b(cluster|database)\s*=\s*\\?"([^"\\]+)\\?"/g;
