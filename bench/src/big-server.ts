import { setupRoleStatements } from '@submilli/core';
import { type LocalPostgres, type Major, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';

export type Size = {
  readonly major: Major;
  readonly tables: number;
  readonly databases: number;
  readonly sessionsPerDatabase: number;
  readonly statements: number;
};

export type BigServer = { readonly server: LocalPostgres; readonly stop: () => Promise<void> };

export const PASSWORD = 'watch-me';
const TABLES_AT_ONCE = 500;

/** A real server with many tables, statements, databases and sessions: what makes an exporter slow elsewhere. */
export const startBigServer = async (size: Size, say: (text: string) => void): Promise<BigServer> => {
  const sessions = size.databases * size.sessionsPerDatabase;
  const server = await startPostgres({
    major: size.major,
    settings: {
      max_connections: String(sessions + 150),
      autovacuum: 'off',
      track_io_timing: 'on',
      'pg_stat_statements.max': '10000',
      'pg_stat_statements.track_planning': 'on',
      log_connections: 'on',
      max_locks_per_transaction: '1024',
    },
  });
  try {
    say(`${size.tables} tables`);
    for (let from = 1; from <= size.tables; from += TABLES_AT_ONCE) {
      const to = Math.min(size.tables, from + TABLES_AT_ONCE - 1);
      await server.query(`DO $do$ BEGIN FOR i IN ${from}..${to} LOOP
        EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, at timestamptz, note text)', i);
        EXECUTE format('INSERT INTO t%s SELECT g, now(), ''x'' FROM generate_series(1, 10) g', i);
      END LOOP; END $do$`);
    }
    await server.query('ANALYZE');
    say(`${size.statements} statements`);
    await server.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    const client = new Client(server.clientConfig());
    await client.connect();
    for (let i = 0; i < size.statements; i += 1) await client.query(statement(i, size.tables));
    await client.end();
    say(`${size.databases} databases, ${sessions} sessions`);
    const names = Array.from({ length: size.databases }, (_, i) => `d${i}`);
    for (const name of names) await server.query(`CREATE DATABASE ${name}`);
    const clients = await Promise.all(
      names.flatMap((database) =>
        Array.from({ length: size.sessionsPerDatabase }, async (_, i) => {
          const one = new Client(server.clientConfig({ database }));
          one.on('error', () => undefined);
          await one.connect();
          // Half of them hold a transaction open, as busy applications do.
          await one.query(i % 2 === 0 ? 'BEGIN' : 'SELECT 1');
          return one;
        }),
      ),
    );
    await addWatcherRole(server, 'ours');
    await addWatcherRole(server, 'theirs', { isPeer: true });
    return {
      server,
      stop: async () => {
        await Promise.all(clients.map((one) => one.end().catch(() => undefined)));
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
};

/** No two are the same to pg_stat_statements: another table, or the column once more. */
const statement = (i: number, tables: number): string =>
  `SELECT ${Array(1 + Math.floor(i / tables))
    .fill('note')
    .join(', ')} FROM t${1 + (i % tables)} WHERE id = 1`;

/** A role that may watch, as we recommend it; a peer finds things by search_path, and its settings are its own. */
export const addWatcherRole = async (server: LocalPostgres, role: string, { isPeer = false } = {}): Promise<void> => {
  for (const sql of setupRoleStatements({ role })) await server.query(sql);
  // The bench reads from pg_stat_statements what each exporter cost, so here their statements are tracked.
  await server.query(`ALTER ROLE ${role} RESET ${isPeer ? 'ALL' : 'pg_stat_statements.track'}`);
  await server.query(`ALTER ROLE ${role} PASSWORD '${PASSWORD}'`);
};

/** What a role's statements took in the server so far: planning and execution, in seconds. */
export const databaseSeconds = async (server: LocalPostgres, role: string): Promise<number> => {
  const [row] = await server.query<{ seconds: number }>(
    `SELECT coalesce(sum(total_exec_time + total_plan_time), 0)::float8 / 1000 AS seconds
       FROM pg_stat_statements(false) s JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname = $1`,
    [role],
  );
  return row?.seconds ?? 0;
};
