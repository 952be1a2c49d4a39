/** The timers that decide how soon a lost leader is replaced; seconds, named as in Patroni's dynamic configuration. */
export type Timers = { readonly ttl: number; readonly loop_wait: number; readonly retry_timeout: number };

/** Two numbers are enough: rules came with minor releases. */
const parseVersion = (version: string): readonly [number, number] => {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) throw new RangeError(`not a version of Patroni: ${version}`);
  return [Number(major), Number(minor)];
};

const isAtLeast = (version: string, major: number, minor: number): boolean => {
  const [ownMajor, ownMinor] = parseVersion(version);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
};

/** The first version that raises values below its minimum, and lowers those that break its rule. */
export const ADJUSTS_SINCE = '3.2.0';

const adjusts = (version: string): boolean => isAtLeast(version, 3, 2);

/** Patroni's least values: from 3.2 on, smaller ones are raised to these. Before, any whole second is taken as it is. */
export const leastTimers = (version: string): Timers =>
  adjusts(version) ? { ttl: 20, loop_wait: 1, retry_timeout: 3 } : { ttl: 1, loop_wait: 1, retry_timeout: 1 };

/**
 * The shortest timers that are safe to run. Up to 3.1: a leader that renews its lock each second and gives up after
 * 2 * 2 s has stopped before its lock of 5 s ends. From 3.2 on: what is the least there.
 */
export const shortestTimers = (version: string): Timers =>
  adjusts(version) ? leastTimers(version) : { ttl: 5, loop_wait: 1, retry_timeout: 2 };

/**
 * Whether a leader that can't reach etcd has given up by the time its lock ends: it may retry a read and then a write,
 * each for retry_timeout, and looks only every loop_wait.
 */
export const lockOutlivesRetries = ({ ttl, loop_wait, retry_timeout }: Timers): boolean =>
  loop_wait + 2 * retry_timeout <= ttl;

/** What a version of Patroni really runs with: from 3.2 on it corrects what breaks its rules, with one line in its log. */
export const effectiveTimers = (configured: Timers, version: string): Timers => {
  if (!adjusts(version)) return configured;
  const least = leastTimers(version);
  const ttl = Math.max(least.ttl, configured.ttl);
  const loop_wait = Math.max(least.loop_wait, configured.loop_wait);
  const retry_timeout = Math.max(least.retry_timeout, configured.retry_timeout);
  if (least.loop_wait + 2 * retry_timeout > ttl) {
    return { ttl, loop_wait: least.loop_wait, retry_timeout: Math.floor((ttl - least.loop_wait) / 2) };
  }
  return { ttl, loop_wait: Math.min(loop_wait, ttl - 2 * retry_timeout), retry_timeout };
};
