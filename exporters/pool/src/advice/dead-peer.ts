import { defineRule } from '@submilli/core';
import { limits, settingsOf } from '../collectors/limits';
import { numberOf } from '../show';
import type { PoolFacts } from '../source';
import { iniLines, milliseconds } from './ini';

/** What Linux takes where PgBouncer sets nothing: tcp_keepalive_time, _intvl and _probes. */
const LINUX = { idle: 7200, interval: 75, count: 9 };
const MOST_SECONDS = 30;

export const deadPeer = defineRule<PoolFacts, { limits: typeof limits }>({
  name: 'dead-peer',
  title: 'A server that vanished is noticed too late',
  signal: '`tcp_keepalive`, `tcp_keepidle`, `tcp_keepintvl`, `tcp_keepcnt`, `tcp_user_timeout`',
  threshold: `${MOST_SECONDS} s until an idle connection to a dead machine is given up`,
  inputs: { limits },
  check: ({ limits: rows }) => {
    const settings = settingsOf(rows);
    const isOn = numberOf(settings, 'tcp_keepalive') ?? 1;
    const or = (name: string, other: number): number => {
      const value = numberOf(settings, name) ?? 0;
      return value === 0 ? other : value;
    };
    const idle = or('tcp_keepidle', LINUX.idle);
    const interval = or('tcp_keepintvl', LINUX.interval);
    const count = or('tcp_keepcnt', LINUX.count);
    const userTimeout = (numberOf(settings, 'tcp_user_timeout') ?? 0) / 1000;
    // Linux: with tcp_user_timeout the first probe after it ends the connection, however many there were.
    const probes = userTimeout === 0 ? count : Math.max(1, Math.ceil((userTimeout - idle) / interval));
    const seconds = isOn === 0 ? Infinity : idle + interval * probes;
    if (seconds <= MOST_SECONDS) return [];
    return [
      {
        subject: 'tcp_keepalive',
        severity: 'info',
        title:
          seconds === Infinity
            ? 'A connection to a machine that lost its power is never given up'
            : `A connection to a machine that lost its power is given up after ${milliseconds(seconds)}`,
        why: 'A machine that dies says no goodbye: until then clients are given its connections, and wait.',
        evidence: [
          { label: 'tcp_keepidle', value: idle, unit: 's' },
          { label: 'tcp_keepintvl', value: interval, unit: 's' },
          { label: 'tcp_keepcnt', value: count, unit: 'probes' },
          { label: 'tcp_user_timeout', value: userTimeout, unit: 's' },
        ],
        action: iniLines(
          'tcp_keepalive = 1\ntcp_keepidle = 5\ntcp_keepintvl = 2\ntcp_keepcnt = 3\ntcp_user_timeout = 8000',
        ),
        impact: {
          ...{ what: 'time until it is noticed', before: seconds === Infinity ? 'never' : milliseconds(seconds) },
          ...{ after: '9 s; 8 s with data on its way', confidence: 'high' },
          measured: 'idle + interval × probes, with Linux’ defaults where nothing is set',
        },
      },
    ];
  },
});
