import type { Labels, Point, Sample, Series } from '../prometheus/answer';
import type { Prometheus } from '../prometheus/client';
import { duration, windowsOf } from '../prometheus/span';
import type { Coverage, Where } from './model';
import type { Period } from './period';

/** What every section of a report needs to ask. */
export type Asking = {
  readonly prometheus: Prometheus;
  readonly period: Period;
  /** One cluster only; undefined: all. */
  readonly cluster: string | undefined;
};

/** A selector, of one cluster if one is chosen. */
export const select = ({ cluster }: Pick<Asking, 'cluster'>, metric: string, matchers = ''): string => {
  const own = cluster === undefined ? '' : `cluster=${JSON.stringify(cluster)}`;
  const all = [own, matchers].filter((part) => part !== '').join(',');
  return all === '' ? metric : `${metric}{${all}}`;
};

export const HOUR = 3600;

/**
 * What a counter grew in a time that ends with a full hour, hour by hour: no more than an hour of samples is ever held.
 * One second less than the whole, so that the hour before is not counted where subqueries hold both ends.
 */
export const grownBy = (by: string, selector: string, seconds: number): string =>
  `sum_over_time((sum by (${by}) (increase(${selector}[1h])))[${seconds - 1}s:1h])`;

/** An expression over the windows of the period's plot; `{w}` in it is their length. */
export const overWindows = (
  { prometheus, period: { from, to, step } }: Asking,
  expr: string,
): Promise<readonly Series[]> => prometheus.over(expr.replaceAll('{w}', duration(step)), windowsOf(from, to, step));

/** The same over the period before. */
export const overWindowsBefore = (
  { prometheus, period: { previousFrom, from, step } }: Asking,
  expr: string,
): Promise<readonly Series[]> =>
  prometheus.over(expr.replaceAll('{w}', duration(step)), windowsOf(previousFrom, from, step));

export const whereOf = ({ cluster = '', database = '' }: Labels): Where => ({ cluster, database });
export const keyOf = ({ cluster = '', database = '' }: Labels): string => `${cluster}\n${database}`;

export const byKey = <T>(all: readonly T[], key: (one: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const own = groups.get(key(one));
    if (own === undefined) groups.set(key(one), [one]);
    else own.push(one);
  }
  return groups;
};

/** The points of the series of each place. */
export const pointsByPlace = (series: readonly Series[]): ReadonlyMap<string, readonly Point[]> =>
  new Map(series.map(({ labels, points }) => [keyOf(labels), points]));

export const valuesByPlace = (samples: readonly Sample[]): ReadonlyMap<string, number> =>
  new Map(samples.map(({ labels, value }) => [keyOf(labels), value]));

export const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** How much of the windows had a value; a window that is missing by itself is no gap that is told. */
export const coverageOf = (
  { from, to, step }: Pick<Period, 'from' | 'to' | 'step'>,
  points: readonly Point[],
): Coverage => {
  const windows = Math.round((to - from) / step);
  // A window's point stands at its end.
  const edges = [from, ...points.map(([at]) => at), to + step];
  const gaps = edges.flatMap((at, i): [string, string][] => {
    const next = edges[i + 1];
    return next === undefined || next - at <= 2.5 * step ? [] : [[iso(at), iso(Math.min(to, next - step))]];
  });
  return { ratio: Math.min(1, points.length / windows), gaps };
};
