/** Something that happened at a moment, in milliseconds since the epoch. */
export type Moment = { readonly kind: 'failover' | 'restart'; readonly at: number; readonly what: string };

type Series = { readonly labels: Readonly<Record<string, string>>; readonly values: readonly number[] };

/**
 * Moments that gauges of timestamps (in seconds) tell of: each value that lies in the time that is looked at. They are
 * exact, where a counter's step only says between which two scrapes.
 */
export const momentsOf = (
  kind: Moment['kind'],
  series: readonly Series[],
  { from, to }: { readonly from: number; readonly to: number },
): readonly Moment[] => {
  const found = new Map<string, Moment>();
  for (const { labels, values } of series) {
    for (const value of values) {
      const at = Math.round(value * 1000);
      const what = labels.cluster ?? labels.instance ?? '';
      if (at >= from && at <= to) found.set(`${what} ${Math.round(value)}`, { kind, at, what });
    }
  }
  return [...found.values()].toSorted((a, b) => b.at - a.at);
};
