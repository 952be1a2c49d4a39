import { defineRule, type PostgresFacts } from '@submilli/core';
import { hba } from '../collectors/hba';
import { run } from './action';

const WEAK = ['trust', 'password', 'md5'] as const;

export const weakAuthentication = defineRule<PostgresFacts, { hba: typeof hba }>({
  name: 'weak-authentication',
  title: 'pg_hba.conf lets in who cannot prove who they are',
  signal: 'rules by authentication method',
  threshold: 'any with trust, password or md5',
  inputs: { hba },
  check: ({ hba: [row] }) =>
    WEAK.filter((method) => (row?.methods[method] ?? 0) > 0).map((method) => ({
      subject: method,
      severity: method === 'md5' ? 'info' : 'warning',
      title: `${row?.methods[method] ?? 0} rules of pg_hba.conf use ${method}`,
      why:
        method === 'trust'
          ? 'Whoever reaches the server is whoever they say, superuser included.'
          : method === 'password'
            ? 'The password crosses the connection as it is.'
            : 'md5 can be replayed by whoever has read the stored hash; PostgreSQL 18 deprecates it.',
      evidence: [{ label: `rules with ${method}`, value: row?.methods[method] ?? 0, unit: '' }],
      action: run(
        'config',
        '# pg_hba.conf: after each password was set anew under password_encryption = scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256',
        true,
      ),
      impact: {
        ...{ what: `rules with ${method}`, before: String(row?.methods[method] ?? 0), after: '0', confidence: 'high' },
        measured: 'counted in pg_hba_file_rules',
      },
    })),
});
