import { type Interval, poolAll } from './interval';

/** What statements did in some seconds, by statement key. */
export type Slice = { readonly seconds: number; readonly intervals: ReadonlyMap<string, Interval> };

/** The last `length` seconds in slices, oldest first. Bounded: about `SLICES`, however short the beat. */
export type Slices = { readonly length: number; readonly slices: readonly Slice[] };

/** Beats are pooled into slices of at least this part of the window; at the usual 5 s in 60 s each is its own. */
const SLICES = 12;

export const emptySlices = (length: number): Slices => ({ length, slices: [] });

/**
 * Adds what happened in one beat, and forgets what the window has moved past. It covers `length` once it is full, and up
 * to one slice more. A beat longer than the whole window (nothing could be read for a while) says nothing about so short
 * a time: then it begins anew.
 */
export const slideSlices = ({ length, slices }: Slices, beat: Slice): Slices => {
  if (beat.seconds > length) return emptySlices(length);
  const last = slices.at(-1);
  const grown =
    last !== undefined && last.seconds + beat.seconds <= length / SLICES
      ? [...slices.slice(0, -1), sliceOf([last, beat])]
      : [...slices, beat];
  return { length, slices: withoutOld(grown, length) };
};

const withoutOld = (slices: readonly Slice[], length: number): readonly Slice[] => {
  const rest = slices.slice(1);
  return rest.length > 0 && secondsOf(rest) >= length ? withoutOld(rest, length) : slices;
};

/** All slices as one. */
export const sliceOf = (slices: readonly Slice[]): Slice => ({
  seconds: secondsOf(slices),
  intervals: poolAll(slices.flatMap(({ intervals }) => [...intervals.values()])),
});

export const secondsOf = (slices: readonly Slice[]): number => slices.reduce((sum, { seconds }) => sum + seconds, 0);
