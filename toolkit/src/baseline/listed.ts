import { type Change, changesOf, countingOf } from './changes';
import type { BaselineMetric } from './metrics';
import { type History, HOUR, type Place, type Unit } from './model';
import { seasonOf, type Usual, usualOf } from './season';

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** What a baseline knows of one row. */
export type Listed = Place & {
  readonly title: string;
  readonly unit: Unit;
  readonly hours: number;
  /** Those since the last change: only they are compared with. */
  readonly counting: number;
  readonly since: string;
  readonly changes: readonly (Omit<Change, 'at'> & { readonly at: string })[];
  /** By hour of the week in UTC; the first is Monday, 00:00 to 01:00. */
  readonly usual: readonly Usual[];
};

export const listedOf = ({ hours, ...place }: History, { title, unit, least }: BaselineMetric): Listed => {
  const changes = changesOf(hours, least);
  const counting = countingOf(hours, changes);
  return {
    ...{ ...place, title, unit, hours: hours.length, counting: counting.length },
    since: iso((counting[0]?.[0] ?? NaN) - HOUR),
    changes: changes.map(({ at, ...change }) => ({ ...change, at: iso(at) })),
    usual: usualOf(seasonOf(counting)),
  };
};
