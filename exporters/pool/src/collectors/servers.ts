import { defineCollector, type Env, gauge } from '@submilli/core';
import { CONSOLE, either, numberOf, readShow, secondsOf, type ShowRow, textOf } from '../show';

/** Server connections of one database to one address, in one state. */
export type ServerGroup = {
  readonly database: string;
  readonly host: string;
  readonly port: string;
  readonly state: string;
  count: number;
  /** Those that PgBouncer will close as soon as they are free. */
  closing: number;
};

type Totals = {
  tls: number;
  prepared: number | null;
  oldest: number | null;
  /** When the connection began that has been logging in for longest. */
  oldestLogin: number | null;
};

export type Servers = { readonly groups: readonly ServerGroup[]; readonly databases: ReadonlyMap<string, Totals> };

/** Rows in, sums out, in one pass. */
export const sumServers = (rows: readonly ShowRow[]): Servers => {
  const groups = new Map<string, ServerGroup>();
  const databases = new Map<string, Totals>();
  for (const row of rows) {
    const database = textOf(row, 'database');
    if (database === CONSOLE) continue;
    const labels = { database, host: textOf(row, 'addr'), port: textOf(row, 'port'), state: textOf(row, 'state') };
    const key = Object.values(labels).join('\0');
    const group = groups.get(key) ?? { ...labels, count: 0, closing: 0 };
    group.count += 1;
    group.closing += numberOf(row, 'close_needed') ?? 0;
    groups.set(key, group);
    const totals = databases.get(database) ?? { tls: 0, prepared: null, oldest: null, oldestLogin: null };
    const connected = secondsOf(row, 'connect_time');
    totals.tls += textOf(row, 'tls') === '' ? 0 : 1;
    totals.prepared = either((a, b) => a + b, totals.prepared, numberOf(row, 'prepared_statements'));
    totals.oldest = either(Math.min, totals.oldest, connected);
    if (labels.state === 'new') totals.oldestLogin = either(Math.min, totals.oldestLogin, connected);
    databases.set(database, totals);
  }
  return { groups: [...groups.values()], databases };
};

/** Addresses shown by themselves. More than a handful are the sign of a mistake, not of a large cluster. */
const MAX_REMOTES = 20;

/** As `groups`, with the least used addresses beyond the bound summed up under `other`. */
export const boundRemotes = (groups: readonly ServerGroup[], limit = MAX_REMOTES): ServerGroup[] => {
  const sizes = new Map<string, number>();
  const remoteOf = ({ host, port }: ServerGroup): string => `${host}\0${port}`;
  for (const group of groups) sizes.set(remoteOf(group), (sizes.get(remoteOf(group)) ?? 0) + group.count);
  const ranked = [...sizes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([remote]) => remote);
  const shown = new Set(ranked.slice(0, limit));
  const bounded = new Map<string, ServerGroup>();
  for (const group of groups) {
    const where = shown.has(remoteOf(group)) ? {} : { host: 'other', port: '' };
    const { database, host, port, state } = { ...group, ...where };
    const key = [database, host, port, state].join('\0');
    const sum = bounded.get(key) ?? { database, host, port, state, count: 0, closing: 0 };
    sum.count += group.count;
    sum.closing += group.closing;
    bounded.set(key, sum);
  }
  return [...bounded.values()];
};

const labels = ['database'] as const;
const read = readShow('SHOW SERVERS', 'state');

export const servers = defineCollector({
  name: 'servers',
  source: 'SHOW SERVERS',
  every: 15,
  metrics: {
    servers: gauge(
      'db_pool_servers',
      'Server connections by the address they really go to and by state; addresses beyond the 20 most used are host="other".',
      ['database', 'host', 'port', 'state'],
    ),
    closing: gauge(
      'db_pool_closing_servers',
      'Server connections that are closed when they get free: RECONNECT, RELOAD or DNS changed where to connect.',
      ['database', 'host', 'port', 'state'],
    ),
    tls: gauge('db_pool_tls_servers', 'Server connections that use TLS.', labels),
    prepared: gauge('db_pool_server_prepared_statements', 'Prepared statements on server connections (1.21+).', labels),
  },
  read: async (session: Parameters<typeof read>[0], env: Env<unknown>, deadline): Promise<Servers> =>
    sumServers(await read(session, env, deadline)),
  publish: ({ groups, databases }: Servers, m) => [
    ...boundRemotes(groups).flatMap(({ count, closing, ...group }) => [
      m.servers(group, count),
      m.closing(group, closing),
    ]),
    ...[...databases].flatMap(([database, { tls, prepared }]) => [
      m.tls({ database }, tls),
      m.prepared({ database }, prepared),
    ]),
  ],
});
