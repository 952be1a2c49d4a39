/** What a page is about, from its controls and so from the URL. Times in milliseconds since the epoch. */
export type View = {
  readonly from: number;
  readonly to: number;
  /** Empty: whatever there is. */
  readonly cluster: string;
  readonly database: string;
};

export const spanSeconds = ({ from, to }: Pick<View, 'from' | 'to'>): number =>
  Math.max(1, Math.round((to - from) / 1000));

/** Label matchers that stand for what a page is about; both variables work with "All". */
export const OF_CLUSTER = 'cluster=~"$cluster"';
export const OF_DATABASE = 'cluster=~"$cluster", database=~"$database"';

/** The same for queries that are not a scene's own. */
export const matchers = (
  { cluster, database }: Pick<View, 'cluster' | 'database'>,
  more: readonly string[] = [],
): string =>
  [
    ...(cluster === '' ? [] : [`cluster=${JSON.stringify(cluster)}`]),
    ...(database === '' ? [] : [`database=${JSON.stringify(database)}`]),
    ...more,
  ].join(', ');
