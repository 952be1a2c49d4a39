import { QuestionRefused } from '../prometheus/client';
import { duration, stepFor, windowsOf } from '../prometheus/span';
import { type Asking, HOUR, iso, select } from './asking';
import { momentText } from './words';

const LOOKS = 400;
const MINUTE = 60;
const DAY = 24 * HOUR;
/** Longer after a period nobody expects its data. */
const LONGEST = 30 * DAY;

/**
 * Of a period that nothing is known of: since when something is, in a sentence. A report ends with a full hour, so one in
 * the first hour has nothing to tell yet. Nothing where Prometheus knows of no exporter afterwards, either.
 */
export const beginsLater = async (asking: Asking, now: number): Promise<string | undefined> => {
  const { prometheus, period } = asking;
  const until = Math.min(now, period.to + LONGEST);
  const step = stepFor(until - period.to, LOOKS);
  // The last window goes beyond the moment: what came since the window before would be missed.
  const span = windowsOf(period.to, until + step, step);
  let first: number | undefined;
  try {
    const seen = await prometheus.over(
      `group(last_over_time(${select(asking, 'db_exporter_up')}[${duration(step)}]))`,
      span,
    );
    first = seen[0]?.points[0]?.[0];
  } catch (error) {
    if (error instanceof QuestionRefused) return undefined;
    throw error;
  }
  if (first === undefined) return undefined;
  const known = Math.ceil(Math.max(period.to, first - step) / MINUTE) * MINUTE;
  const hour = (Math.floor(known / HOUR) + 1) * HOUR;
  const when =
    hour > now ? `the first that has something to tell is from ${momentText(iso(hour))} on` : 'ask for a later --end';
  return `Nothing before ${momentText(iso(known))} is known, and this report ends at ${momentText(iso(period.to))} (UTC), with a full hour: ${when}.`;
};
