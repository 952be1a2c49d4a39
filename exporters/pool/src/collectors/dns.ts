import { defineCollector, gauge } from '@submilli/core';
import { numberOf, readShow, type ShowRow, textOf } from '../show';

/** Addresses that PgBouncer has for a host name now. */
export const addressesOf = (row: ShowRow): readonly string[] =>
  textOf(row, 'addrs')
    .split(',')
    .map((address) => address.trim().replace(/^\[(.*)\]:\d+$|^([^:]*):\d+$/, '$1$2'))
    .filter((address) => address !== '');

/** Where PgBouncer thinks the names are that it connects to: what a failover by DNS waits for. */
export const dns = defineCollector({
  name: 'dns',
  source: 'SHOW DNS_HOSTS',
  metrics: {
    addresses: gauge('db_pool_dns_addresses', 'Addresses that PgBouncer has for a host name; 0 when it has none.', [
      'hostname',
    ]),
    ttl: gauge('db_pool_dns_ttl_seconds', 'Time until PgBouncer may look the host name up again.', ['hostname']),
  },
  read: readShow('SHOW DNS_HOSTS', 'hostname'),
  publish: (rows: readonly ShowRow[], m) =>
    rows.flatMap((row) => {
      const hostname = textOf(row, 'hostname');
      return [m.addresses({ hostname }, addressesOf(row).length), m.ttl({ hostname }, numberOf(row, 'ttl'))];
    }),
});
