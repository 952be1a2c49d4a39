import { bothTails } from './normal';
import { medianOf } from './quantiles';

export type Trend = {
  /** Per unit of x. */
  readonly slope: number;
  /** Of 95 %. */
  readonly low: number;
  readonly high: number;
  /** Where the line is at x. */
  readonly at: (x: number) => number;
  /** That there is no trend at all, by Mann and Kendall. */
  readonly p: number;
};

const Z95 = 1.959964;
/** More pairs than these are not worth their time: a thousand points have half a million. */
const MOST = 1000;

/**
 * The median of the slopes between all pairs (Theil 1950; Sen 1968), with Sen's interval and the test of Mann (1945) and
 * Kendall, with ties: up to 29 % of the points may be wild. Nothing for fewer than three points.
 */
export const trendOf = (points: readonly (readonly [x: number, y: number])[]): Trend | undefined =>
  trendWithin([points]);

/**
 * The same of a figure that begins anew now and then, such as the memory of what was restarted: only points of one life
 * are compared (Hirsch, Slack and Smith 1982, who did so with seasons), so that no step between two lives is a trend.
 */
export const trendWithin = (lives: readonly (readonly (readonly [x: number, y: number])[])[]): Trend | undefined => {
  const all = lives.flat();
  if (!lives.some((points) => points.length >= 3) || all.length > MOST) return undefined;
  const slopes: number[] = [];
  let s = 0;
  let variance = 0;
  for (const points of lives) {
    const n = points.length;
    for (let i = 0; i < n; i += 1) {
      for (let j = i + 1; j < n; j += 1) {
        const [[x0 = NaN, y0 = NaN], [x1 = NaN, y1 = NaN]] = [points[i] ?? [], points[j] ?? []];
        if (x1 === x0) continue;
        slopes.push((y1 - y0) / (x1 - x0));
        s += Math.sign((y1 - y0) * (x1 - x0));
      }
    }
    variance += (n * (n - 1) * (2 * n + 5) - tieTerm(points.map(([, y]) => y))) / 18;
  }
  if (slopes.length === 0) return undefined;
  slopes.sort((a, b) => a - b);
  const c = Z95 * Math.sqrt(Math.max(0, variance));
  const slope = medianOf(slopes);
  const base = medianOf(all.map(([x, y]) => y - slope * x));
  return {
    slope,
    low: slopes[Math.max(0, Math.round((slopes.length - c) / 2))] ?? slope,
    high: slopes[Math.min(slopes.length - 1, Math.round((slopes.length + c) / 2))] ?? slope,
    at: (x) => base + slope * x,
    p: variance <= 0 ? 1 : bothTails(Math.max(0, Math.abs(s) - 1) / Math.sqrt(variance)),
  };
};

const tieTerm = (values: readonly number[]): number => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0);
};
