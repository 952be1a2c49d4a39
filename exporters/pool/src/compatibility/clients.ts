import { defineDerived } from '@submilli/core';
import type { ClientGroup } from '../collectors/clients';
import { applications } from '../derived/applications';
import type { PoolFacts } from '../source';
import { needs, peerGauge } from './peer';

const metrics = {
  clients: peerGauge('pgbouncer_client_connections', 'Clients; of applications the busiest, the others as "other".', [
    'database',
    'user',
    'application_name',
    'state',
  ]),
} as const;

/** Asking once more would stop PgBouncer once more: it makes a row for each client and does nothing else meanwhile. */
export const compatClients = defineDerived<PoolFacts, readonly ClientGroup[], typeof metrics>({
  name: 'compat_clients',
  source: 'SHOW CLIENTS',
  needs,
  metrics,
  derive: (snapshots) => snapshots.of(applications)?.groups ?? [],
  publish: (groups, m) =>
    groups.map(({ database, user, application, state, count }) =>
      m.clients({ database, user, application_name: application, state }, count),
    ),
});
