/** From values to pixels, and back. */
export type Scale = { readonly to: (value: number) => number; readonly from: (pixel: number) => number };

type Pair = readonly [number, number];

export const linear = ([low, high]: Pair, [start, end]: Pair): Scale => {
  const slope = high === low ? 0 : (end - start) / (high - low);
  return {
    to: (value) => start + (value - low) * slope,
    from: (pixel) => (slope === 0 ? low : low + (pixel - start) / slope),
  };
};

/** For values above 0; what is below the lowest is drawn at the edge. */
export const logarithmic = ([low, high]: Pair, range: Pair): Scale => {
  const inner = linear([Math.log(low), Math.log(high)], range);
  return { to: (value) => inner.to(Math.log(Math.max(value, low))), from: (pixel) => Math.exp(inner.from(pixel)) };
};

/** Each power of ten between two values, and 2 and 5 times it while there is room. */
export const logTicks = (low: number, high: number, most: number): readonly number[] => {
  if (!(low > 0) || !(high >= low) || !Number.isFinite(high)) return [];
  const powers: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) powers.push(power);
  const within = (steps: readonly number[]): readonly number[] =>
    powers
      .flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(6))))
      .filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
  const fine = [[1, 2, 5], [1, 3], [1]].map(within).find((ticks) => ticks.length <= most);
  if (fine !== undefined) return fine;
  const decades = within([1]);
  const every = Math.ceil(decades.length / Math.max(1, most));
  return decades.filter((_, i) => i % every === 0);
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 5, 7, 14, 30, 90, 180, 365].map((n) => n * DAY),
];

/** Round moments between two, at most so many, and how far they are apart. */
export const timeTicks = (
  from: number,
  to: number,
  most: number,
): { readonly at: readonly number[]; readonly step: number } => {
  const step = STEPS.find((one) => (to - from) / one <= Math.max(1, most)) ?? 365 * DAY;
  const at: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) at.push(tick);
  return { at, step };
};

/** Which of some rising times is nearest. -1 if there is none. */
export const nearest = (times: readonly number[], time: number): number => {
  const after = times.findIndex((one) => one >= time);
  if (after === -1) return times.length - 1;
  const [low, high] = [times[after - 1], times[after] ?? Infinity];
  return low !== undefined && time - low < high - time ? after - 1 : after;
};

/** A line through points, as an SVG path; it breaks where there is no value. */
export const linePath = (points: readonly { readonly x: number; readonly y: number | null }[]): string => {
  let path = '';
  let drawing = false;
  points.forEach(({ x, y }, i) => {
    if (y === null || !Number.isFinite(y)) {
      drawing = false;
      return;
    }
    const alone = !drawing && (points[i + 1]?.y ?? null) === null;
    path += `${drawing ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    if (alone) path += 'h0.1';
    drawing = true;
  });
  return path;
};

/** Labels that want to be at some heights, moved so that none lies over another. */
export const spread = (wanted: readonly number[], apart: number): readonly number[] => {
  const order = wanted.map((y, i) => ({ y, i })).toSorted((a, b) => a.y - b.y);
  const placed = [...wanted];
  let last = -Infinity;
  for (const { y, i } of order) {
    last = Math.max(y, last + apart);
    placed[i] = last;
  }
  return placed;
};
