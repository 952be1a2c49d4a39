import { type NotEvaluated, spanOf } from '@submilli/core';
import type { DemandWindow } from './demand';

/** One pool over the window, as it was at each look. */
export type Queueing = {
  readonly database: string;
  readonly user: string;
  /** Looks at it, and those that found clients waiting. */
  readonly looks: number;
  readonly withQueue: number;
  /** The fewest and the most servers that were busy while clients waited. */
  readonly leastBusy: number;
  readonly mostBusy: number;
  /** The longest queue. */
  readonly mostWaiting: number;
  readonly seconds: number;
};

/** Pools in which clients were seen waiting. One that is not in every reading is counted as idle in the others. */
export const queueingOf = (window: DemandWindow): readonly Queueing[] => {
  const seconds = spanOf(window)?.seconds ?? 0;
  const found = new Map<string, Queueing>();
  for (const { value } of window.readings) {
    for (const [database, { pools }] of value) {
      for (const { user, busy, waiting } of pools) {
        if (waiting === 0) continue;
        const key = `${database}\0${user}`;
        const so = found.get(key);
        found.set(key, {
          ...{ database, user, seconds, looks: window.readings.length, withQueue: (so?.withQueue ?? 0) + 1 },
          leastBusy: Math.min(so?.leastBusy ?? busy, busy),
          mostBusy: Math.max(so?.mostBusy ?? busy, busy),
          mostWaiting: Math.max(so?.mostWaiting ?? waiting, waiting),
        });
      }
    }
  }
  return [...found.values()];
};

/** Why nothing can be said yet of a window: a queue of a second says more about the second than about the pool. */
export const tooShort = (window: DemandWindow): NotEvaluated | undefined => {
  const covered = spanOf(window)?.seconds ?? 0;
  if (covered >= window.seconds / 2) return undefined;
  return { notEvaluated: `only ${Math.round(covered)} of ${window.seconds} s have been watched yet` };
};
