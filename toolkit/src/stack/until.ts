import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SubmilliError } from '@submilli/core';

const LOOK_MS = 2000;
const POLL_MS = 100;

/**
 * Looks again and again until it sees what it looks for. `look` rejects with the reason why not yet, which `say` shows.
 * Throws a `SubmilliError` with the last reason after `seconds`, or the signal's own reason.
 */
export const until = async <T>(
  signal: AbortSignal,
  seconds: number,
  say: (detail: string) => void,
  look: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await look(AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]));
    } catch (error) {
      signal.throwIfAborted();
      say(messageOf(error));
      if (Date.now() > deadline) {
        throw new SubmilliError({ what: `after ${seconds} s: ${messageOf(error)}`, cause: error });
      }
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
};
