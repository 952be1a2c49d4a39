import { isIP } from 'node:net';
import { defineDerived, gauge } from '@submilli/core';
import { databases } from '../collectors/databases';
import { addressesOf, dns } from '../collectors/dns';
import { loggedInOf, pools } from '../collectors/pools';
import { type ServerGroup, servers } from '../collectors/servers';
import { state } from '../collectors/state';
import { CONSOLE, numberOf, type ShowRow, textOf } from '../show';

/** Clients of one pool wait, and no server connection is logged in that could serve them. */
export type WithoutServer = { readonly database: string; readonly user: string; readonly value: boolean };

/** Server connections that should no longer be used; null where it can't be known. */
export type Stale = { readonly database: string; readonly closing: number; readonly elsewhere: number | null };

export type Health = { readonly withoutServer: readonly WithoutServer[]; readonly stale: readonly Stale[] };

/** The addresses that a database's host stands for now; undefined when PgBouncer has not said. */
export const currentAddresses = (
  host: string,
  names: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> | undefined => {
  const found = host.split(',').map((one) => {
    if (one === '' || one.startsWith('/') || one.startsWith('@')) return ['unix'];
    return isIP(one) === 0 ? (names.get(one.toLowerCase()) ?? []) : [one];
  });
  return found.some((addresses) => addresses.length === 0) ? undefined : new Set(found.flat());
};

/** Servers that are connected where their database no longer is. */
export const elsewhereOf = (
  database: ShowRow,
  groups: readonly ServerGroup[],
  names: ReadonlyMap<string, readonly string[]>,
): number | null => {
  const addresses = currentAddresses(textOf(database, 'host'), names);
  if (addresses === undefined) return null;
  const port = textOf(database, 'port');
  const isHere = (group: ServerGroup): boolean =>
    addresses.has(group.host) && (group.host === 'unix' || group.port === port);
  return groups.filter((group) => !isHere(group)).reduce((sum, { count }) => sum + count, 0);
};

export const health = defineDerived({
  name: 'health',
  source: 'SHOW POOLS, DATABASES, SERVERS and DNS_HOSTS',
  metrics: {
    withoutServer: gauge(
      'db_pool_clients_without_server',
      'Whether clients wait and no server connection of their pool is logged in (1): the server is away or refuses the login (PgBouncer tells why in its log only), or all is paused (before 1.19 that can’t be told apart).',
      ['database', 'user'],
    ),
    stale: gauge(
      'db_pool_stale_servers',
      'Server connections to be replaced: closing ones are marked by PgBouncer, elsewhere is an address that the database’s host no longer has. What a proxy or a moved address hides is not seen.',
      ['database', 'reason'],
    ),
  },
  derive: (snapshots): Health => {
    const rows = (snapshots.of(databases) ?? []).filter((row) => textOf(row, 'name') !== CONSOLE);
    const pausedAll = (snapshots.of(state) ?? []).some((row) => textOf(row, 'key') !== 'active' && row.value === 'yes');
    const paused = new Set(rows.filter((row) => numberOf(row, 'paused') === 1).map((row) => textOf(row, 'name')));
    const names = new Map(
      (snapshots.of(dns) ?? []).map((row) => [textOf(row, 'hostname').toLowerCase(), addressesOf(row)]),
    );
    const connected = snapshots.of(servers)?.groups;
    return {
      withoutServer: (snapshots.of(pools) ?? [])
        .filter((row) => textOf(row, 'database') !== CONSOLE)
        .map((row) => {
          const database = textOf(row, 'database');
          const waits = (numberOf(row, 'cl_waiting') ?? 0) > 0 && loggedInOf(row) === 0;
          return { database, user: textOf(row, 'user'), value: waits && !pausedAll && !paused.has(database) };
        }),
      stale: rows.flatMap((row) => {
        if (connected === undefined) return [];
        const database = textOf(row, 'name');
        const own = connected.filter((group) => group.database === database);
        const closing = own.reduce((sum, group) => sum + group.closing, 0);
        return [{ database, closing, elsewhere: elsewhereOf(row, own, names) }];
      }),
    };
  },
  publish: ({ withoutServer, stale }: Health, m) => [
    ...withoutServer.map(({ database, user, value }) => m.withoutServer({ database, user }, value ? 1 : 0)),
    ...stale.flatMap(({ database, closing, elsewhere }) => [
      m.stale({ database, reason: 'closing' }, closing),
      m.stale({ database, reason: 'elsewhere' }, elsewhere),
    ]),
  ],
});
