/** A cumulative histogram's bucket over time: how many were at most `le` seconds, per point of `times` (ms). */
export type Bucket = { readonly le: number; readonly times: readonly number[]; readonly values: readonly number[] };

/** One box of a heat map: from and to in seconds, and how many fell into it. */
export type Cell = { readonly from: number; readonly to: number; readonly count: number };
export type HeatColumn = { readonly time: number; readonly cells: readonly Cell[] };

export type Heat = {
  readonly columns: readonly HeatColumn[];
  /** Bounds of the buckets that hold anything, lowest first. */
  readonly bounds: readonly number[];
  readonly most: number;
};

const EMPTY: Heat = { columns: [], bounds: [], most: 0 };

/** From cumulative buckets to boxes. What is above the highest bound that is a number is left to `above`. */
export const heatOf = (buckets: readonly Bucket[]): Heat => {
  const sorted = [...buckets].filter(({ le }) => !Number.isNaN(le)).sort((a, b) => a.le - b.le);
  const times = [...new Set(sorted.flatMap((bucket) => bucket.times))].sort((a, b) => a - b);
  if (times.length === 0) return EMPTY;
  const maps = sorted.map(({ le, times: at, values }) => ({
    le,
    by: new Map(at.map((time, i) => [time, values[i] ?? 0])),
  }));
  const columns = times.map((time): HeatColumn => {
    let below = 0;
    let from = 0;
    const cells: Cell[] = [];
    for (const { le, by } of maps) {
      // Buckets are read one after the other: a sum that falls is rounding, not less than nothing.
      const upTo = Math.max(below, by.get(time) ?? below);
      if (upTo > below) cells.push({ from, to: le, count: upTo - below });
      below = upTo;
      from = le;
    }
    return { time, cells };
  });
  const used = columns.flatMap(({ cells }) => cells);
  const bounds = [...new Set(used.flatMap(({ from, to }) => [from, to]))].filter(Number.isFinite).sort((a, b) => a - b);
  return { columns, bounds, most: Math.max(0, ...used.map(({ count }) => count)) };
};

/** What a histogram says of a quantile: somewhere in a bucket. Nothing without observations. */
export const quantileIn = (cells: readonly Cell[], quantile: number): Cell | undefined => {
  const all = cells.reduce((sum, { count }) => sum + count, 0);
  if (all <= 0) return undefined;
  let seen = 0;
  for (const cell of cells) {
    seen += cell.count;
    if (seen >= quantile * all) return cell;
  }
  return cells.at(-1);
};

/** All of the columns together. */
export const totalCells = ({ columns }: Heat): readonly Cell[] => {
  const byBound = new Map<number, Cell>();
  for (const cell of columns.flatMap(({ cells }) => cells)) {
    const before = byBound.get(cell.to);
    byBound.set(cell.to, {
      ...cell,
      from: Math.min(cell.from, before?.from ?? cell.from),
      count: cell.count + (before?.count ?? 0),
    });
  }
  return [...byBound.values()].sort((a, b) => a.to - b.to);
};

/** Share of observations that took longer than `seconds`: at least and at most, as a bucket may straddle it. */
export const shareAbove = (
  cells: readonly Cell[],
  seconds: number,
): { readonly least: number; readonly most: number } => {
  const all = cells.reduce((sum, { count }) => sum + count, 0);
  if (all <= 0) return { least: 0, most: 0 };
  const over = (test: (cell: Cell) => boolean): number =>
    cells.filter(test).reduce((sum, { count }) => sum + count, 0) / all;
  return { least: over(({ from }) => from >= seconds), most: over(({ to }) => to > seconds) };
};
