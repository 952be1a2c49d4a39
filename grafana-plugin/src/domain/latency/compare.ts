import type { Estimate } from './histogram';

/** How a figure stands against an earlier one. `same`: by less than a twentieth, or the bounds of both overlap. */
export type Change = { readonly ratio: number; readonly direction: 'better' | 'worse' | 'same' };

const NOTICED = 0.05;

/** Undefined when there is nothing to compare with: that is not "the same". */
export const changeOf = (now: Estimate | null | undefined, before: Estimate | null | undefined): Change | undefined => {
  if (now === null || now === undefined || before === null || before === undefined || !(before.seconds > 0)) {
    return undefined;
  }
  const ratio = now.seconds / before.seconds;
  const overlap = now.low <= before.high && before.low <= now.high;
  if (overlap || Math.abs(ratio - 1) < NOTICED) return { ratio, direction: 'same' };
  return { ratio, direction: ratio > 1 ? 'worse' : 'better' };
};
