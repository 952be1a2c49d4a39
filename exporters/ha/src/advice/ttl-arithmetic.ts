import { ADJUSTS_SINCE, defineRule, type Finding, leastTimers, lockOutlivesRetries, type Timers } from '@submilli/core';
import { config } from '../collectors/config';
import { recovery } from '../derived/recovery';
import { configured } from '../patroni/defaults';
import type { HaFacts } from '../source';
import { editConfig } from './action';

const KEYS = ['ttl', 'loop_wait', 'retry_timeout'] as const;
const MINIMUM = leastTimers(ADJUSTS_SINCE);

type Differs = { readonly key: string; readonly asked: number; readonly used: number };

const differences = (asked: Timers, used: Timers): readonly Differs[] =>
  KEYS.filter((key) => asked[key] !== used[key]).map((key) => ({ key, asked: asked[key], used: used[key] }));

const shown = (timers: Timers) => KEYS.map((key) => ({ label: key, value: timers[key], unit: 's' }));

export const ttlArithmetic = defineRule<HaFacts, { config: typeof config; recovery: typeof recovery }>({
  name: 'ttl-arithmetic',
  title: 'Patroni’s timers are not what the configuration says, or do not fit each other',
  signal: '`ttl`, `loop_wait`, `retry_timeout`, and the version that takes them',
  threshold: `loop_wait + 2 × retry_timeout > ttl; below ${MINIMUM.ttl}, ${MINIMUM.loop_wait} and ${MINIMUM.retry_timeout} s from ${ADJUSTS_SINCE} on`,
  inputs: { config, recovery },
  check: ({ config: settings, recovery: { timers, version } }) => {
    if (timers === null || version === null) return { notEvaluated: 'Patroni’s version is not known' };
    const asked = configured(settings);
    const changed = differences(asked, timers);
    if (changed.length > 0) return [adjusted(asked, timers, changed, version)];
    return lockOutlivesRetries(asked) ? [] : [tooLong(asked, version)];
  },
});

const adjusted = (asked: Timers, used: Timers, changed: readonly Differs[], version: string): Finding => ({
  subject: 'ttl',
  severity: 'warning',
  title: `Patroni ${version} uses ${changed.map(({ key, asked: a, used: u }) => `${key} ${u} s, not ${a} s`).join(', ')}`,
  why: `From ${ADJUSTS_SINCE} on values below the minimum are raised, and those that break loop_wait + 2 × retry_timeout <= ttl are lowered, with one line in the log: a failover takes longer than the configuration promises.`,
  evidence: shown(asked),
  action: editConfig(`ttl=${used.ttl}`, `loop_wait=${used.loop_wait}`, `retry_timeout=${used.retry_timeout}`),
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
  const ttl = Math.max(MINIMUM.ttl, asked.loop_wait + 2 * asked.retry_timeout);
  const retry = Math.max(1, Math.floor((asked.ttl - asked.loop_wait) / 2));
  return {
    subject: 'ttl',
    severity: 'warning',
    title: `loop_wait + 2 × retry_timeout is ${asked.loop_wait + 2 * asked.retry_timeout} s, more than ttl (${asked.ttl} s)`,
    why: `Patroni ${version} does not mind: a leader that can’t reach its store may go on trying for longer than its own lease lives, while another is elected.`,
    evidence: shown(asked),
    action: editConfig(`retry_timeout=${retry}`),
    impact: {
      ...{
        what: 'longest time without the store until the leader steps down',
        before: `${2 * asked.retry_timeout + asked.loop_wait} s`,
      },
      ...{ after: `${2 * retry + asked.loop_wait} s; or ttl=${ttl} with the same retry_timeout`, confidence: 'high' },
      measured: 'loop_wait + 2 × retry_timeout against ttl',
    },
  };
};
