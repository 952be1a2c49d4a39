/** How often statements of each kind had been called by some moment: counts that only grow. */
export type CallsAt = { readonly at: number; readonly calls: ReadonlyMap<string, number> };

/** Counts of the last while, the oldest first. */
export type CallsHistory = readonly CallsAt[];

/** With one more count; the one before the window stays, to have something to subtract. */
export const noteCalls = (history: CallsHistory, now: CallsAt, windowMs: number): CallsHistory => {
  const last = history.at(-1);
  const kept = last !== undefined && last.at >= now.at ? history.slice(0, -1) : history;
  const firstInside = kept.findIndex(({ at }) => at > now.at - windowMs);
  const from = firstInside === -1 ? kept.length - 1 : firstInside - 1;
  return [...kept.slice(Math.max(0, from)), now];
};

/**
 * Calls of a kind between two moments, by a straight line between the counts nearest to them; nothing unless the
 * history reaches over both but for a small rest.
 */
export const callsBetween = (history: CallsHistory, key: string, since: number, until: number): number | undefined => {
  const start = countAt(history, key, since);
  const end = countAt(history, key, until);
  return start === undefined || end === undefined || end < start ? undefined : end - start;
};

/** Counts lag behind by a beat: what the last one says may be carried on for so long. */
const CARRY_ON_MS = 15_000;

const countAt = (history: CallsHistory, key: string, at: number): number | undefined => {
  const after = history.findIndex((count) => count.at >= at);
  const later = history[after];
  const earlier = after === -1 ? history.at(-1) : history[after - 1];
  const count = (one: CallsAt): number => one.calls.get(key) ?? 0;
  if (later !== undefined && earlier !== undefined) {
    const share = (at - earlier.at) / (later.at - earlier.at);
    return count(earlier) + share * (count(later) - count(earlier));
  }
  if (later !== undefined) return later.at - at <= CARRY_ON_MS ? carried(history.slice(0, 2), key, at) : undefined;
  if (earlier === undefined || at - earlier.at > CARRY_ON_MS) return undefined;
  return carried(history.slice(-2), key, at);
};

/** The straight line through two counts, beyond them. */
const carried = ([a, b]: CallsHistory, key: string, at: number): number | undefined => {
  if (a === undefined || b === undefined || b.at <= a.at) return undefined;
  const [from, to] = [a.calls.get(key) ?? 0, b.calls.get(key) ?? 0];
  return from + ((to - from) * (at - a.at)) / (b.at - a.at);
};
