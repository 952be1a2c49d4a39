import { readFileSync } from 'node:fs';
import type { LocalPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { runSeconds } from './processes';

/** What was spent on one role since the beginning, in seconds. */
export type Spent = {
  /** Planning and execution, as pg_stat_statements counts it. */
  readonly statements: number;
  /** Processor time of the role's sessions, as far as they were seen. */
  readonly sessions: number;
  /** How many sessions were seen, and how many the server's log says that it let in. */
  readonly seen: number;
  readonly connections: number;
};

/** Where it is written down what watching cost the watched. */
export type Ledger = {
  readonly read: () => Promise<ReadonlyMap<string, Spent>>;
  readonly close: () => Promise<void>;
};

const sql = `
  SELECT r.rolname::text AS role,
         coalesce((SELECT sum(s.total_exec_time + s.total_plan_time) / 1000
                     FROM pg_stat_statements(false) s WHERE s.userid = r.oid), 0)::float8 AS statements,
         ARRAY(SELECT a.pid FROM pg_stat_activity a WHERE a.usesysid = r.oid) AS pids
    FROM pg_roles r WHERE r.rolname = ANY ($1)`;

type Row = { readonly role: string; readonly statements: number; readonly pids: readonly number[] };

/** By role, of a log with log_connections. */
export const countConnections = (log: string): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const [, role = ''] of log.matchAll(/connection authorized: user=(\S+)/g)) {
    counts.set(role, (counts.get(role) ?? 0) + 1);
  }
  return counts;
};

/** Of a PostgreSQL server, by role: each watcher has one of its own there. */
export const serverLedger = async (server: LocalPostgres, roles: readonly string[]): Promise<Ledger> => {
  const client = new Client(server.clientConfig());
  await client.connect();
  const sessions = new Map<string, Map<number, number>>(roles.map((role) => [role, new Map<number, number>()]));
  return {
    read: async () => {
      const { rows } = await client.query<Row>({ name: 'spent', text: sql, values: [roles] });
      const opened = countConnections(readFileSync(server.logFile, 'utf8'));
      return new Map(
        rows.map(({ role, statements, pids }) => {
          const seen = sessions.get(role) ?? new Map<number, number>();
          for (const pid of pids) seen.set(pid, runSeconds(pid) ?? seen.get(pid) ?? 0);
          const total = [...seen.values()].reduce((a, b) => a + b, 0);
          return [role, { statements, sessions: total, seen: seen.size, connections: opened.get(role) ?? 0 }];
        }),
      );
    },
    close: () => client.end(),
  };
};

/**
 * Of a PgBouncer, which knows no roles' costs: the processor time of the whole process, which has one thread. Only what
 * it took during one watcher's scrape, or while no other watches, is that watcher's.
 */
export const poolerLedger = (pid: number, roles: readonly string[]): Ledger => ({
  read: () => {
    const seconds = runSeconds(pid) ?? NaN;
    const spent = { statements: seconds, sessions: seconds, seen: NaN, connections: NaN };
    return Promise.resolve(new Map(roles.map((role) => [role, spent])));
  },
  close: () => Promise.resolve(),
});
