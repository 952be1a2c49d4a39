import { defineRule, type PostgresFacts } from '@submilli/core';
import { tls } from '../collectors/tls';
import { run } from './action';

export const plainSessions = defineRule<PostgresFacts, { tls: typeof tls }>({
  name: 'plain-sessions',
  title: 'Passwords and data cross the network in the clear',
  signal: 'sessions from other machines without TLS',
  threshold: 'any',
  inputs: { tls },
  check: ({ tls: [sessions] }) =>
    sessions === undefined || sessions.plain_remote === 0
      ? []
      : [
          {
            subject: 'network',
            severity: 'warning',
            title: `${sessions.plain_remote} sessions from other machines use no TLS`,
            why: 'Whoever sees the network between sees every row, and can change it.',
            evidence: [
              { label: 'without TLS, from other machines', value: sessions.plain_remote, unit: 'sessions' },
              { label: 'with TLS', value: sessions.encrypted, unit: 'sessions' },
            ],
            action: run(
              'config',
              '# pg_hba.conf: hostssl in place of host\nhostssl all all 0.0.0.0/0 scram-sha-256',
              true,
            ),
            impact: {
              what: 'sessions in the clear',
              before: String(sessions.plain_remote),
              after: '0; clients that cannot use TLS are refused',
              confidence: 'high',
              measured: 'counted in pg_stat_ssl',
            },
          },
        ],
});
