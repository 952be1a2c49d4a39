import { quantileOf, medianOf } from '../statistics/quantiles';
import { type Hour, HOUR, hourOfWeek, HOURS_OF_WEEK, type Usual } from './model';

/** Fewer values than these say nothing about an hour. */
const ENOUGH = 8;
const DAY = 24;

type Pools = { readonly week: readonly (readonly Hour[])[]; readonly day: readonly (readonly Hour[])[]; readonly all: readonly Hour[] };

/** Values of each hour of the week and of the day, each with its two neighbours: four weeks have twelve of them. */
const poolsOf = (hours: readonly Hour[]): Pools => {
  const week = Array.from({ length: HOURS_OF_WEEK }, (): Hour[] => []);
  const day = Array.from({ length: DAY }, (): Hour[] => []);
  for (const hour of hours) {
    for (const by of [-1, 0, 1]) {
      week[(hourOfWeek(hour[0]) + by + HOURS_OF_WEEK) % HOURS_OF_WEEK]?.push(hour);
      day[(hourOfWeek(hour[0]) + by + DAY) % DAY]?.push(hour);
    }
  }
  return { week, day, all: hours };
};

const poolFor = (pools: Pools, slot: number): { readonly of: Usual['of']; readonly hours: readonly Hour[] } => {
  const week = pools.week[slot] ?? [];
  if (week.length >= ENOUGH) return { of: 'week', hours: week };
  const day = pools.day[slot % DAY] ?? [];
  return day.length >= ENOUGH ? { of: 'day', hours: day } : { of: 'all', hours: pools.all };
};

/** What is usual in each hour of the week. */
export const usualOf = (hours: readonly Hour[]): readonly Usual[] => {
  const pools = poolsOf(hours);
  return Array.from({ length: HOURS_OF_WEEK }, (_, slot): Usual => {
    const { of, hours: own } = poolFor(pools, slot);
    const values = own.map(([, value]) => value);
    return {
      ...{ of, hours: values.length },
      ...{ p10: quantileOf(values, 0.1), p50: quantileOf(values, 0.5), p90: quantileOf(values, 0.9) },
    };
  });
};

/**
 * What is left of each hour without what is usual then. An hour is not told by itself nor by those of the same day: what
 * is compared later was not part of it, either.
 */
export const leftOf = (hours: readonly Hour[]): readonly number[] => {
  const pools = poolsOf(hours);
  return hours.map(([end, value]) => {
    const others = poolFor(pools, hourOfWeek(end)).hours.filter(([other]) => Math.abs(other - end) > 12 * HOUR);
    const base = others.length === 0 ? pools.all : others;
    return value - medianOf(base.map(([, one]) => one));
  });
};
