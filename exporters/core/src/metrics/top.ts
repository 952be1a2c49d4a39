/** How far down a shown item may fall before it is dropped, as a multiple of the limit. */
const PATIENCE = 1.5;

/**
 * Which items to show by themselves. One comes in by ranking within `limit`, and leaves only when it has fallen beyond
 * 1.5 × `limit`, so that neighbours in rank don't take turns and tear their series.
 *
 * @param weights what to rank by, larger first; items that are absent did nothing
 */
export const chooseShown = (
  weights: ReadonlyMap<string, number>,
  shown: ReadonlySet<string>,
  limit: number,
): ReadonlySet<string> => {
  const ranked = [...weights].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([key]) => key);
  return new Set([
    ...ranked.slice(0, limit),
    ...ranked.slice(limit, Math.floor(limit * PATIENCE)).filter((key) => shown.has(key)),
  ]);
};
