import type { Acknowledged } from './writes';

export type Interval = { readonly from: number; readonly to: number };

/**
 * The longest time without an acknowledged write that overlaps the window: from the last before to the first after.
 * Undefined without a write before the window, or after it, as on a path that never came back; and when no gap is longer
 * than `least`: then nobody noticed.
 */
export const outageIn = (times: readonly number[], window: Interval, least: number): Interval | undefined => {
  const sorted = times.toSorted((a, b) => a - b);
  if ((sorted[0] ?? Infinity) > window.from || (sorted.at(-1) ?? -Infinity) < window.to) return undefined;
  let longest: Interval | undefined;
  for (const [i, to] of sorted.entries()) {
    const from = sorted[i - 1];
    if (from === undefined || to < window.from || from > window.to || to - from <= least) continue;
    if (longest === undefined || to - from > longest.to - longest.from) longest = { from, to };
  }
  return longest;
};

/** The longest wait of a write that was acknowledged in the end, counted from when it was due. */
export const longestStall = (acknowledged: readonly Pick<Acknowledged, 'due' | 'at'>[]): number | undefined =>
  acknowledged.length === 0 ? undefined : acknowledged.reduce((longest, { due, at }) => Math.max(longest, at - due), 0);
