/** A value read at a moment (`at`, milliseconds of a monotonic clock). */
export type Reading<T> = { readonly at: number; readonly value: T };

/** Readings of the last `seconds`, oldest first. Bounded by the window length over the sample interval. */
export type Window<T> = { readonly seconds: number; readonly readings: readonly Reading<T>[] };

/** The two ends of a window and the seconds between them. */
export type Span<T> = { readonly first: T; readonly last: T; readonly seconds: number };

export const emptyWindow = <T>(seconds: number): Window<T> => ({ seconds, readings: [] });

/** Adds a reading and forgets those that the window has moved past, keeping one at or just before its start. */
export const slide = <T>(window: Window<T>, at: number, value: T): Window<T> => {
  const start = at - window.seconds * 1000;
  const readings = [...window.readings, { at, value }];
  const firstInside = readings.findIndex((reading) => reading.at > start);
  return { ...window, readings: readings.slice(Math.max(0, firstInside - 1)) };
};

/** Both ends of the window, or nothing while it holds fewer than two readings. */
export const spanOf = <T>({ readings }: Window<T>): Span<T> | undefined => {
  const first = readings[0];
  const last = readings.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at) return undefined;
  return { first: first.value, last: last.value, seconds: (last.at - first.at) / 1000 };
};
