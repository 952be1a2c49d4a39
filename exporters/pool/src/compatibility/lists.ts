import { defineDerived } from '@submilli/core';
import { lists } from '../collectors/lists';
import { type Column, numberOf, samplesOf, type ShowRow, textOf } from '../show';
import type { PoolFacts } from '../source';
import { needs, peerGauge } from './peer';

const metrics = {
  databases: peerGauge('pgbouncer_databases', 'Databases that PgBouncer knows, its console among them.'),
  users: peerGauge('pgbouncer_users', 'Users that PgBouncer knows.'),
  pools: peerGauge('pgbouncer_pools', 'Pools, the console’s among them.'),
  freeClients: peerGauge('pgbouncer_free_clients', 'Client slots that are free to be used again.'),
  usedClients: peerGauge('pgbouncer_used_clients', 'Client slots in use.'),
  loginClients: peerGauge('pgbouncer_login_clients', 'Clients that are logging in.'),
  freeServers: peerGauge('pgbouncer_free_servers', 'Server slots that are free to be used again.'),
  usedServers: peerGauge('pgbouncer_used_servers', 'Server slots in use.'),
  dnsNames: peerGauge('pgbouncer_cached_dns_names', 'DNS names in the cache.'),
  dnsZones: peerGauge('pgbouncer_cached_dns_zones', 'DNS zones in the cache.'),
  dnsQueries: peerGauge('pgbouncer_in_flight_dns_queries', 'DNS queries on their way.'),
} as const;

const columns: readonly Column<keyof typeof metrics>[] = [
  { column: 'databases', metric: 'databases' },
  { column: 'users', metric: 'users' },
  { column: 'pools', metric: 'pools' },
  { column: 'free_clients', metric: 'freeClients' },
  { column: 'used_clients', metric: 'usedClients' },
  { column: 'login_clients', metric: 'loginClients' },
  { column: 'free_servers', metric: 'freeServers' },
  { column: 'used_servers', metric: 'usedServers' },
  { column: 'dns_names', metric: 'dnsNames' },
  { column: 'dns_zones', metric: 'dnsZones' },
  { column: 'dns_queries', metric: 'dnsQueries' },
];

export const compatLists = defineDerived<PoolFacts, ShowRow, typeof metrics>({
  name: 'compat_lists',
  source: 'SHOW LISTS',
  needs,
  metrics,
  derive: (snapshots) =>
    Object.fromEntries((snapshots.of(lists) ?? []).map((row) => [textOf(row, 'list'), numberOf(row, 'items')])),
  publish: (turned, m) => samplesOf(turned, columns, {}, m),
});
