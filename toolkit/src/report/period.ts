import { SubmilliError } from '@submilli/core';
import { stepFor } from '../prometheus/span';

export const periodNames = ['daily', 'weekly', 'monthly'] as const;
export type PeriodName = (typeof periodNames)[number];

/** Seconds since the epoch. Each is as long as the one before it, so that they compare. */
export type Period = {
  readonly name: PeriodName;
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
  readonly previousFrom: number;
  /** Between the points of a plot. */
  readonly step: number;
};

const HOUR = 3600;
const DAY = 24 * HOUR;
const lengths: Readonly<Record<PeriodName, number>> = { daily: DAY, weekly: 7 * DAY, monthly: 30 * DAY };
/** Points of a plot: more cannot be seen. */
const POINTS = 400;

/** The last whole period before a moment: it ends with a full hour, as all sums are of hours. */
export const periodOf = (name: PeriodName, end: number): Period => {
  const to = Math.floor(end / HOUR) * HOUR;
  const seconds = lengths[name];
  const step = stepFor(seconds, POINTS);
  return { name, from: to - seconds, to, seconds, previousFrom: to - 2 * seconds, step };
};

/** 2026-01-31, 2026-01-31T12:00Z. Without a zone it is UTC. */
export const parseEnd = (text: string): number => {
  const zoned = /[zZ]$|[+-]\d\d:?\d\d$/.test(text) || !text.includes('T') ? text : `${text}Z`;
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(zoned) : NaN;
  if (Number.isNaN(ms)) throw new SubmilliError({ what: `"${text}" is no moment: 2026-01-31 or 2026-01-31T12:00Z` });
  return ms / 1000;
};
