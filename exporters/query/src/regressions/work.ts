import type { Interval } from '../statements/interval';

/** What a statement did, summed up: the figures that a regression shows in. */
export type Work = {
  readonly calls: number;
  readonly seconds: number;
  readonly blocks: number;
  readonly rows: number;
};

/** The same per call, and calls per second. */
export type Pace = { readonly mean: number; readonly blocks: number; readonly rows: number; readonly rate: number };

export const NO_WORK: Work = { calls: 0, seconds: 0, blocks: 0, rows: 0 };

export const workOf = ({ calls, seconds, counters }: Interval): Work => ({
  calls,
  seconds,
  blocks: counters.hit + counters.read,
  rows: counters.rows,
});

export const plus = (a: Work, b: Work): Work => ({
  calls: a.calls + b.calls,
  seconds: a.seconds + b.seconds,
  blocks: a.blocks + b.blocks,
  rows: a.rows + b.rows,
});

export const minus = (a: Work, b: Work): Work => ({
  calls: a.calls - b.calls,
  seconds: Math.max(0, a.seconds - b.seconds),
  blocks: a.blocks - b.blocks,
  rows: a.rows - b.rows,
});

/** @param watched seconds in which the work was done */
export const paceOf = ({ calls, seconds, blocks, rows }: Work, watched: number): Pace => ({
  mean: seconds / calls,
  blocks: blocks / calls,
  rows: rows / calls,
  rate: watched > 0 ? calls / watched : 0,
});
