import { z } from 'zod';

export type Unit =
  'points' | 'seconds' | 'per second' | 'ratio' | 'bytes per second' | 'count' | 'seconds per second' | 'bytes';

export const HOUR = 3600;
export const DAY = 24 * HOUR;
export const HOURS_OF_WEEK = 168;
export const VERSION = 1;

/** Seconds since the epoch at which an hour ends, and its value. */
export type Hour = readonly [end: number, value: number];

/** What a row of hours is of. Empty where it is of all databases, or of all query types. */
const place = z.object({ metric: z.string(), cluster: z.string(), database: z.string(), queryType: z.string() });
export type Place = z.infer<typeof place>;

const series = place.extend({
  /** The end of the first hour, and hour by hour what was; null where nothing is known. */
  from: z.iso.datetime(),
  values: z.array(z.number().nullable()),
});

/** The one file that baselines are in: hours as they were. What is usual is told from them, whenever it is asked. */
export const baselineFile = z.object({
  version: z.literal(VERSION),
  madeAt: z.iso.datetime(),
  source: z.string(),
  series: z.array(series),
});
export type BaselineFile = z.infer<typeof baselineFile>;

export type History = Place & { readonly hours: readonly Hour[] };

export const keyOf = ({ metric, cluster, database, queryType }: Place): string =>
  [metric, cluster, database, queryType].join('\n');

/** Monday, 00:00 to 01:00 in UTC is 0. The epoch began on a Thursday; an hour is named by its beginning. */
export const hourOfWeek = (end: number): number => {
  const hours = Math.round(end / HOUR) - 1 + 3 * 24;
  return ((hours % HOURS_OF_WEEK) + HOURS_OF_WEEK) % HOURS_OF_WEEK;
};

/** Digits beyond these are noise. */
const DIGITS = 5;

export const historyOf = ({ from, values, ...own }: BaselineFile['series'][number]): History => {
  const first = Date.parse(from) / 1000;
  return { ...own, hours: values.flatMap((one, i): Hour[] => (one === null ? [] : [[first + i * HOUR, one]])) };
};

export const seriesOf = ({ hours, ...own }: History): BaselineFile['series'][number] => {
  const first = hours[0]?.[0] ?? 0;
  const count = hours.length === 0 ? 0 : Math.round(((hours.at(-1)?.[0] ?? 0) - first) / HOUR) + 1;
  const values = new Array<number | null>(count).fill(null);
  for (const [end, value] of hours) values[Math.round((end - first) / HOUR)] = Number(value.toPrecision(DIGITS));
  return { ...own, from: new Date(first * 1000).toISOString(), values };
};
