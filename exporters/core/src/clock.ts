/** Time as a parameter. `monotonic` is for durations and deadlines, `wall` for timestamps; both in milliseconds. */
export type Clock = { readonly monotonic: () => number; readonly wall: () => number };

export const systemClock: Clock = { monotonic: () => performance.now(), wall: () => Date.now() };

/** A moment by which something must be over. */
export type Deadline = { readonly remainingMs: () => number };

export const deadlineIn = (ms: number, clock: Clock): Deadline => {
  const end = clock.monotonic() + ms;
  return { remainingMs: () => end - clock.monotonic() };
};

/** The earlier of a deadline and `ms` from now. */
export const noLaterThan = (deadline: Deadline, ms: number, clock: Clock): Deadline => {
  const own = deadlineIn(ms, clock);
  return { remainingMs: () => Math.min(deadline.remainingMs(), own.remainingMs()) };
};

/**
 * Settles with `work`, or rejects with `late()` when the deadline passes first. `work` itself is not stopped: whoever
 * owns it must be bounded too.
 */
export const within = async <T>(work: Promise<T>, deadline: Deadline, late: () => Error): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), Math.max(0, deadline.remainingMs()));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
};
