/**
 * How full each limit is that can make a client wait or turn it away. A limit counts what can't be given away: a server
 * connection that is idle can be used at once, or closed to make room for another pool of its database or user, so that
 * only the busy ones are "used".
 */

export const LIMITS = [
  'pool_size',
  'reserve_pool',
  'max_db_connections',
  'max_user_connections',
  'max_client_conn',
  'max_db_client_connections',
  'max_user_client_connections',
] as const;
export type LimitName = (typeof LIMITS)[number];

/** What is in use of a limit. A limit of all databases has an empty `database`, one of all users an empty `user`. */
export type Use = {
  readonly database: string;
  readonly user: string;
  readonly limit: LimitName;
  readonly used: number;
  readonly max: number;
};

export type Binding = { readonly database: string; readonly user: string; readonly limit: LimitName };

/** One pool: server connections that are neither idle nor waiting to be checked. */
export type PoolUse = { readonly database: string; readonly user: string; readonly busy: number };

/** Null: not known, in this version or at all. 0: unlimited, as PgBouncer writes it. */
export type DatabaseLimits = {
  readonly size: number | null;
  readonly reserve: number | null;
  readonly servers: number | null;
  readonly clients: number | null;
  readonly usedClients: number | null;
};

export type UserLimits = {
  readonly size: number | null;
  readonly reserve: number | null;
  readonly servers: number | null;
  readonly clients: number | null;
  readonly usedClients: number | null;
};

export type Limits = {
  readonly pools: readonly PoolUse[];
  readonly databases: ReadonlyMap<string, DatabaseLimits>;
  readonly users: ReadonlyMap<string, UserLimits>;
  /** max_client_conn, and how many there are. */
  readonly clients: { readonly max: number | null; readonly used: number | null };
};

const sumBusy = (pools: readonly PoolUse[], of: (pool: PoolUse) => boolean): number =>
  pools.filter(of).reduce((sum, { busy }) => sum + busy, 0);

/** Leaves out what is unlimited or not known. */
const known = (where: Omit<Use, 'used' | 'max'>, used: number | null, max: number | null): Use[] =>
  used === null || max === null || max <= 0 ? [] : [{ ...where, used, max }];

const usesOfPool = ({ database, user, busy }: PoolUse, { databases, users }: Limits): Use[] => {
  const size = users.get(user)?.size ?? databases.get(database)?.size ?? null;
  const reserve = users.get(user)?.reserve ?? databases.get(database)?.reserve ?? 0;
  const withReserve = size === null || size <= 0 || reserve <= 0 ? null : size + reserve;
  return [
    ...known({ database, user, limit: 'pool_size' }, busy, size),
    ...known({ database, user, limit: 'reserve_pool' }, busy, withReserve),
  ];
};

/** Every limit that is set, with what is in use of it. */
export const usesOf = (limits: Limits): readonly Use[] => {
  const { pools, databases, users, clients } = limits;
  const busyUsers = [...new Set(pools.map(({ user }) => user))];
  return [
    ...pools.flatMap((pool) => usesOfPool(pool, limits)),
    ...[...databases].flatMap(([database, of]) => {
      const busy = sumBusy(pools, (pool) => pool.database === database);
      return [
        ...known({ database, user: '', limit: 'max_db_connections' }, busy, of.servers),
        ...known({ database, user: '', limit: 'max_db_client_connections' }, of.usedClients, of.clients),
      ];
    }),
    ...busyUsers.flatMap((user) => {
      const busy = sumBusy(pools, (pool) => pool.user === user);
      return known({ database: '', user, limit: 'max_user_connections' }, busy, users.get(user)?.servers ?? null);
    }),
    ...[...users].flatMap(([user, of]) =>
      known({ database: '', user, limit: 'max_user_client_connections' }, of.usedClients, of.clients),
    ),
    ...known({ database: '', user: '', limit: 'max_client_conn' }, clients.used, clients.max),
  ];
};

/**
 * For each pool the limit that it meets first if all load grows alike: the fullest one; among equally full ones (when
 * all is idle) the lowest.
 */
export const bindingsOf = (pools: readonly PoolUse[], uses: readonly Use[]): readonly Binding[] =>
  pools.flatMap(({ database, user }) => {
    const applies = (use: Use): boolean =>
      (use.database === '' || use.database === database) && (use.user === '' || use.user === user);
    const first = uses
      .filter(applies)
      .sort(
        (a, b) => b.used / b.max - a.used / a.max || a.max - b.max || LIMITS.indexOf(a.limit) - LIMITS.indexOf(b.limit),
      )[0];
    return first === undefined ? [] : [{ database, user, limit: first.limit }];
  });
