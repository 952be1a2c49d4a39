import type { RestartPolicy } from './service';

const MINUTE = 60_000;

/**
 * When a service that ended may start again, in milliseconds from `now`; undefined when it has used up its starts.
 * `starts` are the times of all its starts so far, oldest first; `clean` means that it ended because its work was done.
 */
export const nextRestart = (
  policy: RestartPolicy,
  starts: readonly number[],
  now: number,
  clean: boolean,
): { readonly afterMs: number } | undefined => {
  if (starts.length >= policy.total) return undefined;
  const recent = starts.filter((at) => now - at < MINUTE);
  const oldest = recent.at(-policy.perMinute);
  const roomAfter = oldest === undefined ? 0 : MINUTE - (now - oldest);
  return { afterMs: Math.max(roomAfter, clean ? 0 : backOff(policy, starts, now)) };
};

/** Doubles with each start in a row that did not last; the last run counts as good once it outlived the longest pause. */
const backOff = ({ minDelayMs, maxDelayMs }: RestartPolicy, starts: readonly number[], now: number): number => {
  let failures = 0;
  let until = now;
  for (const at of starts.toReversed()) {
    if (until - at > 2 * maxDelayMs) break;
    failures += 1;
    until = at;
  }
  return failures === 0 ? minDelayMs : Math.min(maxDelayMs, minDelayMs * 2 ** (failures - 1));
};
