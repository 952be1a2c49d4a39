import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  holder: z.enum(['backend', 'replication_slot', 'prepared_transaction', 'standby']),
  /** user@database of a backend, the slot, the transaction's gid, the standby's application_name. */
  name: z.string(),
  /** Of a backend or a standby's WAL sender. */
  pid: z.number().nullable(),
  /** Transactions that began since; rows deleted by them cannot be vacuumed. */
  age: z.number(),
  /** How long it has been holding it, where the server knows. */
  seconds: z.number().nullable(),
});

export type XminHolder = z.infer<typeof row>;

const MOST_HOLDERS = 50;

/**
 * Everyone who keeps dead rows from being removed, the oldest of each kind first. A running VACUUM holds nothing back,
 * nor does our own session.
 */
const sql = `
  WITH holders AS (
    SELECT 'backend' AS holder, coalesce(a.usename || '@' || a.datname, a.backend_type) AS name, a.pid,
           greatest(pg_catalog.age(a.backend_xmin), pg_catalog.age(a.backend_xid)) AS age,
           extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::float8 AS seconds
      FROM pg_catalog.pg_stat_activity a
     WHERE (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
       AND a.pid <> pg_catalog.pg_backend_pid() AND a.backend_type <> 'walsender'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum v WHERE v.pid = a.pid)
    UNION ALL
    SELECT 'replication_slot', s.slot_name::text, s.active_pid,
           greatest(pg_catalog.age(s.xmin), pg_catalog.age(s.catalog_xmin)), NULL
      FROM pg_catalog.pg_replication_slots s
     WHERE s.xmin IS NOT NULL OR s.catalog_xmin IS NOT NULL
    UNION ALL
    SELECT 'prepared_transaction', p.gid, NULL, pg_catalog.age(p.transaction),
           extract(epoch FROM pg_catalog.clock_timestamp() - p.prepared)::float8
      FROM pg_catalog.pg_prepared_xacts p
    UNION ALL
    SELECT 'standby', r.application_name, r.pid, pg_catalog.age(r.backend_xmin), NULL
      FROM pg_catalog.pg_stat_replication r
     WHERE r.backend_xmin IS NOT NULL
  )
  SELECT h.holder, h.name, h.pid, h.age, h.seconds FROM holders h ORDER BY h.age DESC LIMIT ${MOST_HOLDERS}`;

const KINDS = row.shape.holder.options;

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
      'Always 1: who holds the horizon back most, as user@database, slot, gid or standby (all of them: /api/v1/xmin-horizon).',
      ['holder', 'name'],
    ),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly XminHolder[], m) => [
    ...KINDS.map((holder) =>
      m.age({ holder }, Math.max(0, ...rows.filter((r) => r.holder === holder).map((r) => r.age))),
    ),
    ...rows.slice(0, 1).map(({ holder, name }) => m.holder({ holder, name }, 1)),
  ],
});
