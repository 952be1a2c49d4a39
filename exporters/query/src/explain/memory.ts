/** Statements that yielded nothing, and when they may be tried again. Bounded: the oldest go first. */
export type Refusals<R> = ReadonlyMap<string, { readonly reason: R; readonly until: number }>;

const DAY_MS = 24 * 3600 * 1000;
const MOST = 5000;

export const noRefusals = <R>(): Refusals<R> => new Map();

/** The reason that still holds at this time, or nothing: then it is worth a try. */
export const refusalOf = <R>(refusals: Refusals<R>, key: string, at: number): R | undefined => {
  const known = refusals.get(key);
  return known !== undefined && known.until > at ? known.reason : undefined;
};

export const withRefusals = <R>(
  refusals: Refusals<R>,
  more: Iterable<readonly [key: string, reason: R]>,
  at: number,
  retryMs: number = DAY_MS,
): Refusals<R> => {
  const kept = new Map([...refusals].filter(([, { until }]) => until > at));
  for (const [key, reason] of more) {
    kept.delete(key);
    kept.set(key, { reason, until: at + retryMs });
  }
  return new Map([...kept].slice(-MOST));
};
