import type { DynamicConfig } from './schema';
import { isAtLeast } from './version';

/** Seconds. */
export type Timers = { readonly ttl: number; readonly loopWait: number; readonly retryTimeout: number };

/** What Patroni takes where the configuration says nothing (patroni/config.py). */
export const DEFAULTS = {
  ...{ ttl: 30, loop_wait: 10, retry_timeout: 10, primary_start_timeout: 300 },
  maximum_lag_on_failover: 1_048_576,
} as const;

/** The first version that raises values below its minimum, and lowers those that break its rule. */
export const ADJUSTS_SINCE = '3.2.0';
export const MINIMUM: Timers = { ttl: 20, loopWait: 1, retryTimeout: 3 };

export const configured = (config: DynamicConfig): Timers => ({
  ttl: config.ttl ?? DEFAULTS.ttl,
  loopWait: config.loop_wait ?? DEFAULTS.loop_wait,
  retryTimeout: config.retry_timeout ?? DEFAULTS.retry_timeout,
});

/** loop_wait + 2 × retry_timeout <= ttl: else a leader may retry for longer than its lease lives. */
export const breaksRule = ({ ttl, loopWait, retryTimeout }: Timers): boolean => loopWait + 2 * retryTimeout > ttl;

/** The timers that a version really uses (patroni/config.py, `_validate_and_adjust_timeouts`). */
export const effective = (config: DynamicConfig, version: string): Timers => {
  const asked = configured(config);
  if (!isAtLeast(version, ADJUSTS_SINCE)) return asked;
  const ttl = Math.max(asked.ttl, MINIMUM.ttl);
  const loopWait = Math.max(asked.loopWait, MINIMUM.loopWait);
  const retryTimeout = Math.max(asked.retryTimeout, MINIMUM.retryTimeout);
  if (MINIMUM.loopWait + 2 * retryTimeout > ttl) {
    return { ttl, loopWait: MINIMUM.loopWait, retryTimeout: Math.floor((ttl - MINIMUM.loopWait) / 2) };
  }
  return { ttl, loopWait: Math.min(loopWait, ttl - 2 * retryTimeout), retryTimeout };
};

/** `primary_start_timeout`, under its old name until 3.0. */
export const startTimeout = (config: DynamicConfig): number =>
  config.primary_start_timeout ?? config.master_start_timeout ?? DEFAULTS.primary_start_timeout;
