import { holm } from '../statistics/ranks';
import { changesOf, countingOf } from './changes';
import { type Difference, differenceOf } from './difference';
import type { BaselineMetric } from './metrics';
import { type History, type Hour, HOUR, keyOf, type Place, type Unit } from './model';
import { matters, scaleOf } from './scale';

export type Verdict = 'worse' | 'different' | 'better' | 'as usual' | 'unknown';

export type Compared = Place & {
  readonly title: string;
  readonly unit: Unit;
  readonly verdict: Verdict;
  /** Of `unknown`: why. */
  readonly why: string | null;
  /** It was there, and is no more; or Prometheus would not tell. Then nothing is "as usual" as a whole. */
  readonly missing: boolean;
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
  readonly refused: boolean;
  readonly before: readonly Hour[];
  readonly now: readonly Hour[];
  readonly difference: Difference | undefined;
};

export type Comparison = {
  readonly metrics: readonly BaselineMetric[];
  readonly baseline: readonly History[];
  /** What was in the hours since `from`, and metrics that could not be asked for. */
  readonly present: readonly History[];
  readonly refused: ReadonlySet<string>;
  readonly from: number;
  /** Called before each row: there may be thousands. */
  readonly breathe: () => Promise<void>;
};

/** What was in some hours beside what was usual before them. */
export const compareAll = async (comparison: Comparison): Promise<readonly Compared[]> => {
  const { metrics, baseline, present, breathe } = comparison;
  const places = new Map([...baseline, ...present].map((one) => [keyOf(one), one]));
  const [then, now] = [hoursBy(baseline), hoursBy(present)];
  const pairs: Pair[] = [];
  for (const [key, { metric: id, cluster, database, queryType }] of places) {
    const metric = metrics.find((one) => one.id === id);
    if (metric === undefined) continue;
    await breathe();
    const place = { metric: id, cluster, database, queryType };
    pairs.push(pairOf(comparison, place, metric, then.get(key) ?? [], now.get(key) ?? []));
  }
  // Only what can be told is asked, and only what is asked is corrected for.
  const asked = pairs.filter(({ difference }) => difference !== undefined && difference.leastP < SURE);
  const ps = holm(asked.map(({ difference }) => difference?.p ?? 1));
  return pairs.map((pair) => comparedOf(pair, asked.length, ps[asked.indexOf(pair)]));
};

const pairOf = (
  { from, refused }: Comparison,
  place: Place,
  metric: BaselineMetric,
  all: readonly Hour[],
  now: readonly Hour[],
): Pair => {
  const known = all.filter(([end]) => end <= from);
  const before = countingOf(known, changesOf(known, metric.least));
  const { on } = scaleOf(metric.least);
  const scaled = (hours: readonly Hour[]): Hour[] => hours.map(([end, value]) => [end, on(value)]);
  const enough = before.length >= LEAST_HOURS && now.length >= ENOUGH_HOURS;
  const difference = enough ? differenceOf(scaled(before), scaled(now)) : undefined;
  return { place, metric, refused: refused.has(metric.id), before, now, difference };
};

const hoursBy = (all: readonly History[]): ReadonlyMap<string, readonly Hour[]> =>
  new Map(all.map((one) => [keyOf(one), one.hours]));

const comparedOf = (pair: Pair, asked: number, p?: number): Compared => {
  const { place, metric, refused, before, now, difference } = pair;
  const base = {
    ...{ ...place, title: metric.title, unit: metric.unit, missing: false, hours: difference?.hours ?? now.length },
    baselineHours: before.length,
    since: before[0] === undefined ? null : new Date((before[0][0] - HOUR) * 1000).toISOString(),
  };
  const unknown = (why: string, missing = false): Compared => ({
    ...{ ...base, verdict: 'unknown', why, missing, usual: null, now: null, p: null },
  });
  if (refused) return unknown('Prometheus would not tell', true);
  if (now.length === 0) return unknown('it is not there any more', true);
  if (before.length === 0) return unknown('it is not in the baseline');
  if (before.length < LEAST_HOURS)
    return unknown(`only ${before.length} hours count in the baseline, of ${LEAST_HOURS}`);
  if (now.length < ENOUGH_HOURS) return unknown(`only ${now.length} of these hours are known, of ${ENOUGH_HOURS}`);
  if (difference === undefined) return unknown('none of these hours of the week is in what counts of the baseline');
  if (p === undefined || difference.leastP * asked >= SURE) {
    return unknown(`it varies so much that ${difference.hours} hours cannot tell`);
  }
  const { off } = scaleOf(metric.least);
  const usual = off(difference.usual);
  const at = (shift: number): number => off(difference.usual + shift);
  const { value, low, high } = difference.shift;
  const told = { ...base, why: null, usual, now: { value: at(value), low: at(low), high: at(high) }, p };
  if (p >= SURE || !matters(at(value), usual, metric.least)) return { ...told, verdict: 'as usual' };
  return { ...told, verdict: metric.worse === 'neutral' ? 'different' : value > 0 ? 'worse' : 'better' };
};
