import { defineRule, type Finding } from '@submilli/core';
import { config } from '../collectors/config';
import { recovery } from '../derived/recovery';
import { ADJUSTS_SINCE, breaksRule, configured, MINIMUM, type Timers } from '../patroni/timers';
import type { HaFacts } from '../source';
import { editConfig } from './action';

type Differs = { readonly key: string; readonly asked: number; readonly used: number };

const differences = (asked: Timers, used: Timers): readonly Differs[] =>
  (
    [
      ['ttl', asked.ttl, used.ttl],
      ['loop_wait', asked.loopWait, used.loopWait],
      ['retry_timeout', asked.retryTimeout, used.retryTimeout],
    ] as const
  )
    .filter(([, a, b]) => a !== b)
    .map(([key, a, b]) => ({ key, asked: a, used: b }));

const shown = ({ ttl, loopWait, retryTimeout }: Timers) => [
  { label: 'ttl', value: ttl, unit: 's' },
  { label: 'loop_wait', value: loopWait, unit: 's' },
  { label: 'retry_timeout', value: retryTimeout, unit: 's' },
];

export const ttlArithmetic = defineRule<HaFacts, { config: typeof config; recovery: typeof recovery }>({
  name: 'ttl-arithmetic',
  title: 'Patroni’s timers are not what the configuration says, or do not fit each other',
  signal: '`ttl`, `loop_wait`, `retry_timeout`, and the version that takes them',
  threshold: `loop_wait + 2 × retry_timeout > ttl; below ${MINIMUM.ttl}, ${MINIMUM.loopWait} and ${MINIMUM.retryTimeout} s from ${ADJUSTS_SINCE} on`,
  inputs: { config, recovery },
  check: ({ config: settings, recovery: { timers, version } }) => {
    if (timers === null || version === null) return { notEvaluated: 'Patroni’s version is not known' };
    const asked = configured(settings);
    const changed = differences(asked, timers);
    if (changed.length > 0) return [adjusted(asked, timers, changed, version)];
    return breaksRule(asked) ? [tooLong(asked, version)] : [];
  },
});

const adjusted = (asked: Timers, used: Timers, changed: readonly Differs[], version: string): Finding => ({
  subject: 'ttl',
  severity: 'warning',
  title: `Patroni ${version} uses ${changed.map(({ key, asked: a, used: u }) => `${key} ${u} s, not ${a} s`).join(', ')}`,
  why: `From ${ADJUSTS_SINCE} on values below the minimum are raised, and those that break loop_wait + 2 × retry_timeout <= ttl are lowered, with one line in the log: a failover takes longer than the configuration promises.`,
  evidence: shown(asked),
  action: editConfig(`ttl=${used.ttl}`, `loop_wait=${used.loopWait}`, `retry_timeout=${used.retryTimeout}`),
  impact: {
    ...{
      what: 'life of the leader’s lease',
      before: `${asked.ttl} s in the configuration`,
      after: `${used.ttl} s, as used`,
    },
    ...{ confidence: 'high', measured: 'by the arithmetic of patroni/config.py' },
  },
});

const tooLong = (asked: Timers, version: string): Finding => {
  const ttl = Math.max(MINIMUM.ttl, asked.loopWait + 2 * asked.retryTimeout);
  const retry = Math.max(1, Math.floor((asked.ttl - asked.loopWait) / 2));
  return {
    subject: 'ttl',
    severity: 'warning',
    title: `loop_wait + 2 × retry_timeout is ${asked.loopWait + 2 * asked.retryTimeout} s, more than ttl (${asked.ttl} s)`,
    why: `Patroni ${version} does not mind: a leader that can’t reach its store may go on trying for longer than its own lease lives, while another is elected.`,
    evidence: shown(asked),
    action: editConfig(`retry_timeout=${retry}`),
    impact: {
      ...{
        what: 'longest time without the store until the leader steps down',
        before: `${2 * asked.retryTimeout + asked.loopWait} s`,
      },
      ...{ after: `${2 * retry + asked.loopWait} s; or ttl=${ttl} with the same retry_timeout`, confidence: 'high' },
      measured: 'loop_wait + 2 × retry_timeout against ttl',
    },
  };
};
