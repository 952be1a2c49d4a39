import { trendWithin } from '../statistics/trend';

/** A figure at a moment, and whose it is: the same text as long as it is the same process. */
export type Reading = { readonly at: number; readonly value: number; readonly life: string };

/** What a figure grew by, all after the warm-up of each life. */
export type Growth = {
  /** Per hour; null where there is too little to tell. */
  readonly perHour: number | null;
  /** Of 95 %. */
  readonly low: number | null;
  readonly high: number | null;
  /** Of all lives, without their warm-ups. */
  readonly seconds: number;
  readonly points: number;
};

export type HowToLook = {
  /** What a process takes in the beginning is no leak: it fills its windows and caches, and its code is compiled. */
  readonly warmUpSeconds: number;
  /** Of so long a stretch the lowest value counts: what is left when garbage was collected and requests are answered. */
  readonly stretchSeconds: number;
};

const HOUR = 3600;
/** Fewer points say nothing. */
const LEAST_POINTS = 12;

/**
 * The lowest reading of each stretch, by lives. Garbage that nobody has collected yet, and a connection that is open for
 * one request, are above it; what is never let go is below.
 */
export const lowerEnvelope = (
  readings: readonly Reading[],
  { warmUpSeconds, stretchSeconds }: HowToLook,
): [at: number, value: number][][] => {
  const begins = new Map<string, number>();
  const lives = new Map<string, Map<number, [number, number]>>();
  for (const { at, value, life } of readings) {
    const begin = begins.get(life) ?? at;
    begins.set(life, begin);
    if (at - begin < warmUpSeconds) continue;
    const stretches = lives.get(life) ?? new Map<number, [number, number]>();
    lives.set(life, stretches);
    const stretch = Math.floor((at - begin) / stretchSeconds);
    const lowest = stretches.get(stretch);
    if (lowest === undefined || value < lowest[1]) stretches.set(stretch, [at, value]);
  }
  return [...lives.values()].map((stretches) => [...stretches.values()]);
};

/** Theil and Sen's slope of the lower envelope, within lives. */
export const growthOf = (readings: readonly Reading[], how: HowToLook): Growth => {
  const lives = lowerEnvelope(readings, how).filter((points) => points.length >= 3);
  const points = lives.flat().length;
  const seconds = lives.reduce((sum, life) => sum + ((life.at(-1)?.[0] ?? 0) - (life[0]?.[0] ?? 0)), 0);
  const trend = points < LEAST_POINTS ? undefined : trendWithin(lives);
  return {
    ...{ seconds, points },
    perHour: trend === undefined ? null : trend.slope * HOUR,
    low: trend === undefined ? null : trend.low * HOUR,
    high: trend === undefined ? null : trend.high * HOUR,
  };
};

/** It surely grows by more than is allowed: even the lower end of the interval is above. */
export const leaks = ({ low }: Growth, boundPerHour: number): boolean => low !== null && low > boundPerHour;
