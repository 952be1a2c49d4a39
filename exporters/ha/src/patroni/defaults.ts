import type { Timers } from '@submilli/core';
import type { DynamicConfig } from './schema';

/** What Patroni takes where the configuration says nothing (patroni/config.py). */
export const DEFAULTS = {
  ...{ ttl: 30, loop_wait: 10, retry_timeout: 10, primary_start_timeout: 300 },
  maximum_lag_on_failover: 1_048_576,
} as const;

/** The timers as they are configured, in seconds; `effectiveTimers` are those that a version really uses. */
export const configured = ({ ttl, loop_wait, retry_timeout }: DynamicConfig): Timers => ({
  ttl: ttl ?? DEFAULTS.ttl,
  loop_wait: loop_wait ?? DEFAULTS.loop_wait,
  retry_timeout: retry_timeout ?? DEFAULTS.retry_timeout,
});

/** `primary_start_timeout`, under its old name until 3.0. */
export const startTimeout = (config: DynamicConfig): number =>
  config.primary_start_timeout ?? config.master_start_timeout ?? DEFAULTS.primary_start_timeout;
