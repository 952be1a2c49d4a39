import { medianOf, quantileOf } from '../statistics/quantiles';
import { type Hour, HOUR, hourOfWeek, HOURS_OF_WEEK } from './model';

/** Fewer values say nothing about an hour. */
const ENOUGH = 3;
const OF_DAY = 24;

/** Hours by hour of the week and of the day, each with its two neighbours: four weeks have twelve of one. */
export type Season = {
  readonly week: readonly (readonly Hour[])[];
  readonly day: readonly (readonly Hour[])[];
  readonly all: readonly Hour[];
};

export const seasonOf = (hours: readonly Hour[]): Season => {
  const week = Array.from({ length: HOURS_OF_WEEK }, (): Hour[] => []);
  const day = Array.from({ length: OF_DAY }, (): Hour[] => []);
  for (const hour of hours) {
    for (const by of [-1, 0, 1]) {
      week[(hourOfWeek(hour[0]) + by + HOURS_OF_WEEK) % HOURS_OF_WEEK]?.push(hour);
      day[(hourOfWeek(hour[0]) + by + OF_DAY) % OF_DAY]?.push(hour);
    }
  }
  return { week, day, all: hours };
};

const valuesOf = (hours: readonly Hour[] | undefined): number[] => (hours ?? []).map(([, value]) => value);

/** What is usual in an hour of the week; nothing where too few were seen. */
export const centreOf = ({ week }: Season, slot: number): number | undefined => {
  const values = valuesOf(week[slot]);
  return values.length < ENOUGH ? undefined : medianOf(values);
};

/** What is usual in one hour of the week: as in that hour of the week, else of the day, else in all. */
export type Usual = {
  readonly of: 'week' | 'day' | 'all';
  readonly hours: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
};

export const usualOf = (season: Season): readonly Usual[] =>
  season.week.map((own, slot): Usual => {
    const day = season.day[slot % OF_DAY] ?? [];
    const of = own.length >= ENOUGH ? 'week' : day.length >= ENOUGH ? 'day' : 'all';
    const values = valuesOf({ week: own, day, all: season.all }[of]);
    return {
      ...{ of, hours: values.length },
      ...{ p10: quantileOf(values, 0.1), p50: quantileOf(values, 0.5), p90: quantileOf(values, 0.9) },
    };
  });

/** With fewer of its own days a week is not yet one. */
const ENOUGH_OF_WEEK = 72;

/**
 * What is left of each hour without what is usual then. Usual is told by other days alone: what is compared later was no
 * part of it, either. Hours whose hour of the week was seen once only are left out, if others are enough: a first Sunday
 * would be nothing but a strange day.
 */
export const leftOf = (season: Season): readonly Hour[] => {
  const others = (pool: readonly Hour[] | undefined, end: number): number[] =>
    valuesOf(pool?.filter(([other]) => Math.abs(other - end) > 12 * HOUR));
  const ofWeek = season.all.flatMap(([end, value]): Hour[] => {
    const week = others(season.week[hourOfWeek(end)], end);
    return week.length < ENOUGH ? [] : [[end, value - medianOf(week)]];
  });
  if (ofWeek.length >= ENOUGH_OF_WEEK) return ofWeek;
  return season.all.map(([end, value]) => {
    const day = others(season.day[hourOfWeek(end) % OF_DAY], end);
    return [end, value - medianOf(day.length < ENOUGH ? valuesOf(season.all) : day)];
  });
};
