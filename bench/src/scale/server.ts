import { setupDatabaseStatements, setupRoleStatements } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';

/** What makes a server big or small to its watchers. */
export type Size = { readonly tables: number; readonly statements: number; readonly sessions: number };

/** An ordinary small one. */
export const ORDINARY: Size = { tables: 50, statements: 50, sessions: 10 };

export const USER = 'submilli';
export const PASSWORD = 'watch-me';
export const DATABASE = 'app';

export type Server = { readonly postgres: LocalPostgres; readonly stop: () => Promise<void> };

const TABLES_AT_ONCE = 500;

/** A real server that holds the connections of many targets. */
export const startServer = async (size: Size, maxConnections: number): Promise<Server> => {
  const postgres = await startPostgres({
    major: 17,
    settings: {
      max_connections: maxConnections + size.sessions,
      shared_buffers: '16MB',
      autovacuum: false, // what it does depends on when, and the points of a curve are to differ by one thing
      max_locks_per_transaction: 256,
      max_wal_senders: 10,
      'pg_stat_statements.max': 10_000,
    },
  });
  try {
    await postgres.query(`CREATE DATABASE ${DATABASE}`);
    await makeTables(postgres, size.tables);
    for (const statement of setupRoleStatements({ role: USER })) await postgres.query(statement);
    await postgres.query(`ALTER ROLE ${USER} PASSWORD '${PASSWORD}'`);
    // Many targets lead here, where users have one per server.
    await postgres.query(`ALTER ROLE ${USER} CONNECTION LIMIT -1`);
    for (const statement of setupDatabaseStatements({ role: USER })) await postgres.query(statement, [], DATABASE);
    const busy = await makeWork(postgres, size);
    return {
      postgres,
      stop: async () => {
        await endAll(busy);
        await postgres.stop('immediate');
      },
    };
  } catch (error) {
    await postgres.stop('immediate');
    throw error;
  }
};

const makeTables = async (postgres: LocalPostgres, tables: number): Promise<void> => {
  for (let from = 1; from <= tables; from += TABLES_AT_ONCE) {
    const to = Math.min(tables, from + TABLES_AT_ONCE - 1);
    await postgres.query(
      `DO $do$ BEGIN FOR i IN ${from}..${to} LOOP
         EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, at timestamptz, note text)', i);
         EXECUTE format('INSERT INTO t%s SELECT g, now(), ''x'' FROM generate_series(1, 10) g', i);
       END LOOP; END $do$`,
      [],
      DATABASE,
    );
  }
  await postgres.query('ANALYZE', [], DATABASE);
};

/** Different statements, which `pg_stat_statements` keeps apart by their columns, and sessions, half of them in a transaction. */
const makeWork = async (postgres: LocalPostgres, { statements, sessions }: Size): Promise<readonly Client[]> => {
  const clients: Client[] = [];
  for (let i = 0; i < Math.max(1, sessions); i += 1) {
    const client = new Client(postgres.clientConfig({ database: DATABASE }));
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
  }
  const [first] = clients;
  for (let i = 1; i <= statements; i += 1) await first?.query(`SELECT ${columns(i)}`);
  await Promise.all(clients.map((client, i) => client.query(i % 2 === 0 ? 'SELECT 1' : 'BEGIN')));
  return clients;
};

/** Each number its own list: the binary digits as columns of one of two types. */
const columns = (i: number): string =>
  [...i.toString(2)].map((digit) => (digit === '1' ? '1' : "'x'::text")).join(', ');

const endAll = async (clients: readonly Client[]): Promise<void> => {
  await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
};

/** One after the other two at a time: starting is work too. */
export const startAll = async <T>(starts: readonly (() => Promise<T>)[]): Promise<T[]> => {
  const started: T[] = [];
  for (let i = 0; i < starts.length; i += 2) {
    started.push(...(await Promise.all(starts.slice(i, i + 2).map((start) => start()))));
  }
  return started;
};
