import { dateTimeFormat, type TimeZone } from '@grafana/data';
import { seconds } from '../format';

const DAY = 24 * 3_600_000;
const MINUTE = 60_000;

/** Bounds of buckets: the first begins at nothing, the last never ends. */
export const formatBound = (value: number): string => (value === 0 ? '0' : value === Infinity ? '∞' : seconds(value));

export const formatBounds = (low: number, high: number): string => `${formatBound(low)} – ${formatBound(high)}`;

/** As short as the distance of the marks allows. */
export const formatTick = (time: number, step: number, timeZone: TimeZone = 'browser'): string =>
  dateTimeFormat(time, { timeZone, format: step >= DAY ? 'MM-DD' : step >= MINUTE ? 'HH:mm' : 'HH:mm:ss' });

export const formatTime = (time: number, timeZone: TimeZone = 'browser'): string =>
  dateTimeFormat(time, { timeZone, format: 'YYYY-MM-DD HH:mm:ss' });
