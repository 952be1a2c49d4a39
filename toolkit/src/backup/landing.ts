import type { Moment } from './moment';
import { parseMoment } from './moment';

/** Where recovery ended, by the account of the server that did it. */
export type Landing = {
  /** Of the last transaction that is there; null: none was replayed. */
  readonly last: Moment | null;
  /** Of the first that is not any more. */
  readonly next: Moment | null;
};

/** Reads PostgreSQL's messages about recovery (xlogrecovery.c: recoveryStopsBefore, and the one at the end of redo). */
export const landingOf = (log: string): Landing => {
  const next = /recovery stopping before (?:commit|abort) of transaction \d+, time ([\d-]+ [\d:.]+\+\d\d)/.exec(
    log,
  )?.[1];
  const last = /last completed transaction was at log time ([\d-]+ [\d:.]+\+\d\d)/.exec(log)?.[1];
  return {
    last: last === undefined ? null : parseMoment(last),
    next: next === undefined ? null : parseMoment(next),
  };
};

/** Whether that is the moment that was asked for: all until then, and nothing after it. */
export const isAt = ({ last, next }: Landing, target: Moment): boolean =>
  (last === null || last <= target) && next !== null && next > target;
