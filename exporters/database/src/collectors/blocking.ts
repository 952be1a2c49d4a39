import {
  type BlockingTree,
  type Deadline,
  defineCollector,
  type Env,
  gauge,
  type PostgresFacts,
  type SqlSession,
} from '@submilli/core';
import { z } from 'zod';
import { treesOf } from '../blocking/tree';

/** What one reading found. */
export type Blocking = {
  /** Milliseconds since the epoch, on the server's clock. */
  readonly at: number;
  /** Sessions that wait for a lock, all of them. */
  readonly waiting: number;
  /** How many of these were looked at. */
  readonly examined: number;
  readonly trees: readonly BlockingTree[];
};

/** `pg_blocking_pids` holds up the lock manager for a moment for each one asked about. */
const MOST_WAITERS = 200;

const waitersSql = `
  SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::float8 AS at,
         coalesce(pg_catalog.array_agg(a.pid ORDER BY a.query_start), '{}') AS waiters
    FROM pg_catalog.pg_stat_activity a
   WHERE a.wait_event_type = 'Lock'`;

const waitersRow = z.object({ at: z.number(), waiters: z.array(z.number()) });

/**
 * The waiters, and whom they wait for; the names of relations only where the connected database can tell. pg_locks, which
 * may have very many rows, is gone through once for all of them.
 */
const sessionsSql = `
  WITH waiters AS (
    SELECT w.pid, pg_catalog.pg_blocking_pids(w.pid) AS blockers FROM pg_catalog.unnest($1::int[]) AS w(pid)
  ), pids AS (
    SELECT w.pid FROM waiters w UNION SELECT pg_catalog.unnest(w.blockers) FROM waiters w
  ), waited_for AS MATERIALIZED (
    SELECT DISTINCT ON (k.pid) k.pid, k.mode, k.locktype, k.relation, k.waitstart
      FROM pg_catalog.pg_locks k WHERE NOT k.granted ORDER BY k.pid, k.waitstart
  )
  SELECT p.pid, coalesce(w.blockers, '{}') AS blockers,
         a.datname::text AS database, a.usename::text AS "user", a.application_name AS application, a.state,
         a.wait_event_type || ':' || a.wait_event AS "waitEvent",
         a.query_id::text AS queryid,
         CASE WHEN w.pid IS NOT NULL
              THEN extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(l.waitstart, a.query_start))::float8
         END AS "waitingSeconds",
         extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::float8 AS "transactionSeconds",
         CASE WHEN l.mode IS NOT NULL THEN pg_catalog.json_build_object('mode', l.mode, 'type', l.locktype, 'relation',
           coalesce((SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c
                       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                      WHERE c.oid = l.relation AND a.datname = pg_catalog.current_database()), l.relation::text)) END AS lock
    FROM pids p
    LEFT JOIN waiters w ON w.pid = p.pid
    LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = p.pid
    LEFT JOIN waited_for l ON l.pid = p.pid`;

const session = z.object({
  pid: z.number(),
  blockers: z.array(z.number()),
  database: z.string().nullable(),
  user: z.string().nullable(),
  application: z.string().nullable(),
  state: z.string().nullable(),
  waitEvent: z.string().nullable(),
  queryid: z.string().nullable(),
  waitingSeconds: z.number().nullable(),
  transactionSeconds: z.number().nullable(),
  lock: z.object({ mode: z.string(), type: z.string(), relation: z.string().nullable() }).nullable(),
});

/** One cheap look whether anybody waits; only then the dear question, whom for. */
const read = async (db: SqlSession, _env: Env<PostgresFacts>, deadline: Deadline): Promise<Blocking> => {
  const [first] = await db.query(waitersSql, [], deadline);
  const { at, waiters } = waitersRow.parse(first);
  const examined = waiters.slice(0, MOST_WAITERS);
  const sessions =
    examined.length === 0 ? [] : session.array().parse(await db.query(sessionsSql, [examined], deadline));
  return { at, waiting: waiters.length, examined: examined.length, trees: treesOf(sessions) };
};

export const blocking = defineCollector({
  name: 'blocking',
  source: 'pg_stat_activity; pg_blocking_pids() and pg_locks only when somebody waits',
  needs: { privilege: 'pg_monitor' },
  metrics: {
    blocked: gauge('db_blocked_sessions', 'Sessions that wait for a lock.'),
    roots: gauge('db_blocking_roots', 'Sessions that others wait for and that wait for no lock themselves.'),
    longest: gauge('db_blocking_longest_seconds', 'Longest wait for a lock now; 0 when nobody waits.'),
    victims: gauge(
      'db_blocking_worst_root_victims',
      'Sessions that wait for the same root, directly or not: the most.',
    ),
    depth: gauge('db_blocking_depth', 'Steps from a root to its farthest victim: the most.'),
  },
  read,
  publish: ({ waiting, trees }: Blocking, m) => [
    m.blocked({}, waiting),
    m.roots({}, trees.length),
    m.longest({}, Math.max(0, ...trees.map((tree) => tree.longestSeconds))),
    m.victims({}, Math.max(0, ...trees.map((tree) => tree.victims))),
    m.depth({}, Math.max(0, ...trees.map((tree) => tree.depth))),
  ],
});
