import type { Client } from 'pg';
import { ask, withSession } from '../drill/ask';
import type { DrillMember, Topology } from '../drill/topology';

/** What the servers themselves say, read by the owner of the stack, so that the exporters can be held against it. */

const OURS = ['submilli', 'submilli_canary'];
const LOOK = { timeoutMs: 3000 };

const sessionsSql = `SELECT pg_catalog.count(*)::int4 AS count FROM pg_catalog.pg_stat_activity
                      WHERE usename = ANY ($1) AND application_name <> 'submilli/drill'`;

/** Sessions of our roles on each server and on the pool; of one that does not answer, nothing. */
export const sessionsOf = async ({
  members,
  owner,
  pool,
}: Topology): Promise<readonly { readonly where: string; readonly count: number }[]> => {
  const onServers = members.map(async (member) => {
    const count = async (client: Client) => (await ask<{ count: number }>(client, sessionsSql, 3000, [OURS]))[0]?.count;
    return { where: member.name, count: await withSession(member, owner, count, LOOK) };
  });
  const onPool =
    pool === undefined
      ? []
      : [
          withSession(
            pool,
            pool.admin,
            async (client) => {
              const clients = await ask<{ user: string }>(client, 'SHOW CLIENTS', 3000);
              return { where: 'pgbouncer', count: clients.filter(({ user }) => OURS.includes(user)).length };
            },
            { ...LOOK, through: 'pool' },
          ),
        ];
  const found = await Promise.allSettled([...onServers, ...onPool]);
  return found.flatMap((one) =>
    one.status === 'fulfilled' && one.value.count !== undefined
      ? [{ where: one.value.where, count: one.value.count }]
      : [],
  );
};

/** A server's own figures by metric and database: `db_transactions_total{database="x",outcome="commit"}`. */
export type OwnCounters = ReadonlyMap<string, number>;

const databaseSql = `SELECT datname AS database, xact_commit::float8 AS "commit", xact_rollback::float8 AS "rollback",
         sessions::float8 AS sessions, tup_inserted::float8 AS inserted, tup_updated::float8 AS updated,
         blks_hit::float8 AS hit, deadlocks::float8 AS deadlocks
    FROM pg_catalog.pg_stat_database WHERE datname IS NOT NULL AND datname NOT LIKE 'template%'`;

type DatabaseRow = { readonly database: string } & Readonly<
  Record<'commit' | 'rollback' | 'sessions' | 'inserted' | 'updated' | 'hit' | 'deadlocks', number>
>;

export const ownOfServer = (member: DrillMember, { owner }: Topology): Promise<OwnCounters> =>
  withSession(member, owner, async (client) => {
    const rows = await ask<DatabaseRow>(client, databaseSql, 5000);
    return new Map(
      rows.flatMap(
        ({ database, commit, rollback, sessions, inserted, updated, hit, deadlocks }): [string, number][] => [
          [`db_transactions_total{database="${database}",outcome="commit"}`, commit],
          [`db_transactions_total{database="${database}",outcome="rollback"}`, rollback],
          [`db_sessions_total{database="${database}"}`, sessions],
          [`db_tuples_inserted_total{database="${database}"}`, inserted],
          [`db_tuples_updated_total{database="${database}"}`, updated],
          [`db_buffer_blocks_hit_total{database="${database}"}`, hit],
          [`db_deadlocks_total{database="${database}"}`, deadlocks],
        ],
      ),
    );
  });

export const ownOfPool = async ({ pool }: Topology): Promise<OwnCounters> => {
  if (pool === undefined) return new Map();
  return withSession(
    pool,
    pool.admin,
    async (client) => {
      const rows = await ask<Record<string, string>>(client, 'SHOW STATS_TOTALS', 5000);
      const names = {
        xact_count: 'db_pool_transactions_total',
        query_count: 'db_pool_queries_total',
        bytes_received: 'db_pool_received_bytes_total',
        bytes_sent: 'db_pool_sent_bytes_total',
      };
      return new Map(
        rows.flatMap((row) =>
          Object.entries(names).flatMap(([column, name]): [string, number][] =>
            row[column] === undefined ? [] : [[`${name}{database="${row.database}"}`, Number(row[column])]],
          ),
        ),
      );
    },
    { through: 'pool' },
  );
};

const callsSql = `SELECT d.datname AS database, pg_catalog.sum(s.calls)::float8 AS calls
    FROM pg_stat_statements(false) s
    JOIN pg_catalog.pg_database d ON d.oid = s.dbid
    JOIN pg_catalog.pg_roles r ON r.oid = s.userid
   WHERE r.rolname <> 'submilli' GROUP BY d.datname`;

/** Calls of statements by database, as `db_query_calls_total` has them: all but those of the exporters' own role. */
export const callsOfServer = (member: DrillMember, { owner }: Topology): Promise<OwnCounters> =>
  withSession(member, owner, async (client) => {
    const rows = await ask<{ database: string; calls: number }>(client, callsSql, 5000);
    return new Map(rows.map(({ database, calls }) => [`db_query_calls_total{database="${database}"}`, calls]));
  });
