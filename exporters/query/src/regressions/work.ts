import type { Interval } from '../statements/interval';

/** What a statement did, summed up: the figures that a regression shows in. */
export type Work = {
  readonly calls: number;
  readonly seconds: number;
  readonly blocks: number;
  readonly rows: number;
  /** Bytes. */
  readonly wal: number;
};

/** The same per call, and calls per second. */
export type Pace = Omit<Work, 'calls' | 'seconds'> & { readonly mean: number; readonly rate: number };

export const NO_WORK: Work = { calls: 0, seconds: 0, blocks: 0, rows: 0, wal: 0 };

export const workOf = ({ calls, seconds, counters }: Interval): Work => ({
  calls,
  seconds,
  blocks: counters.hit + counters.read,
  rows: counters.rows,
  wal: counters.wal,
});

export const plus = (a: Work, b: Work): Work => ({
  calls: a.calls + b.calls,
  seconds: a.seconds + b.seconds,
  blocks: a.blocks + b.blocks,
  rows: a.rows + b.rows,
  wal: a.wal + b.wal,
});

export const minus = (a: Work, b: Work): Work => ({
  calls: a.calls - b.calls,
  seconds: Math.max(0, a.seconds - b.seconds),
  blocks: a.blocks - b.blocks,
  rows: a.rows - b.rows,
  wal: a.wal - b.wal,
});

/** @param watched seconds in which the work was done */
export const paceOf = ({ calls, seconds, blocks, rows, wal }: Work, watched: number): Pace => ({
  mean: seconds / calls,
  blocks: blocks / calls,
  rows: rows / calls,
  wal: wal / calls,
  rate: watched > 0 ? calls / watched : 0,
});
