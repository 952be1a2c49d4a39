import { defineRule, type Finding } from '@submilli/core';
import { limits, settingsOf } from '../collectors/limits';
import { textOf } from '../show';
import type { PoolFacts } from '../source';
import { iniSetting } from './ini';

const WEAK: Readonly<Record<string, string>> = {
  any: 'Any name is let in without a password, and gets the server’s session of the configured user.',
  trust: 'Whoever reaches PgBouncer is whoever they say; only the name must exist.',
  plain: 'Passwords cross the network as they are, and are kept so in auth_file.',
  md5: 'md5 can be replayed by whoever has read the stored hash; PostgreSQL 18 deprecates it.',
};

export const poolAuthentication = defineRule<PoolFacts, { limits: typeof limits }>({
  name: 'pool-authentication',
  title: 'PgBouncer lets in who cannot prove who they are',
  signal: '`auth_type`',
  threshold: 'any, trust, plain or md5',
  inputs: { limits },
  check: ({ limits: rows }): readonly Finding[] => {
    const method = textOf(settingsOf(rows), 'auth_type');
    const why = WEAK[method];
    if (why === undefined) return [];
    const action = iniSetting(rows, 'auth_type', 'scram-sha-256');
    return [
      {
        subject: 'auth_type',
        severity: method === 'md5' ? 'info' : 'warning',
        title: `auth_type is ${method}`,
        why,
        evidence: [{ label: 'auth_type', value: method, unit: '' }],
        action: {
          ...action,
          text: `; first: SCRAM secrets of all users in auth_file or by auth_query (pg_authid.rolpassword)\n${action.text}`,
        },
        impact: {
          ...{ what: 'auth_type', before: method, after: 'scram-sha-256', confidence: 'high' },
          measured: 'read from SHOW CONFIG; where auth_type is hba, the rules of its file are not seen',
        },
      },
    ];
  },
});
