import type { Baseline } from './baseline';
import type { Pace } from './work';

/** What is different from usual beside the time, and so may be why. */
export type Change = 'plan' | 'rows' | 'blocks' | 'load';

/** How a statement does now against what is usual. */
export type Verdict = {
  readonly calls: number;
  readonly now: Pace;
  readonly usual: Baseline;
  /** Its mean time against the usual one. */
  readonly ratio: number;
  /** Since when it is slower than it should be, in seconds since the epoch; null if it isn't. */
  readonly since: number | null;
  readonly changes: readonly Change[];
};

export const ENOUGH_CALLS = 100;
export const FACTOR = 2;
export const SPREADS = 3;
/** Once it was too slow, it has to come down to this. */
const RECOVERED = 1.5;
/** By how much something else has to have changed to be named. */
const NOTICEABLE = 1.5;
/** A plan that changed up to this long before can be why. */
const PLAN_HOURS = 6;

export type Judged = {
  readonly calls: number;
  readonly now: Pace;
  readonly usual: Baseline;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly before: Verdict | undefined;
  /** When its latest plan was first seen, if it had another one before. */
  readonly planChangedAt: number | undefined;
};

export const judge = ({ calls, now, usual, at, before, planChangedAt }: Judged): Verdict => {
  const ratio = usual.mean > 0 ? now.mean / usual.mean : 1;
  const was = before?.since ?? null;
  const isSlow =
    calls >= ENOUGH_CALLS &&
    now.mean - usual.mean >= SPREADS * usual.spread &&
    ratio >= (was === null ? FACTOR : RECOVERED);
  const since = isSlow ? (was ?? at) : null;
  const more = (of: (pace: Pace) => number): boolean => of(now) > NOTICEABLE * of(usual);
  const replanned = since !== null && planChangedAt !== undefined && planChangedAt > since - PLAN_HOURS * 3600;
  const changes: Change[] = [
    ...(replanned ? (['plan'] as const) : []),
    ...(more(({ rows }) => rows) ? (['rows'] as const) : []),
    ...(more(({ blocks }) => blocks) ? (['blocks'] as const) : []),
    ...(more(({ rate }) => rate) ? (['load'] as const) : []),
  ];
  return { calls, now, usual, ratio, since, changes: since === null ? [] : changes };
};
