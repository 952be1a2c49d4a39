import { defineCollector, type Env, gauge } from '@submilli/core';
import { CONSOLE, either, numberOf, readShow, secondsOf, type ShowRow, textOf } from '../show';

/** Clients that have everything in common that we show of them. */
export type ClientGroup = {
  readonly database: string;
  readonly user: string;
  readonly application: string;
  readonly state: string;
  count: number;
};

/** Null where this version doesn't have the column. */
type Totals = { tls: number; replication: number | null; prepared: number | null; oldest: number | null };

export type Clients = {
  /** The newest request, which is our own: PgBouncer's time of the answer, in `secondsOf`'s terms. */
  readonly now: number | null;
  readonly groups: readonly ClientGroup[];
  readonly databases: ReadonlyMap<string, Totals>;
};

const add = (sum: number | null, more: number | null): number | null => either((a, b) => a + b, sum, more);

/** Rows in, sums out, in one pass: there is a row for each client, and there can be tens of thousands. */
export const sumClients = (rows: readonly ShowRow[]): Clients => {
  const groups = new Map<string, ClientGroup>();
  const databases = new Map<string, Totals>();
  let now: number | null = null;
  for (const row of rows) {
    now = either(Math.max, now, secondsOf(row, 'request_time'));
    const database = textOf(row, 'database');
    if (database === CONSOLE) continue;
    const labels = {
      ...{ database, user: textOf(row, 'user'), state: textOf(row, 'state') },
      application: textOf(row, 'application_name'),
    };
    const key = Object.values(labels).join('\0');
    const group = groups.get(key) ?? { ...labels, count: 0 };
    group.count += 1;
    groups.set(key, group);
    const totals = databases.get(database) ?? { tls: 0, replication: null, prepared: null, oldest: null };
    totals.tls += textOf(row, 'tls') === '' ? 0 : 1;
    if ('replication' in row) totals.replication = add(totals.replication, row.replication === 'none' ? 0 : 1);
    totals.prepared = add(totals.prepared, numberOf(row, 'prepared_statements'));
    totals.oldest = either(Math.min, totals.oldest, secondsOf(row, 'connect_time'));
    databases.set(database, totals);
  }
  return { now, groups: [...groups.values()], databases };
};

const labels = ['database'] as const;
const read = readShow('SHOW CLIENTS', 'state');

/**
 * SHOW CLIENTS has a row for each client and stops all of PgBouncer while it is made (20 ms for 10,000 clients), so it
 * has its own interval. SHOW FDS and SHOW SOCKETS would say little more: the first needs `admin_users` and is meant for
 * handing over the sockets of a running PgBouncer, the second adds the fill of buffers; neither is read.
 */
export const clients = defineCollector({
  name: 'clients',
  source: 'SHOW CLIENTS',
  every: 15,
  metrics: {
    tls: gauge('db_pool_tls_clients', 'Client connections that use TLS.', labels),
    replication: gauge('db_pool_replication_clients', 'Client connections in replication mode (1.23+).', labels),
    prepared: gauge('db_pool_client_prepared_statements', 'Prepared statements that clients hold (1.21+).', labels),
  },
  read: async (session: Parameters<typeof read>[0], env: Env<unknown>, deadline): Promise<Clients> =>
    sumClients(await read(session, env, deadline)),
  publish: ({ databases }: Clients, m) =>
    [...databases].flatMap(([database, { tls, replication, prepared }]) => [
      m.tls({ database }, tls),
      m.replication({ database }, replication),
      m.prepared({ database }, prepared),
    ]),
});
