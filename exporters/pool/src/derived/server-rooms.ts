import { defineDerived, isSameServer, isServerRoom } from '@submilli/core';
import { databases } from '../collectors/databases';
import { pools } from '../collectors/pools';
import { sizeOf, users } from '../collectors/users';
import { CONSOLE, numberOf, type ShowRow, textOf } from '../show';

/** What one pool may take on its server: its size and its reserve. Null: no limit. */
export type PoolSize = {
  readonly database: string;
  readonly user: string;
  readonly size: number | null;
  readonly reserve: number;
};

/** A server that pools lead to. `limit` is null where no exporter of this process watches it. */
export type ServerRoomUse = {
  readonly host: string;
  readonly port: number;
  readonly limit: number | null;
  readonly pools: readonly PoolSize[];
};

const positive = (value: number | null): number | null => (value === null || value <= 0 ? null : value);

export const sizesOf = (
  poolRows: readonly ShowRow[],
  databaseRows: readonly ShowRow[],
  userRows: readonly ShowRow[],
): readonly PoolSize[] => {
  const byName = (rows: readonly ShowRow[]) => new Map(rows.map((row) => [textOf(row, 'name'), row]));
  const [ofDatabases, ofUsers] = [byName(databaseRows), byName(userRows)];
  return poolRows
    .filter((row) => textOf(row, 'database') !== CONSOLE)
    .map((row) => {
      const [database, user] = [textOf(row, 'database'), textOf(row, 'user')];
      const [of, own] = [ofDatabases.get(database) ?? {}, ofUsers.get(user) ?? {}];
      const reserve = numberOf(own, 'reserve_pool_size') ?? numberOf(of, 'reserve_pool_size');
      return {
        ...{ database, user },
        size: positive(sizeOf(own) ?? numberOf(of, 'pool_size')),
        reserve: reserve ?? numberOf(of, 'reserve_pool') ?? 0,
      };
    });
};

/** What the pools of a server may take of it together: sizes and reserves, within max_db_connections of each database. */
export const claimOf = (pools_: readonly PoolSize[], databaseRows: readonly ShowRow[]): number =>
  [...new Set(pools_.map(({ database }) => database))].reduce((sum, database) => {
    const own = pools_.filter((pool) => pool.database === database);
    const asked = own.reduce((total, { size, reserve }) => total + (size ?? Infinity) + reserve, 0);
    const row = databaseRows.find((candidate) => textOf(candidate, 'name') === database) ?? {};
    return sum + Math.min(asked, positive(numberOf(row, 'max_connections')) ?? Infinity);
  }, 0);

/** The servers behind the pools, with the room they have where the database exporter of this process knows it. */
export const serverRooms = defineDerived({
  name: 'server-rooms',
  source: 'SHOW POOLS, DATABASES and USERS; max_connections as the database exporter reads it',
  metrics: {},
  derive: (snapshots, { shared }): readonly ServerRoomUse[] => {
    const rows = (snapshots.of(databases) ?? []).filter((row) => textOf(row, 'name') !== CONSOLE);
    const sizes = sizesOf(snapshots.of(pools) ?? [], rows, snapshots.of(users) ?? []);
    const rooms = shared.filter(isServerRoom);
    const servers = new Map<string, { host: string; port: number; databases: Set<string> }>();
    for (const row of rows) {
      // A list of hosts is several servers, of which each may get all of the pool.
      for (const host of textOf(row, 'host').split(',')) {
        const port = numberOf(row, 'port') ?? 5432;
        const server = servers.get(`${host}:${port}`) ?? { host, port, databases: new Set<string>() };
        server.databases.add(textOf(row, 'name'));
        servers.set(`${host}:${port}`, server);
      }
    }
    return [...servers.values()].map(({ host, port, databases: names }) => ({
      ...{ host, port, limit: rooms.find((room) => isSameServer(room, { host, port }))?.limit ?? null },
      pools: sizes.filter(({ database }) => names.has(database)),
    }));
  },
  publish: () => [],
});

/**
 * The size that each pool of a database may have when all others that go to its servers take what they may; null where
 * no server of it is known.
 */
export const roomFor = (
  database: string,
  rooms: readonly ServerRoomUse[],
  databaseRows: readonly ShowRow[],
): number | null => {
  const left = rooms.flatMap(({ limit, pools: all }) => {
    const own = all.filter((pool) => pool.database === database);
    if (limit === null || own.length === 0) return [];
    const others = claimOf(
      all.filter((pool) => pool.database !== database),
      databaseRows,
    );
    const reserves = own.reduce((sum, { reserve }) => sum + reserve, 0);
    return [Math.floor((limit - others - reserves) / own.length)];
  });
  return left.length === 0 ? null : Math.min(...left);
};
