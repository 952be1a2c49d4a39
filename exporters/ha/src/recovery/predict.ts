import { effectiveTimers } from '@submilli/core';
import { type DynamicConfig } from '../patroni/schema';
import { configured, startTimeout } from '../patroni/defaults';
import { isAtLeast } from '../patroni/version';

export const faults = [
  'switchover',
  'postmaster-crash',
  'node-loss',
  'hang',
  'network',
  'patroni-loss',
  'dcs',
] as const;

export type Fault = (typeof faults)[number];

/** Seconds until a server can be written to again, for a client that finds it at once. */
export type Prediction = {
  readonly fault: Fault;
  /** What to expect, between `low` and `high`; null: no end can be told. */
  readonly seconds: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly how: string;
};

/** What the arithmetic of timers leaves: measured with etcd 3.4 on loopback, Patroni 3.0.2 to 4.1.4 (docs/failovers.md). */
const ELECTION = { low: 0.6, seconds: 0.9, high: 1 };
/** Before it takes over a standby asks all others, for 2 s at most (patroni/ha.py, `fetch_node_status`). */
const SILENT = { low: 1.4, seconds: 1.7, high: 2 };
/** From a crash that Patroni has noticed to a server that can be written to. */
const AFTER_CRASH = { low: 1.4, seconds: 2.1, high: 2.5 };
const HANDOVER = { low: 1.2, seconds: 1.5, high: 2 };
/** From 3.2.1 on the leader gives its standby one more second to catch up (patroni/ha.py, `on_shutdown`). */
const PATIENT_SINCE = '3.2.1';

const round = (value: number): number => Math.round(value * 10) / 10;

/** From the timers that this version uses, as it uses them. */
export const predict = (config: DynamicConfig, version: string): readonly Prediction[] => {
  const { ttl, loop_wait: loopWait } = effectiveTimers(configured(config), version);
  const start = startTimeout(config);
  const told = (fault: Fault, low: number, seconds: number, high: number, how: string): Prediction => ({
    ...{ fault, how },
    ...{ low: round(low), seconds: round(seconds), high: round(high) },
  });
  // The lease was last renewed up to loop_wait before the leader was lost.
  const lease = {
    low: Math.max(0, ttl - loopWait) + ELECTION.low,
    seconds: ttl - loopWait / 2 + ELECTION.seconds,
    high: ttl + ELECTION.high,
  };
  const silent = (fault: Fault, how: string): Prediction =>
    told(fault, lease.low + SILENT.low, lease.seconds + SILENT.seconds, lease.high + SILENT.high, how);
  const handover = isAtLeast(version, PATIENT_SINCE) ? 1 : 0;
  return [
    told(
      'switchover',
      ...([HANDOVER.low + handover, HANDOVER.seconds + handover, HANDOVER.high + handover] as const),
      'the leader stops in order and its standby is promoted; no timer is waited for',
    ),
    told(
      'postmaster-crash',
      AFTER_CRASH.low,
      loopWait / 2 + AFTER_CRASH.seconds,
      start === 0 ? loopWait + AFTER_CRASH.high : loopWait + start + loopWait,
      start === 0
        ? 'Patroni notices within loop_wait and hands over at once (primary_start_timeout = 0)'
        : `Patroni notices within loop_wait and restarts it in place; only after ${start} s without success (primary_start_timeout) another takes over`,
    ),
    told(
      'node-loss',
      ...([lease.low, lease.seconds, lease.high] as const),
      `the leader’s lease runs out (ttl ${ttl} s, renewed each ${loopWait} s), then a standby is elected`,
    ),
    silent('hang', 'as node loss; and who stands for election waits for an answer of the one that hangs'),
    silent('network', 'as node loss; and who stands for election waits for an answer of the one that is cut off'),
    told(
      'patroni-loss',
      0,
      0,
      0,
      'PostgreSQL goes on; where routing trusts Patroni’s API alone, it takes as long as node loss',
    ),
    config.failsafe_mode === true
      ? told('dcs', 0, 0, 0, 'failsafe mode: the primary goes on while all members answer it')
      : {
          ...{ fault: 'dcs' as const, seconds: null, low: null, high: null },
          how: 'without failsafe mode the primary steps down, and none is elected until the store is back',
        },
  ];
};
