import { defineRule, type Finding } from '@submilli/core';
import { limits, settingsOf } from '../collectors/limits';
import { textOf } from '../show';
import type { PoolFacts } from '../source';
import { iniSetting } from './ini';

const namesIn = (list: string): string[] => list.split(/[\s,]+/).filter((name) => name !== '');

export const watcherCommands = defineRule<PoolFacts, { limits: typeof limits }>({
  name: 'watcher-commands',
  title: 'Who only watches may also command',
  signal: '`admin_users`, and the user that we are on the console',
  threshold: 'we are one of them',
  inputs: { limits },
  check: ({ limits: rows }, { facts: { user } }): readonly Finding[] => {
    const settings = settingsOf(rows);
    const admins = namesIn(textOf(settings, 'admin_users'));
    if (user === undefined || !admins.includes(user)) return [];
    const watchers = namesIn(textOf(settings, 'stats_users'));
    const action = iniSetting(rows, 'stats_users', [...new Set([...watchers, user])].join(', '));
    const others = admins.filter((name) => name !== user).join(', ');
    return [
      {
        subject: user,
        severity: 'warning',
        title: `${user} only watches, but is one of admin_users`,
        why: 'With its password anybody can PAUSE, KILL or SHUTDOWN; SHOW commands need no more than stats_users.',
        evidence: [
          { label: 'admin_users', value: admins.join(', '), unit: '' },
          { label: 'stats_users', value: watchers.join(', '), unit: '' },
        ],
        action: { ...action, text: `${action.text}\nadmin_users = ${others}` },
        impact: {
          what: 'what its password lets one do',
          before: 'stop all traffic',
          after: 'look',
          confidence: 'high',
          measured: 'read from SHOW CONFIG',
        },
      },
    ];
  },
});
