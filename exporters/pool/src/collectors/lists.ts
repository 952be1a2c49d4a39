import { defineCollector, gauge } from '@submilli/core';
import { type Column, numberOf, readShow, samplesOf, type ShowRow, textOf } from '../show';

const metrics = {
  databases: gauge('db_pool_databases', 'Databases that PgBouncer knows, its console among them.'),
  users: gauge('db_pool_users', 'Users that PgBouncer knows.'),
  pools: gauge('db_pool_pools', 'Pools, one for each pair of a database and a user; the console’s among them.'),
  peers: gauge('db_pool_peers', 'Peers that PgBouncer is configured with (1.19+).'),
  peerPools: gauge('db_pool_peer_pools', 'Pools of connections to peers (1.19+).'),
  clientSlots: gauge(
    'db_pool_client_slots',
    'Client connections that PgBouncer has memory for: used (connected now, to the console too), or free to be used again.',
    ['state'],
  ),
  serverSlots: gauge(
    'db_pool_server_slots',
    'Server connections that PgBouncer has memory for: used (connected now), or free to be used again.',
    ['state'],
  ),
  logins: gauge('db_pool_login_clients', 'Clients that are logging in.'),
  dnsNames: gauge('db_pool_dns_names', 'DNS names in the cache.'),
  dnsZones: gauge('db_pool_dns_zones', 'DNS zones in the cache.'),
  dnsQueries: gauge('db_pool_dns_queries', 'DNS queries on their way.'),
  dnsPending: gauge('db_pool_dns_pending', 'As SHOW LISTS says it; not used by PgBouncer today.'),
} as const;

const columns: readonly Column<keyof typeof metrics>[] = [
  { column: 'databases', metric: 'databases' },
  { column: 'users', metric: 'users' },
  { column: 'pools', metric: 'pools' },
  { column: 'peers', metric: 'peers' },
  { column: 'peer_pools', metric: 'peerPools' },
  { column: 'used_clients', metric: 'clientSlots', labels: { state: 'used' } },
  { column: 'free_clients', metric: 'clientSlots', labels: { state: 'free' } },
  { column: 'used_servers', metric: 'serverSlots', labels: { state: 'used' } },
  { column: 'free_servers', metric: 'serverSlots', labels: { state: 'free' } },
  { column: 'login_clients', metric: 'logins' },
  { column: 'dns_names', metric: 'dnsNames' },
  { column: 'dns_zones', metric: 'dnsZones' },
  { column: 'dns_queries', metric: 'dnsQueries' },
  { column: 'dns_pending', metric: 'dnsPending' },
];

/** SHOW LISTS has its columns as rows; each counts something else, so that they are metrics and not one with a label. */
export const lists = defineCollector({
  name: 'lists',
  source: 'SHOW LISTS',
  metrics,
  read: readShow('SHOW LISTS', 'list'),
  publish: (rows: readonly ShowRow[], m) => {
    const turned = Object.fromEntries(rows.map((row) => [textOf(row, 'list'), numberOf(row, 'items')]));
    return samplesOf(turned, columns, {}, m);
  },
});
