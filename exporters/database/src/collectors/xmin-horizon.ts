import { type Deadline, defineCollector, type Env, gauge, type PostgresFacts, type SqlSession } from '@submilli/core';
import { z } from 'zod';

const holder = z.object({
  holder: z.enum(['backend', 'replication_slot', 'prepared_transaction', 'standby']),
  /** user@database of a backend, the slot, the transaction's gid, the standby's application_name. */
  name: z.string(),
  /** Who to show in a label: as `name`, but the owner@database of a prepared transaction, whose gid is one of many. */
  label: z.string(),
  /** Of a backend or a standby's WAL sender. */
  pid: z.number().nullable(),
  /** Transactions that began since; rows deleted by them cannot be vacuumed. */
  age: z.number(),
  /** How long it has been holding it, where the server knows. */
  seconds: z.number().nullable(),
});

export type XminHolder = z.infer<typeof holder>;

/** `at`: milliseconds since the epoch, on the server's clock. */
const row = z.object({ at: z.number(), holders: z.array(holder) });

export type XminHorizon = z.infer<typeof row>;

const MOST_OF_A_KIND = 20;

/**
 * Everyone who keeps dead rows from being removed, the oldest of each kind: a kind must not be hidden behind many of
 * another. A running VACUUM holds nothing back, nor does our own session.
 */
const sql = `
  WITH holders AS (
    SELECT 'backend' AS holder, coalesce(a.usename || '@' || a.datname, a.backend_type) AS name, NULL AS owner, a.pid,
           greatest(pg_catalog.age(a.backend_xmin), pg_catalog.age(a.backend_xid)) AS age,
           extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::float8 AS seconds
      FROM pg_catalog.pg_stat_activity a
     WHERE (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
       AND a.pid <> pg_catalog.pg_backend_pid() AND a.backend_type <> 'walsender'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum v WHERE v.pid = a.pid)
    UNION ALL
    SELECT 'replication_slot', s.slot_name::text, NULL, s.active_pid,
           greatest(pg_catalog.age(s.xmin), pg_catalog.age(s.catalog_xmin)), NULL
      FROM pg_catalog.pg_replication_slots s
     WHERE s.xmin IS NOT NULL OR s.catalog_xmin IS NOT NULL
    UNION ALL
    SELECT 'prepared_transaction', p.gid, p.owner || '@' || p.database, NULL, pg_catalog.age(p.transaction),
           extract(epoch FROM pg_catalog.clock_timestamp() - p.prepared)::float8
      FROM pg_catalog.pg_prepared_xacts p
    UNION ALL
    SELECT 'standby', r.application_name, NULL, r.pid, pg_catalog.age(r.backend_xmin), NULL
      FROM pg_catalog.pg_stat_replication r
     WHERE r.backend_xmin IS NOT NULL
  ), ranked AS (
    SELECT h.holder, h.name, coalesce(h.owner, h.name) AS label, h.pid, h.age, h.seconds,
           pg_catalog.row_number() OVER (PARTITION BY h.holder ORDER BY h.age DESC, h.name) AS place
      FROM holders h
  )
  SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::float8 AS at,
         coalesce(pg_catalog.json_agg(r ORDER BY r.age DESC, r.seconds DESC NULLS LAST), '[]') AS holders
    FROM ranked r WHERE r.place <= ${MOST_OF_A_KIND}`;

const KINDS = holder.shape.holder.options;

export const xminHorizon = defineCollector({
  name: 'xmin-horizon',
  source: 'pg_stat_activity, pg_replication_slots, pg_prepared_xacts, pg_stat_replication',
  needs: { privilege: 'pg_monitor' },
  metrics: {
    age: gauge(
      'db_xmin_horizon_age',
      'Transactions since the oldest one that this kind of holder keeps visible; vacuum cannot remove what they deleted. 0: it holds none.',
      ['holder'],
    ),
    holder: gauge(
      'db_xmin_horizon_holder_info',
      'Always 1: who holds the horizon back most, as user@database, slot or standby (with pid and gid: /api/v1/xmin-horizon).',
      ['holder', 'name'],
    ),
  },
  read: async (db: SqlSession, _env: Env<PostgresFacts>, deadline: Deadline): Promise<XminHorizon> =>
    row.parse((await db.query(sql, [], deadline))[0]),
  publish: ({ holders }: XminHorizon, m) => [
    ...KINDS.map((kind) =>
      m.age({ holder: kind }, Math.max(0, ...holders.filter((h) => h.holder === kind).map((h) => h.age))),
    ),
    ...holders.slice(0, 1).map((worst) => m.holder({ holder: worst.holder, name: worst.label }, 1)),
  ],
});
