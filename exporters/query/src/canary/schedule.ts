/**
 * Tries at fixed moments, whatever becomes of those before (an open loop): a target that stalls is measured by all the
 * tries that it holds up, and not by one. Moments in milliseconds, counted from `start`.
 */
export type Schedule = { readonly start: number; readonly everyMs: number; readonly done: number };

/** More than so many tries are not made up for: they are missed, and counted. */
export const MOST_OVERDUE = 500;

export const startSchedule = (start: number, rateHz: number): Schedule => ({ start, everyMs: 1000 / rateHz, done: 0 });

/** When the next try is due; in the past when it is late. */
export const dueAt = ({ start, everyMs, done }: Schedule): number => start + done * everyMs;

/** How many tries are due by a moment, and not taken. */
export const overdueAt = (schedule: Schedule, at: number): number =>
  Math.max(0, Math.floor((at - dueAt(schedule)) / schedule.everyMs) + 1);

/** Without so many tries, which are not made. */
export const without = (schedule: Schedule, count: number): Schedule => ({ ...schedule, done: schedule.done + count });

/** With the next try taken; and how many before it had to be given up as too many were due. */
export const takeNext = (schedule: Schedule, now: number): { schedule: Schedule; due: number; missed: number } => {
  const missed = Math.max(0, overdueAt(schedule, now) - 1 - MOST_OVERDUE);
  const skipped = without(schedule, missed);
  return { schedule: without(skipped, 1), due: dueAt(skipped), missed };
};
