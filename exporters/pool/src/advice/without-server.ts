import { defineRule, type Finding } from '@submilli/core';
import { health } from '../derived/health';
import type { PoolFacts } from '../source';
import { MOST_FINDINGS, onConsole, quoted } from './ini';

export const withoutServer = defineRule<PoolFacts, { health: typeof health }>({
  name: 'without-server',
  title: 'Clients wait and no server is there to serve them',
  signal: 'waiting clients of a pool that has no server logged in, and is not paused',
  threshold: 'any',
  inputs: { health },
  check: ({ health: { withoutServer: pools } }) =>
    pools
      .filter(({ value }) => value)
      .slice(0, MOST_FINDINGS)
      .map(({ database, user }): Finding => ({
        subject: `${database} ${user}`,
        severity: 'critical',
        title: `Clients of ${database} (user ${user}) wait, and PgBouncer has no server for them`,
        why: 'The server is away, refuses the login or has no connection left; PgBouncer says which in its log only.',
        evidence: [
          { label: 'database', value: database, unit: '' },
          { label: 'user', value: user, unit: '' },
        ],
        action: onConsole(`SHOW SERVERS;\n-- and in PgBouncer's log, lines with: ${quoted(database)}/${quoted(user)}`),
        impact: {
          ...{ what: 'transactions of this pool', before: 'none', after: 'as before', confidence: 'high' },
          measured: 'SHOW POOLS',
        },
      })),
});
