import type { Reach } from '../http/reach';

/** What was seen of one member in one beat. */
export type Sight = {
  readonly name: string;
  /** When it answered, or when it was clear that it doesn't: milliseconds of the monotonic clock. */
  readonly at: number;
  /** Null: it could not be told. */
  readonly writable: boolean | null;
  readonly timeline: number | null;
  /** When its postmaster was started, in seconds since 1970. */
  readonly started: number | null;
  /** How its PostgreSQL answers; null if it is not asked, or nothing is known yet. */
  readonly postgres: Reach | null;
  readonly patroni: Reach | null;
  /** It is being stopped in order: it said so to us, or Patroni does. */
  readonly stopping: boolean;
  /** Its Patroni has not reached the configuration store for long; null if it does not tell. */
  readonly storeLost: boolean | null;
  /** When our session with it broke, if that was since the last beat: until then it was alive. */
  readonly brokeAt: number | null;
};

/** One look at all members. */
export type Beat = {
  /** When it was over, on the monotonic clock and in milliseconds since 1970. */
  readonly at: number;
  readonly wall: number;
  readonly sights: readonly Sight[];
  /** A switchover is scheduled for about now. */
  readonly scheduled: boolean;
};

export const wallOf = (beat: Beat, at: number): number => beat.wall - (beat.at - at);

/**
 * The server that counts: of those that can be written to the one on the highest timeline, then the one before. One on
 * an older timeline than `atLeast` is an old primary that came back, and never counts.
 */
export const leaderOf = (
  sights: readonly Sight[],
  before: string | undefined,
  atLeast: number | null,
): Sight | undefined =>
  sights
    .filter(({ writable, timeline }) => writable === true && (timeline ?? Infinity) >= (atLeast ?? -Infinity))
    .sort(
      (a, b) =>
        (b.timeline ?? -1) - (a.timeline ?? -1) ||
        Number(b.name === before) - Number(a.name === before) ||
        a.name.localeCompare(b.name),
    )[0];
