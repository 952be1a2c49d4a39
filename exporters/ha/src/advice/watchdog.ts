import { defineRule, type Finding } from '@submilli/core';
import { members } from '../collectors/members';
import { recovery } from '../derived/recovery';
import { isAtLeast } from '../patroni/version';
import type { HaFacts } from '../source';
import { run } from './action';

/** From here on a leader that was stopped for long asks the others before it goes on (patroni 3.1.0). */
const CAREFUL_SINCE = '3.1.0';

type Inputs = { members: typeof members; recovery: typeof recovery };

export const watchdog = defineRule<HaFacts, Inputs>({
  name: 'watchdog',
  title: 'Nothing stops a primary that hangs and wakes up after another was promoted',
  signal: 'the watchdog’s mode as `clusters: watchdog` tells it; `watchdog_failed` of `GET /patroni`',
  threshold: 'off, or required and not usable',
  inputs: { members, recovery },
  check: ({ members: { answered }, recovery: { version } }, { facts }) => {
    const failed = answered.filter(({ answer }) => answer.watchdog_failed).map(({ member }) => member);
    if (failed.length > 0) return failed.map(unusable);
    const { watchdog: mode } = facts.configured;
    if (mode === null || mode === undefined) {
      return { notEvaluated: 'no API tells the watchdog’s mode: say it in the configuration (clusters: watchdog)' };
    }
    return mode === 'off' ? [off(version)] : [];
  },
});

const unusable = (member: string): Finding => ({
  subject: member,
  severity: 'critical',
  title: `${member} requires a watchdog that it can’t use, and will never be promoted`,
  why: 'With watchdog mode "required" Patroni promotes nobody whose watchdog can’t be started: the device is missing, belongs to somebody else, or its timeout does not fit ttl.',
  evidence: [{ label: 'watchdog_failed', value: 'true', unit: '' }],
  action: run(
    'command',
    `# on ${member}\nmodprobe softdog && chown postgres /dev/watchdog\n# Patroni's log names what is wrong with it`,
  ),
  impact: {
    ...{ what: 'members that can be promoted', before: 'without this one', after: 'with it', confidence: 'high' },
    measured: 'told by Patroni’s REST API',
  },
});

const off = (version: string | null): Finding => {
  const isCareless = version !== null && !isAtLeast(version, CAREFUL_SINCE);
  return {
    subject: 'watchdog',
    severity: isCareless ? 'warning' : 'info',
    title: 'No watchdog: a primary that hangs and wakes up is writable until its Patroni has looked around',
    why: isCareless
      ? `Patroni ${version} goes on as leader when it wakes up after another was promoted: acknowledged writes were lost in 3 of 6 such hangs, and in 4 of 4 with PostgreSQL alone stopped. A watchdog resets the machine first.`
      : 'Between waking up and stepping down it still takes writes, which are then lost unless they wait for a synchronous standby. A watchdog resets the machine first.',
    evidence: [
      { label: 'clusters: watchdog', value: 'off', unit: '' },
      { label: 'Patroni', value: version ?? 'unknown', unit: '' },
    ],
    action: run(
      'config',
      '# patroni.yml of each member, then reload; the module: modprobe softdog\nwatchdog:\n  mode: required\n  device: /dev/watchdog\n  safety_margin: 5',
    ),
    impact: {
      ...{
        what: 'time that a hung primary may still be written to after its lease',
        before: 'until it has looked around',
      },
      ...{ after: 'none: it is reset before the lease is over', confidence: 'medium' },
      measured: 'drills that stop and continue a primary (docs/failovers.md)',
    },
  };
};
