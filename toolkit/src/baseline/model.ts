import { z } from 'zod';

export const units = ['points', 'seconds', 'per second', 'ratio', 'bytes per second', 'count', 'seconds per second', 'bytes'] as const;
export type Unit = (typeof units)[number];

export const HOUR = 3600;
export const HOURS_OF_WEEK = 168;
export const VERSION = 1;

/** Seconds since the epoch at which an hour ends, and its value. */
export type Hour = readonly [end: number, value: number];

const value = z.number();

/**
 * What is usual in one hour of the week, as three quantiles. `of`: from the same hours of the week, else of the day, else
 * from all: the first that has enough.
 */
const usual = z.object({
  of: z.enum(['week', 'day', 'all']),
  hours: z.int().positive(),
  p10: value,
  p50: value,
  p90: value,
});
export type Usual = z.infer<typeof usual>;

const change = z.object({
  at: z.iso.datetime(),
  /** Medians of what was before and since, each less what is usual at its hours. Ratio where values have one. */
  before: value,
  since: value,
  /** That there was none, corrected for all changes of this metric that were considered. */
  p: z.number(),
});

const series = z.object({
  metric: z.string(),
  cluster: z.string(),
  /** Empty for what is of a whole cluster. */
  database: z.string(),
  unit: z.enum(units),
  /** From here on it counts: the beginning of the history, or the last sure change. */
  since: z.iso.datetime(),
  change: change.nullable(),
  /** By hour of the week in UTC; the first is Monday, 00:00 to 01:00. */
  usual: z.array(usual).length(HOURS_OF_WEEK),
  /** The first hour's end, and hour by hour what was; null where nothing is known. */
  from: z.iso.datetime(),
  values: z.array(value.nullable()),
});
export type BaselineSeries = z.infer<typeof series>;

/** The one file that baselines are in. */
export const baselineFile = z.object({
  version: z.literal(VERSION),
  madeAt: z.iso.datetime(),
  source: z.string(),
  /** Only of this one; null: of all. */
  cluster: z.string().nullable(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  series: z.array(series),
});
export type BaselineFile = z.infer<typeof baselineFile>;

/** The Monday before the epoch's Thursday began three days earlier; an hour is named by its beginning. */
export const hourOfWeek = (end: number): number => {
  const hours = Math.round(end / HOUR) - 1 + 3 * 24;
  return ((hours % HOURS_OF_WEEK) + HOURS_OF_WEEK) % HOURS_OF_WEEK;
};

export const hoursOf = ({ from, values }: Pick<BaselineSeries, 'from' | 'values'>): readonly Hour[] => {
  const first = Date.parse(from) / 1000;
  return values.flatMap((one, i): Hour[] => (one === null ? [] : [[first + i * HOUR, one]]));
};
