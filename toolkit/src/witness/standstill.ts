import type { Clock } from '@submilli/core';

/**
 * Notices that this process stood still: stopped, starved or suspended. The monotonic clock does not run while a machine
 * is suspended, the wall clock may be set back: the longer of both counts. A clock set forward costs one look.
 */
export type Moment = { readonly monotonic: number; readonly wall: number };

export const momentOf = (clock: Clock): Moment => ({ monotonic: clock.monotonic(), wall: clock.wall() });

export const passedSince = (moment: Moment, clock: Clock): number =>
  Math.max(clock.monotonic() - moment.monotonic, clock.wall() - moment.wall);
