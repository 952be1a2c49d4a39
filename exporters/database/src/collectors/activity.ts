import { defineCollector, folded, gauge, legacy, readRows } from '@submilli/core';
import { z } from 'zod';

const databaseRow = z.object({
  database: z.string(),
  /** Client sessions by `pg_stat_activity.state`. */
  sessions: z.record(z.string(), z.number()),
  /** `datconnlimit`; -1 is no limit. */
  connection_limit: z.number(),
  server_limit: z.number(),
  oldest_transaction: z.number().nullable(),
  oldest_query: z.number().nullable(),
  oldest_idle_in_transaction: z.number().nullable(),
  lock_waiters: z.number(),
});

export type ActivityRow = z.infer<typeof databaseRow>;

/** States that are shown even when no session is in them: they were counted, and the count is zero. */
const STATES = ['active', 'idle', 'idle in transaction', 'idle in transaction (aborted)'] as const;

/**
 * One row per database that accepts connections. The server's limit is what ordinary roles can use: reserved slots are
 * taken off (`reserved_connections` exists from PostgreSQL 16). Ages are of client sessions, our own left out.
 */
const sql = `
  WITH clients AS MATERIALIZED (
    SELECT a.datid, coalesce(a.state, 'starting') AS state, a.wait_event_type, a.pid = pg_catalog.pg_backend_pid() AS own,
           pg_catalog.clock_timestamp() - a.xact_start AS in_transaction,
           pg_catalog.clock_timestamp() - a.query_start AS in_query,
           pg_catalog.clock_timestamp() - a.state_change AS in_state
      FROM pg_catalog.pg_stat_activity a
     WHERE a.backend_type = 'client backend'
  ), sessions AS (
    SELECT s.datid, pg_catalog.json_object_agg(s.state, s.n) AS by_state
      FROM (SELECT c.datid, c.state, count(*) AS n FROM clients c GROUP BY 1, 2) s
     GROUP BY 1
  ), ages AS (
    SELECT c.datid,
           max(extract(epoch FROM c.in_transaction)) AS oldest_transaction,
           max(extract(epoch FROM c.in_query)) FILTER (WHERE c.state = 'active') AS oldest_query,
           max(extract(epoch FROM c.in_state))
             FILTER (WHERE c.state LIKE 'idle in transaction%') AS oldest_idle_in_transaction,
           count(*) FILTER (WHERE c.wait_event_type = 'Lock') AS lock_waiters
      FROM clients c
     WHERE NOT c.own
     GROUP BY 1
  )
  SELECT d.datname::text AS database,
         coalesce(sessions.by_state, '{}') AS sessions,
         d.datconnlimit AS connection_limit,
         pg_catalog.current_setting('max_connections')::int
           - pg_catalog.current_setting('superuser_reserved_connections')::int
           - coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0) AS server_limit,
         greatest(ages.oldest_transaction, 0)::float8 AS oldest_transaction,
         greatest(ages.oldest_query, 0)::float8 AS oldest_query,
         greatest(ages.oldest_idle_in_transaction, 0)::float8 AS oldest_idle_in_transaction,
         coalesce(ages.lock_waiters, 0)::int AS lock_waiters
    FROM pg_catalog.pg_database d
    LEFT JOIN sessions ON sessions.datid = d.oid
    LEFT JOIN ages ON ages.datid = d.oid
   WHERE d.datallowconn AND NOT d.datistemplate`;

/** Client sessions of one database. */
export const sessionsOf = (row: ActivityRow): number => Object.values(row.sessions).reduce((sum, n) => sum + n, 0);

/**
 * How full the tightest limit is that a new session of this database would meet (0..1): its own `CONNECTION LIMIT`, or
 * the server's, which all databases share.
 */
export const utilizationOf = (row: ActivityRow, rows: readonly ActivityRow[]): number => {
  const server = rows.reduce((sum, other) => sum + sessionsOf(other), 0) / row.server_limit;
  const own = row.connection_limit > 0 ? sessionsOf(row) / row.connection_limit : 0;
  return Math.max(server, own);
};

export const activity = defineCollector({
  name: 'activity',
  source: 'pg_stat_activity',
  needs: { privilege: 'pg_monitor' },
  metrics: {
    connections: folded('sum', gauge('db_connections', 'Client sessions by state.', ['database', 'state'])),
    connectionsLegacy: legacy(
      folded(
        'sum',
        gauge('db_connections_total', 'Client sessions by state (a gauge; promised name, see db_connections).', [
          'state',
          'database',
        ]),
      ),
    ),
    limit: gauge(
      'db_connections_limit',
      'Sessions the database can have: its CONNECTION LIMIT, or max_connections less the reserved ones.',
      ['database'],
    ),
    utilization: folded(
      'max',
      gauge(
        'db_connection_utilization_ratio',
        'Fullness of the tightest limit a new session meets: the database’s own, or the server’s shared one.',
        ['database'],
      ),
    ),
    utilizationLegacy: legacy(
      folded(
        'max',
        gauge('db_connection_utilization_percent', 'As db_connection_utilization_ratio, in percent (promised name).', [
          'database',
        ]),
      ),
    ),
    oldestTransaction: folded(
      'max',
      gauge('db_oldest_transaction_seconds', 'Age of the oldest open transaction of a client; 0 when none is open.', [
        'database',
      ]),
    ),
    oldestQuery: folded(
      'max',
      gauge('db_oldest_query_seconds', 'Age of the longest-running active statement; 0 when none runs.', ['database']),
    ),
    oldestIdle: folded(
      'max',
      gauge(
        'db_oldest_idle_in_transaction_seconds',
        'How long a client has been idle inside a transaction, at most; 0 when none is.',
        ['database'],
      ),
    ),
    lockWaiters: folded('sum', gauge('db_lock_waiters', 'Client sessions that wait for a lock.', ['database'])),
  },
  read: readRows({ 14: sql }, databaseRow),
  publish: (rows: readonly ActivityRow[], m) =>
    rows.flatMap((row) => {
      const { database } = row;
      const states = new Set([...STATES, ...Object.keys(row.sessions)]);
      const utilization = utilizationOf(row, rows);
      return [
        ...[...states].flatMap((state) => [
          m.connections({ database, state }, row.sessions[state] ?? 0),
          m.connectionsLegacy({ database, state }, row.sessions[state] ?? 0),
        ]),
        m.limit(
          { database },
          row.connection_limit > 0 ? Math.min(row.connection_limit, row.server_limit) : row.server_limit,
        ),
        m.utilization({ database }, utilization),
        m.utilizationLegacy({ database }, utilization * 100),
        m.oldestTransaction({ database }, row.oldest_transaction ?? 0),
        m.oldestQuery({ database }, row.oldest_query ?? 0),
        m.oldestIdle({ database }, row.oldest_idle_in_transaction ?? 0),
        m.lockWaiters({ database }, row.lock_waiters),
      ];
    }),
});
