import { defineCollector, gauge, type SqlSession } from '@submilli/core';
import { numberOf, show, type ShowRow, textOf } from '../show';
import type { PoolFacts } from '../source';

export const lists = defineCollector({
  name: 'lists',
  source: 'SHOW LISTS',
  metrics: {
    items: gauge(
      'db_pool_items',
      'Length of PgBouncer’s internal lists, by its own names: databases, users, pools, free_clients, used_clients, login_clients, free_servers, used_servers, dns_names, dns_zones, dns_queries, dns_pending, peers, peer_pools.',
      ['list'],
    ),
  },
  read: (session: SqlSession, _env: { readonly facts: PoolFacts }, deadline) =>
    show(session, 'SHOW LISTS', 'items', deadline),
  publish: (rows: readonly ShowRow[], m) =>
    rows.map((row) => m.items({ list: textOf(row, 'list') }, numberOf(row, 'items'))),
});
