import { defineRule, type Finding, type PostgresFacts } from '@submilli/core';
import { settingsFiles } from '../collectors/settings-files';
import { alterSystem } from './action';

const WANTED = [
  {
    name: 'idle_in_transaction_session_timeout',
    value: '60s',
    why: 'One client that forgets its transaction holds locks, and dead rows, for as long as it likes.',
  },
  {
    name: 'statement_timeout',
    value: '30s',
    why: 'A statement gone wrong runs until somebody notices. Better by role: give reports and migrations more.',
  },
] as const;

export const sessionTimeouts = defineRule<PostgresFacts, { settingsFiles: typeof settingsFiles }>({
  name: 'session-timeouts',
  title: 'Nothing ends a session that went astray',
  signal: WANTED.map(({ name }) => `\`${name}\``).join(', '),
  threshold: 'not set in the files, nor for any role or database',
  inputs: { settingsFiles },
  check: ({ settingsFiles: [row] }) => {
    if (row === undefined) return { notEvaluated: 'the configuration files could not be read' };
    return WANTED.flatMap(({ name, value, why }): Finding[] => {
      const set = row.timeouts[name];
      if ((set !== undefined && !/^0\D*$/.test(set)) || row.by_role.includes(name)) return [];
      return [
        {
          subject: name,
          severity: 'info',
          title: `${name} is not set`,
          why,
          evidence: [
            { label: 'in the configuration files', value: set ?? 'not set', unit: '' },
            { label: 'roles and databases that set it', value: 0, unit: '' },
          ],
          action: alterSystem([], name, value),
          impact: {
            ...{ what: 'longest such session', before: 'no limit', after: value, confidence: 'high' },
            measured: 'pg_file_settings and pg_db_role_setting',
          },
        },
      ];
    });
  },
});
