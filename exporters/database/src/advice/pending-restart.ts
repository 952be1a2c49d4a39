import { defineRule, type PostgresFacts } from '@submilli/core';
import { settings } from '../samplers/settings';
import { run } from './action';

export const pendingRestart = defineRule<PostgresFacts, { settings: typeof settings }>({
  name: 'pending-restart',
  title: 'Settings wait for a restart',
  signal: '`pending_restart` of pg_settings',
  threshold: 'any',
  inputs: { settings },
  check: ({ settings: { settings: all } }) => {
    const names = all.filter(({ pending_restart }) => pending_restart).map(({ name }) => name);
    return names.length === 0
      ? []
      : [
          {
            subject: 'settings',
            severity: 'info',
            title: `${names.length === 1 ? 'A setting was' : `${names.length} settings were`} changed and will not count before a restart`,
            why: 'The next restart, perhaps a failover at night, brings a server that nobody has seen running yet.',
            evidence: names.slice(0, 20).map((name) => ({ label: name, value: 'waits', unit: '' })),
            action: run(
              'command',
              'pg_ctl restart -D "$PGDATA" -m fast   # patronictl restart CLUSTER MEMBER under Patroni',
              false,
            ),
            impact: {
              ...{ what: 'settings that wait', before: String(names.length), after: '0', confidence: 'high' },
              measured: 'read from pg_settings',
            },
          },
        ];
  },
});
