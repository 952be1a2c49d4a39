import { defineDerived, gauge } from '@submilli/core';
import { clients } from '../collectors/clients';
import { servers } from '../collectors/servers';

export type ConnectionAge = {
  readonly database: string;
  readonly client: number | null;
  readonly server: number | null;
  readonly login: number | null;
};

/**
 * How old connections are. PgBouncer gives only when they began, by its own clock and in its own zone; what time it is
 * there, our own request in SHOW CLIENTS tells.
 */
export const connectionAge = defineDerived({
  name: 'connection-age',
  source: 'SHOW CLIENTS, SHOW SERVERS',
  metrics: {
    oldest: gauge('db_pool_oldest_connection_seconds', 'Age of the oldest connection, to the second.', [
      'database',
      'side',
    ]),
    login: gauge(
      'db_pool_oldest_server_login_seconds',
      'For how long the slowest server connection has been connecting or logging in; absent when none is.',
      ['database'],
    ),
  },
  derive: (snapshots): readonly ConnectionAge[] => {
    const [ofClients, ofServers] = [snapshots.of(clients), snapshots.of(servers)];
    const now = ofClients?.now ?? null;
    const age = (began: number | null | undefined): number | null =>
      now === null || began === null || began === undefined ? null : Math.max(0, now - began);
    const names = new Set([...(ofClients?.databases.keys() ?? []), ...(ofServers?.databases.keys() ?? [])]);
    return [...names].map((database) => ({
      database,
      client: age(ofClients?.databases.get(database)?.oldest),
      server: age(ofServers?.databases.get(database)?.oldest),
      login: age(ofServers?.databases.get(database)?.oldestLogin),
    }));
  },
  publish: (ages: readonly ConnectionAge[], m) =>
    ages.flatMap(({ database, client, server, login }) => [
      m.oldest({ database, side: 'client' }, client),
      m.oldest({ database, side: 'server' }, server),
      m.login({ database }, login),
    ]),
});
