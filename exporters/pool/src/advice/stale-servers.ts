import { defineRule, type Finding } from '@submilli/core';
import { health } from '../derived/health';
import type { PoolFacts } from '../source';
import { MOST_FINDINGS, onConsole, quoted } from './ini';

export const staleServers = defineRule<PoolFacts, { health: typeof health }>({
  name: 'stale-servers',
  title: 'Servers are connected where their database no longer is',
  signal: 'server connections to an address that the database’s host does not have now',
  threshold: 'any',
  inputs: { health },
  check: ({ health: { stale } }) =>
    stale
      .filter(({ elsewhere }) => (elsewhere ?? 0) > 0)
      .slice(0, MOST_FINDINGS)
      .map(({ database, elsewhere }): Finding => ({
        subject: database,
        severity: 'warning',
        title: `${elsewhere ?? 0} server connections of ${database} go to an address that it no longer has`,
        why: 'After a failover they lead to the old primary: writes fail there, and reads may be old.',
        evidence: [{ label: 'connections elsewhere', value: elsewhere ?? 0, unit: '' }],
        action: onConsole(`RECONNECT ${quoted(database)};`),
        impact: {
          ...{ what: 'connections elsewhere', before: String(elsewhere ?? 0), after: '0', confidence: 'high' },
          measured: 'SHOW SERVERS against SHOW DATABASES and DNS',
        },
      })),
});
