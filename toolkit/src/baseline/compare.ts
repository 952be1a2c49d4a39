import { holm } from '../statistics/ranks';
import { changesOf, countingOf } from './changes';
import { type Difference, differenceOf } from './difference';
import type { BaselineMetric } from './metrics';
import { type History, type Hour, HOUR, keyOf, type Place, type Unit } from './model';
import { matters, scaleOf } from './scale';

export const verdicts = ['worse', 'different', 'better', 'as usual', 'unknown'] as const;
export type Verdict = (typeof verdicts)[number];

export type Compared = Place & {
  readonly title: string;
  readonly unit: Unit;
  readonly verdict: Verdict;
  /** Of `unknown`: why. */
  readonly why: string | null;
  /** It was there, and is no more. */
  readonly gone: boolean;
  /** What was to be expected in these hours; null where it is not known. */
  readonly usual: number | null;
  /** What was instead: usual and the shift. The interval is of 95 %. */
  readonly now: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** That nothing changed, corrected for all that were compared. */
  readonly p: number | null;
  readonly hours: number;
  /** The hours that it was compared with, and from when on they count. */
  readonly baselineHours: number;
  readonly since: string | null;
};

/** That anything is called changed though nothing is, in all that is compared together. */
export const SURE = 0.01;
/** Three days: with less there is no baseline. */
const LEAST_HOURS = 72;
const ENOUGH_HOURS = 3;

type Pair = {
  readonly place: Place;
  readonly metric: BaselineMetric;
  readonly before: readonly Hour[];
  readonly now: readonly Hour[];
  readonly difference: Difference | undefined;
};

/** What was in the hours up to `to` beside what was usual before them. */
export const compareAll = (
  metrics: readonly BaselineMetric[],
  baseline: readonly History[],
  present: readonly History[],
  from: number,
): readonly Compared[] => {
  const places = new Map([...baseline, ...present].map((one) => [keyOf(one), one]));
  const [then, now] = [hoursBy(baseline), hoursBy(present)];
  const pairs = [...places].flatMap(([key, { metric: id, cluster, database, queryType }]): Pair[] => {
    const metric = metrics.find((one) => one.id === id);
    if (metric === undefined) return [];
    const known = (then.get(key) ?? []).filter(([end]) => end <= from);
    const before = countingOf(known, changesOf(known, metric.least));
    const own = now.get(key) ?? [];
    const { on } = scaleOf(metric.least);
    const scaled = (hours: readonly Hour[]): Hour[] => hours.map(([end, value]) => [end, on(value)]);
    const enough = before.length >= LEAST_HOURS && own.length >= ENOUGH_HOURS;
    return [
      {
        ...{ place: { metric: id, cluster, database, queryType }, metric, before, now: own },
        difference: enough ? differenceOf(scaled(before), scaled(own)) : undefined,
      },
    ];
  });
  // Only what can be told is asked, and only what is asked is corrected for.
  const asked = pairs.filter(({ difference }) => difference !== undefined && difference.leastP < SURE);
  const ps = holm(asked.map(({ difference }) => difference?.p ?? 1));
  return pairs.map((pair) => comparedOf(pair, asked.length, ps[asked.indexOf(pair)]));
};

const hoursBy = (all: readonly History[]): ReadonlyMap<string, readonly Hour[]> =>
  new Map(all.map((one) => [keyOf(one), one.hours]));

const comparedOf = ({ place, metric, before, now, difference }: Pair, asked: number, p?: number): Compared => {
  const base = {
    ...{ ...place, title: metric.title, unit: metric.unit, gone: false, hours: difference?.hours ?? now.length },
    baselineHours: before.length,
    since: before[0] === undefined ? null : new Date((before[0][0] - HOUR) * 1000).toISOString(),
  };
  const unknown = (why: string, gone = false): Compared => ({
    ...{ ...base, verdict: 'unknown', why, gone, usual: null, now: null, p: null },
  });
  if (now.length === 0) return unknown('it is not there any more', true);
  if (before.length === 0) return unknown('it is not in the baseline');
  if (before.length < LEAST_HOURS) return unknown(`only ${before.length} hours count in the baseline, of ${LEAST_HOURS}`);
  if (now.length < ENOUGH_HOURS) return unknown(`only ${now.length} of these hours are known, of ${ENOUGH_HOURS}`);
  if (difference === undefined) return unknown('none of these hours of the week is in what counts of the baseline');
  if (p === undefined || difference.leastP * asked >= SURE) {
    return unknown(`it varies so much that ${difference.hours} hours could not tell any change`);
  }
  const { off } = scaleOf(metric.least);
  const usual = off(difference.usual);
  const at = (shift: number): number => off(difference.usual + shift);
  const { value, low, high } = difference.shift;
  const told = { ...base, why: null, usual, now: { value: at(value), low: at(low), high: at(high) }, p };
  if (p >= SURE || !matters(at(value), usual, metric.least)) return { ...told, verdict: 'as usual' };
  return { ...told, verdict: metric.worse === 'neutral' ? 'different' : value > 0 ? 'worse' : 'better' };
};
