import { defineRule, type Finding } from '@submilli/core';
import { cluster } from '../collectors/cluster';
import type { HaFacts } from '../source';
import { MOST_FINDINGS, run } from './action';

export const memberPendingRestart = defineRule<HaFacts, { cluster: typeof cluster }>({
  name: 'member-pending-restart',
  title: 'A member waits for a restart',
  signal: '`pending_restart` of `GET /cluster`',
  threshold: 'any',
  inputs: { cluster },
  check: ({ cluster: { members } }) =>
    members
      .filter(({ pending_restart }) => pending_restart)
      .slice(0, MOST_FINDINGS)
      .map(({ name, role }): Finding => ({
        subject: name,
        severity: 'info',
        title: `${name} runs without a setting that was changed, until it is restarted`,
        why: role.endsWith('leader')
          ? 'A failover would bring the change by surprise: its standby may have it already.'
          : 'When it is promoted it runs with the old value.',
        evidence: [{ label: 'role', value: role, unit: '' }],
        action: run('command', `patronictl restart SCOPE ${name} --pending`, { needsRestart: true, reversible: false }),
        impact: {
          ...{ what: 'members that run with old settings', before: '1', after: '0', confidence: 'high' },
          measured: 'told by Patroni',
        },
      })),
});
