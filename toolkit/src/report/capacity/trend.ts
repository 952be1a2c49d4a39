import type { Point } from '../../prometheus/answer';
import { type Trend, trendOf } from '../../statistics/trend';
import type { CapacityItem } from '../model';
import { bytesText, daysText, percentText } from '../words';

/** Something that grows towards a limit: one value a day, oldest first. */
export type Growing = Pick<CapacityItem, 'what' | 'where' | 'unit' | 'limit'> & {
  readonly points: readonly Point[];
  /** Falls at times by itself, as when vacuum freezes. */
  readonly sawtooth?: boolean;
  /** From this share of the limit on it is bad, whatever its trend. */
  readonly worrying?: number;
};

const DAY = 86_400;
/** With fewer days no trend is told. */
export const ENOUGH_DAYS = 7;
const SURE = 0.01;
/** What is farther away is not foreseen. */
const HORIZON_DAYS = 730;
const SOON_DAYS = 30;
/** A fall of so much of all that it moved is no noise. */
const FALL = 0.2;

/** Where it is, how it grows, and when it is full: the last two only where they are sure. */
export const capacityOf = (growing: Growing): CapacityItem => {
  const { what, where, unit, limit, points, worrying = Infinity } = growing;
  const now = points.at(-1)?.[1] ?? NaN;
  const base = { what, where, unit, now, limit, points };
  const full = limit !== null && now / limit >= worrying;
  const unsure = (sentence: string): CapacityItem => ({
    ...{ ...base, perDay: null, exhaustedInDays: null, sentence, tone: full ? 'bad' : 'neutral' },
  });

  if (points.length < ENOUGH_DAYS) {
    return unsure(`too little history for a trend (${points.length} of ${ENOUGH_DAYS} days)`);
  }
  const falls = fallsOf(points);
  if (growing.sawtooth === true && falls > 0) {
    return unsure(
      `turned down ${falls === 1 ? 'once' : `${falls} times`} in ${points.length} days: it is kept in check`,
    );
  }
  const found = sureTrend(points);
  if (found === undefined) return unsure(`no sure trend in ${points.length} days`);
  const { trend, days } = found;
  const perDay = { value: trend.slope, low: trend.low, high: trend.high };
  const grows = `${trend.slope > 0 ? 'grows' : 'shrinks'} by ${amount(Math.abs(trend.slope), unit)} a day (${range(perDay, unit)})${
    days < points.length ? ` since ${days} days; before that differently` : ''
  }`;
  if (trend.slope <= 0) return { ...base, perDay, exhaustedInDays: null, sentence: grows, tone: full ? 'bad' : 'good' };
  if (limit === null)
    return { ...base, perDay, exhaustedInDays: null, sentence: `${grows}; its limit is not known`, tone: 'neutral' };

  const room = Math.max(0, limit - now);
  const [soonest, latest] = [room / trend.high, room / trend.low];
  if (soonest > HORIZON_DAYS) {
    return {
      ...base,
      perDay,
      exhaustedInDays: null,
      sentence: `${grows}; not full within two years`,
      tone: full ? 'bad' : 'good',
    };
  }
  const exhaustedInDays = { soonest, latest: latest > HORIZON_DAYS ? null : latest };
  const to = exhaustedInDays.latest === null ? 'more than two years' : daysText(latest);
  const when = daysText(soonest) === to ? to : `${daysText(soonest)} to ${to}`;
  return {
    ...base,
    perDay,
    exhaustedInDays,
    sentence: `${grows}; full in ${when}`,
    tone: full || soonest < SOON_DAYS ? 'bad' : 'neutral',
  };
};

/**
 * The trend of all days; where the two halves surely grow differently, that of the newer half, if that is sure and long
 * enough by itself. Undefined if there is none that is sure.
 */
const sureTrend = (points: readonly Point[]): { readonly trend: Trend; readonly days: number } | undefined => {
  const inDays = points.map(([at, value]): Point => [(at - (points[0]?.[0] ?? 0)) / DAY, value]);
  const half = Math.floor(inDays.length / 2);
  const [older, newer] = [trendOf(inDays.slice(0, half)), trendOf(inDays.slice(half))];
  const differ =
    half >= ENOUGH_DAYS &&
    older !== undefined &&
    newer !== undefined &&
    (older.high < newer.low || newer.high < older.low);
  const trend = differ ? newer : trendOf(inDays);
  const isSure = trend !== undefined && trend.p < SURE && trend.low * trend.high > 0;
  return isSure ? { trend, days: differ ? inDays.length - half : inDays.length } : undefined;
};

const fallsOf = (points: readonly Point[]): number => {
  const values = points.map(([, value]) => value);
  const moved = Math.max(...values) - Math.min(...values);
  return values.filter((value, i) => i > 0 && (values[i - 1] ?? value) - value > FALL * moved).length;
};

const amount = (value: number, unit: CapacityItem['unit']): string =>
  unit === 'bytes' ? bytesText(value) : percentText(value);

const range = ({ low, high }: { readonly low: number; readonly high: number }, unit: CapacityItem['unit']): string => {
  const [a, b] = [Math.min(Math.abs(low), Math.abs(high)), Math.max(Math.abs(low), Math.abs(high))];
  return `${amount(a, unit)} to ${amount(b, unit)}`;
};
