/**
 * How good a signal is, 100 (at `good` or better) to 0 (at `bad` or worse), a straight line in between. Works in both
 * directions: `good` may be the larger number.
 */
export const curve = (value: number, good: number, bad: number): number =>
  100 * Math.min(1, Math.max(0, (bad - value) / (bad - good)));

/** One part of a score: its points, 0 to 100, or null when its signal is missing; and what it weighs. */
export type Part = { readonly component: string; readonly weight: number; readonly points: number | null };

export type Score = {
  /** 0 to 100, or null when no part has data. */
  readonly value: number | null;
  /** Share of the weight that had data, 0 to 1. */
  readonly coverage: number;
  /** The part that costs the score most; null when nothing costs anything. */
  readonly worst: string | null;
};

/** The weighted mean of the parts that have data; weights of the missing ones are left out, not counted as fine. */
export const scoreOf = (parts: readonly Part[]): Score => {
  const known = parts.filter((part): part is Part & { points: number } => part.points !== null);
  const total = sum(parts.map((part) => part.weight));
  const weight = sum(known.map((part) => part.weight));
  if (weight === 0) return { value: null, coverage: 0, worst: null };
  const lost = (part: Part & { points: number }): number => part.weight * (100 - part.points);
  const worst = known.reduce<(Part & { points: number }) | undefined>(
    (most, part) => (lost(part) > (most === undefined ? 0 : lost(most)) ? part : most),
    undefined,
  );
  return {
    value: sum(known.map((part) => part.weight * part.points)) / weight,
    coverage: weight / total,
    worst: worst?.component ?? null,
  };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
