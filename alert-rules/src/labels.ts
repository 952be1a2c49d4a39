/** Labels that alerts are grouped by: of Prometheus (cluster, target), or of the exporters. */
export type LabelName =
  | 'cluster'
  | 'target'
  | 'instance'
  | 'database'
  | 'user'
  | 'limit'
  | 'query_type'
  | 'replica'
  | 'member'
  | 'slot'
  | 'collector'
  | 'exporter'
  | 'schema'
  | 'table'
  | 'sequence'
  | 'path'
  | 'subject'
  | 'family'
  | 'repository'
  | 'address';

export const server: readonly LabelName[] = ['cluster', 'target'];
export const database: readonly LabelName[] = ['cluster', 'target', 'database'];
export const table: readonly LabelName[] = ['cluster', 'target', 'database', 'schema', 'table'];
export const cluster: readonly LabelName[] = ['cluster'];
export const pooler: readonly LabelName[] = ['cluster', 'instance'];
export const pool: readonly LabelName[] = ['cluster', 'instance', 'database', 'user'];

/** "cluster, target": for `by` and `on`. */
export const list = (labels: readonly LabelName[]): string => labels.join(', ');
