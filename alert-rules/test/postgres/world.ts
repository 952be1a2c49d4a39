import { type LocalPostgres, type Major, startPostgres } from '@submilli/local-postgres';
import { setupDatabaseStatements } from '@submilli/core';
import { Client, type ClientConfig, type QueryResultRow } from 'pg';
import { makeRole } from '../../../exporters/core/test/watching';
import type { Variables } from './psql';

/** A primary and its standby, with a database like that of the reference cluster, for things to go wrong in. */
export type World = {
  readonly major: Major;
  readonly primary: LocalPostgres;
  readonly standby: LocalPostgres;
  /** A session of an application, on the primary unless another server is named; closed by itself after the block. */
  readonly session: (options?: ClientConfig, on?: LocalPostgres) => Promise<Client>;
  /** A statement of the superuser in the database. */
  readonly query: <R extends QueryResultRow>(sql: string, values?: unknown[]) => Promise<R[]>;
  /** What takes a trouble away again; the last one first. */
  readonly later: (undo: () => Promise<unknown>) => void;
};

/** Makes something go wrong, and answers what to fill into the variables of the blocks. */
export type Trouble = (world: World) => Promise<Variables>;

export const DATABASE = 'grandmodel';

/** Whoever works with the database in these tests. */
export const USER = 'trading';
const USER_PASSWORD = 'trade';

/** What blocks ask for to find its sessions and tables. */
export const names = {
  ...{ database: DATABASE, user: USER, application: 'trading-app', age: '0 seconds' },
  ...{ schema: 'public', table: 'orders', column: 'account_id', relation: 'public.orders' },
} as const;

const schema = [
  'CREATE TABLE accounts (id int PRIMARY KEY, name text)',
  "INSERT INTO accounts SELECT g, 'account ' || g FROM generate_series(1, 100) g",
  'CREATE TABLE orders (id int PRIMARY KEY, account_id int REFERENCES accounts, price int, note text)',
  "INSERT INTO orders SELECT g, 1 + g % 100, g, repeat('x', 50) FROM generate_series(1, 5000) g",
  "CREATE TABLE worn WITH (autovacuum_enabled = off) AS SELECT g, repeat('x', 1500) FROM generate_series(1, 3000) g",
  `ALTER TABLE worn OWNER TO ${USER}`,
  'ANALYZE',
  `GRANT SELECT, INSERT, UPDATE, DELETE ON accounts, orders TO ${USER}`,
];

/** The superuser's connection, made anew where it is lost. */
const keptConnection = (server: LocalPostgres) => {
  let open: Promise<Client> | undefined;
  const connect = async (): Promise<Client> => {
    const client = new Client(server.clientConfig({ database: DATABASE }));
    client.on('error', () => (open = undefined));
    client.on('end', () => (open = undefined));
    await client.connect();
    return client;
  };
  return {
    query: async <R extends QueryResultRow>(sql: string, values?: unknown[]): Promise<R[]> =>
      (await (await (open ??= connect())).query<R>(sql, values)).rows,
    end: async (): Promise<void> => (await open)?.end(),
  };
};

const END_SESSIONS = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${names.application}'`;

/** Back to what it was, whatever a block has set. */
const undoSettings = [
  'ALTER SYSTEM RESET ALL',
  'SELECT pg_reload_conf()',
  `ALTER ROLE ${USER} RESET ALL`,
  `ALTER ROLE ${USER} IN DATABASE ${DATABASE} RESET ALL`,
  `ALTER ROLE ${USER} CONNECTION LIMIT -1`,
  `ALTER DATABASE ${DATABASE} CONNECTION LIMIT -1`,
];

/** Not all: it has the address of its primary there. */
const undoOnStandby = ['ALTER SYSTEM RESET max_standby_streaming_delay', 'SELECT pg_reload_conf()'];

export const startWorld = async (major: Major) => {
  const primary = await startPostgres({
    major,
    settings: {
      ...{ wal_level: 'logical', max_prepared_transactions: 5, max_connections: 60, archive_mode: 'on' },
      ...{ archive_command: 'true', hot_standby_feedback: 'on', wal_receiver_status_interval: '1s' },
      autovacuum_naptime: '1h', // What goes wrong stays so until the block is through.
    },
  });
  const undone: (() => Promise<unknown>)[] = [];
  const onPrimary = keptConnection(primary);
  const query: World['query'] = (sql, values) => onPrimary.query(sql, values);
  try {
    await makeRole(primary);
    await primary.query(`CREATE ROLE ${USER} LOGIN PASSWORD '${USER_PASSWORD}'`);
    await primary.query(`CREATE DATABASE ${DATABASE}`);
    for (const statement of [...setupDatabaseStatements({ role: 'submilli' }), ...schema]) await query(statement);
    const standby = await primary.standby({ name: 'pg2' });
    const onStandby = keptConnection(standby);
    const session = async (options: ClientConfig = {}, on = primary): Promise<Client> => {
      const as = { user: USER, password: USER_PASSWORD, database: DATABASE, application_name: names.application };
      const client = new Client(on.clientConfig({ ...as, ...options }));
      client.on('error', () => undefined); // It may be ended: that is what the runbooks are for.
      await client.connect();
      undone.push(() => client.end().catch(() => undefined));
      return client;
    };
    const world: World = { major, primary, standby, session, query, later: (undo) => undone.push(undo) };
    const undo = async (): Promise<void> => {
      // A session that works would not notice for minutes that its client is gone.
      for (const server of [onStandby, onPrimary]) await server.query(END_SESSIONS);
      for (let next = undone.pop(); next !== undefined; next = undone.pop()) await next();
      for (const statement of undoSettings) await query(statement);
      for (const statement of undoOnStandby) await onStandby.query(statement);
    };
    const stop = async (): Promise<void> => {
      await Promise.all([onStandby.end(), onPrimary.end()]);
      await standby.stop();
      await primary.stop();
    };
    return { world, undo, stop };
  } catch (error) {
    await primary.stop('immediate');
    throw error;
  }
};

/** Asks until it is so, for 20 s at most. */
export const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`after 20 s it is still not so that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

export const pidOf = async (client: Client): Promise<number> => {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
};

/** Runs something that does not end by itself: what becomes of it is for the block to decide. */
export const underWay = (client: Client, sql: string): void => void client.query(sql).catch(() => undefined);

/**
 * A session at work until it is cancelled or ended: a vacuum that takes its time, as that is the one statement that has
 * no snapshot for which an index build would wait.
 */
export const atWork = async (world: World): Promise<number> => {
  const worker = await world.session();
  const pid = await pidOf(worker);
  await worker.query('SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1');
  underWay(worker, 'VACUUM (DISABLE_PAGE_SKIPPING) worn');
  const running = 'SELECT FROM pg_stat_progress_vacuum WHERE pid = $1';
  await until('it is at work', async () => (await world.query(running, [pid])).length === 1);
  return pid;
};
