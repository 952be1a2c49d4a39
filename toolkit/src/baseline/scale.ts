/**
 * On which changes are measured: above what matters a change is a ratio, below it a difference. So a day's tenfold load is
 * no tenfold noise, and zero is a value as any.
 */
export type Scale = { readonly on: (value: number) => number; readonly off: (scaled: number) => number };

/** @param least what matters, in the value's unit */
export const scaleOf = (least: number): Scale => ({
  on: (value) => Math.asinh(value / least),
  off: (scaled) => least * Math.sinh(scaled),
});

/** A change that is a smaller share of what was is not worth anybody's time. */
const SHARE = 0.1;

export const matters = (now: number, usual: number, least: number): boolean =>
  Math.abs(now - usual) >= Math.max(least, SHARE * Math.abs(usual));
