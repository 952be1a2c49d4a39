import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  slot: z.string(),
  slot_type: z.string(),
  active: z.boolean(),
  /** Null when the slot has not reserved WAL yet, or has lost it. */
  retained_bytes: z.number().nullable(),
  /** Null while nothing limits what a slot may retain (`max_slot_wal_keep_size = -1`), and on a lost slot. */
  safe_bytes: z.number().nullable(),
  /** reserved, extended, unreserved or lost. */
  wal_status: z.string().nullable(),
  xmin_age: z.number().nullable(),
  catalog_xmin_age: z.number().nullable(),
  /** Seconds; PostgreSQL 17+. */
  inactive_seconds: z.number().nullable(),
});

export type SlotRow = z.infer<typeof row>;

const MOST_SLOTS = 100;

/** A standby's slots keep what it has received, which can be far more than it has replayed. */
const newest = `
  CASE WHEN pg_catalog.pg_is_in_recovery()
       THEN greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
       ELSE pg_catalog.pg_current_wal_lsn() END`;

const textFor = (inactiveSince: string): string => `
  SELECT s.slot_name::text AS slot, s.slot_type, s.active, s.wal_status,
         greatest(pg_catalog.pg_wal_lsn_diff(${newest}, s.restart_lsn), 0)::float8 AS retained_bytes,
         s.safe_wal_size::float8 AS safe_bytes,
         pg_catalog.age(s.xmin) AS xmin_age, pg_catalog.age(s.catalog_xmin) AS catalog_xmin_age,
         ${inactiveSince} AS inactive_seconds
    FROM pg_catalog.pg_replication_slots s
   WHERE NOT s.temporary
   ORDER BY s.active, s.restart_lsn
   LIMIT ${MOST_SLOTS}`;

const sql = {
  14: textFor('NULL::float8'),
  17: textFor('extract(epoch FROM pg_catalog.clock_timestamp() - s.inactive_since)::float8'),
} as const;

const labels = ['slot', 'slot_type'] as const;
const STATES = ['reserved', 'extended', 'unreserved', 'lost'] as const;

export const slots = defineCollector({
  name: 'slots',
  source: 'pg_replication_slots',
  metrics: {
    active: gauge('db_slot_active', 'Whether somebody streams from the slot (1) or not (0).', labels),
    retained: gauge('db_slot_retained_bytes', 'WAL kept for the slot; it fills the disk if nobody comes.', labels),
    safe: gauge(
      'db_slot_safe_bytes',
      'WAL that can still be written before the slot is lost; absent while nothing limits it.',
      labels,
    ),
    status: gauge('db_slot_wal_status', 'State of the WAL the slot needs: 1 for the one it is in.', [
      ...labels,
      'status',
    ]),
    inactive: gauge('db_slot_inactive_seconds', 'Since when nobody streams from the slot (PostgreSQL 17+).', labels),
  },
  read: readRows(sql, row),
  publish: (rows: readonly SlotRow[], m) =>
    rows.flatMap((r) => {
      const slot = { slot: r.slot, slot_type: r.slot_type };
      return [
        m.active(slot, r.active ? 1 : 0),
        m.retained(slot, r.retained_bytes),
        m.safe(slot, r.safe_bytes),
        m.inactive(slot, r.inactive_seconds),
        ...(r.wal_status === null
          ? []
          : STATES.map((status) => m.status({ ...slot, status }, r.wal_status === status ? 1 : 0))),
      ];
    }),
});
