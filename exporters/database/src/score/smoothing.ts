import type { SignalName, Signals } from './signals';

/**
 * Numbers of a moment that come and go within milliseconds, also where all is well: a few clients that arrive together
 * find a pool full for a moment, or a row locked. What counts is how it is on average, over the readings of the window.
 */
export const MOMENTARY = ['lock_waiters', 'pool_saturation'] as const satisfies readonly SignalName[];

type Reading = { readonly at: number } & Readonly<Record<(typeof MOMENTARY)[number], number | null>>;
export type Recent = readonly Reading[];

/** @param at milliseconds of a monotonic clock */
export const smooth = (
  signals: Signals,
  before: Recent,
  at: number,
  windowSeconds: number,
): { readonly signals: Signals; readonly recent: Recent } => {
  const now: Reading = {
    at,
    lock_waiters: known(signals.lock_waiters),
    pool_saturation: known(signals.pool_saturation),
  };
  const recent = [...before.filter((reading) => at - reading.at < windowSeconds * 1000), now];
  const smoothed = MOMENTARY.map((name) => [name, now[name] === null ? signals[name] : meanOf(recent, name)]);
  return { signals: { ...signals, ...(Object.fromEntries(smoothed) as Partial<Signals>) }, recent };
};

const known = (signal: Signals[SignalName]): number | null => (typeof signal === 'number' ? signal : null);

const meanOf = (recent: Recent, name: (typeof MOMENTARY)[number]): number => {
  const values = recent.flatMap((reading) => reading[name] ?? []);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
};
