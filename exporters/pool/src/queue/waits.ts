import { emptyHistogram, type Histogram, observe, OTHER, WAIT_BUCKETS } from '@submilli/core';

/** A client that waits for a server now. Times in milliseconds, by the clock of the beats. */
export type Waiting = {
  /** Who, and since which request: see `waitingOf`. */
  readonly key: string;
  readonly database: string;
  readonly user: string;
  /** What PgBouncer says it has waited; 0 all the time while it waits to be logged in. */
  readonly waitedMs: number;
};

/** What one beat found out. */
export type Beat =
  | { readonly outcome: 'empty' }
  /** Somebody waits, but it is not yet time to ask again who. */
  | { readonly outcome: 'skipped' }
  | {
      readonly outcome: 'read';
      readonly waiting: readonly Waiting[];
      /** When we asked, and when we had the answer; PgBouncer looked at its clock in between. */
      readonly asked: number;
      readonly answered: number;
      /** Beats to leave out now, so that asking stays cheap. */
      readonly rest: number;
    };

type OpenWait = {
  readonly database: string;
  readonly user: string;
  readonly waitedMs: number;
  readonly longestMs: number;
  readonly firstAnswered: number;
  readonly lastAnswered: number;
};

type Queue = { readonly database: string; readonly user: string; readonly histogram: Histogram };

export type Waits = {
  readonly open: ReadonlyMap<string, OpenWait>;
  readonly queues: ReadonlyMap<string, Queue>;
  readonly beats: Readonly<Record<Beat['outcome'], number>>;
  readonly rest: number;
};

export const noWaits: Waits = {
  open: new Map(),
  queues: new Map(),
  beats: { empty: 0, skipped: 0, read: 0 },
  rest: 0,
};

/** Queues with a histogram of their own; those that come later share one. First come stays, so that no counter falls. */
const MAX_QUEUES = 50;

/** PgBouncer takes the time once per round of its loop, so that two readings can differ from ours by such a round. */
const CLOCK_TOLERANCE_MS = 20;

const keyOf = (database: string, user: string): string => `${database}\0${user}`;

const withQueue = (queues: Map<string, Queue>, wait: { database: string; user: string }): string => {
  const own = keyOf(wait.database, wait.user);
  const { database, user } = queues.has(own) || queues.size < MAX_QUEUES ? wait : { database: OTHER, user: OTHER };
  const key = keyOf(database, user);
  if (!queues.has(key)) queues.set(key, { database, user, histogram: emptyHistogram(WAIT_BUCKETS) });
  return key;
};

/**
 * Whether a client that waited before and waits now has done so all the time. A wait that was there at both readings
 * has grown by no less than the time between the first answer and the second question; one that began after the first
 * reading can be no longer than the time since.
 */
const goesOn = (before: OpenWait, now: Waiting, asked: number): boolean => {
  if (before.waitedMs === 0 && now.waitedMs === 0) return true; // the login of one connection
  return now.waitedMs - before.waitedMs >= asked - before.lastAnswered - CLOCK_TOLERANCE_MS;
};

const opened = ({ database, user, waitedMs }: Waiting, answered: number): OpenWait => ({
  ...{ database, user, waitedMs },
  ...{ longestMs: waitedMs, firstAnswered: answered, lastAnswered: answered },
});

const continued = (before: OpenWait, { waitedMs }: Waiting, asked: number, answered: number): OpenWait => ({
  ...before,
  waitedMs,
  // What we saw ourselves counts where PgBouncer has no number: during a login.
  longestMs: Math.max(before.longestMs, waitedMs, asked - before.firstAnswered),
  lastAnswered: answered,
});

const count = (queues: Map<string, Queue>, wait: OpenWait): void => {
  const key = withQueue(queues, wait);
  const queue = queues.get(key);
  if (queue !== undefined) queues.set(key, { ...queue, histogram: observe(queue.histogram, wait.longestMs / 1000) });
};

/** Takes in one beat. Each wait that was seen is counted once, when it is over, with the longest time it was seen at. */
export const foldWaits = (state: Waits, beat: Beat): Waits => {
  const beats = { ...state.beats, [beat.outcome]: state.beats[beat.outcome] + 1 };
  if (beat.outcome === 'skipped') return { ...state, beats, rest: Math.max(0, state.rest - 1) };
  const queues = new Map(state.queues);
  const open = new Map<string, OpenWait>();
  if (beat.outcome === 'read') {
    for (const waiting of beat.waiting) {
      const before = state.open.get(waiting.key);
      withQueue(queues, waiting); // shown as soon as somebody waits there: a counter should be seen at 0 first
      if (before !== undefined && goesOn(before, waiting, beat.asked)) {
        open.set(waiting.key, continued(before, waiting, beat.asked, beat.answered));
      } else {
        if (before !== undefined) count(queues, before);
        open.set(waiting.key, opened(waiting, beat.answered));
      }
    }
  }
  for (const [key, wait] of state.open) if (!open.has(key)) count(queues, wait);
  return { open, queues, beats, rest: beat.outcome === 'read' ? beat.rest : 0 };
};
