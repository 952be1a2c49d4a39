/**
 * How good a signal is, 100 (at `warning` or better) to 0 (at `critical` or worse), a straight line in between. Works in
 * both directions: `warning` may be the larger number.
 */
export const curve = (value: number, warning: number, critical: number): number =>
  100 * Math.min(1, Math.max(0, (critical - value) / (critical - warning)));
