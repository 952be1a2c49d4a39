import { medianOf } from '../statistics/quantiles';
import {
  inflationOf,
  inflationOfBatches,
  leastP,
  neighboursCorrelation,
  rankTest,
  type Shift,
  shiftOf,
} from '../statistics/ranks';
import { DAY, type Hour, hourOfWeek } from './model';
import { centreOf, leftOf, seasonOf } from './season';

/** Some hours beside others that came before, each less what is usual in its hour of the week. */
export type Difference = {
  /** That both are alike. */
  readonly p: number;
  /** What `p` would be if nothing were alike: where this is not sure, nothing could be. */
  readonly leastP: number;
  readonly shift: Shift;
  /** The median of what was to be expected. */
  readonly usual: number;
  /** How many were compared: of hours of the week that were never seen nothing is usual. */
  readonly hours: number;
};

export const differenceOf = (before: readonly Hour[], now: readonly Hour[]): Difference | undefined => {
  const season = seasonOf(before);
  const compared = now.flatMap(([end, value]) => {
    const centre = centreOf(season, hourOfWeek(end));
    return centre === undefined ? [] : [{ centre, left: value - centre }];
  });
  if (compared.length === 0) return undefined;
  const left = leftOf(season);
  const inflation = inflationIn(left);
  const [a, b] = [compared.map((one) => one.left), left.map(([, value]) => value)];
  return {
    p: rankTest(a, b, inflation).p,
    leastP: leastP(a.length, b.length, inflation),
    shift: shiftOf(a, b, inflation),
    usual: medianOf(compared.map(({ centre }) => centre)),
    hours: compared.length,
  };
};

/** Half a day or more. */
const ENOUGH_OF_DAY = 12;

/** How much less the hours of a row tell than independent ones would: the worse of what hours and what days say. */
const inflationIn = (left: readonly Hour[]): number => {
  const days = new Map<number, number[]>();
  for (const [end, value] of left) {
    const day = Math.floor((end - 1) / DAY);
    days.set(day, [...(days.get(day) ?? []), value]);
  }
  return Math.max(
    inflationOf(neighboursCorrelation(left.map(([, value]) => value))),
    inflationOfBatches([...days.values()].filter(({ length }) => length >= ENOUGH_OF_DAY)),
  );
};
