import { defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';
import { needs, peerGauge, PREFIX } from './peer';

const row = z.object({
  slot_name: z.string(),
  slot_type: z.string(),
  database: z.string(),
  active: z.boolean(),
  current_lsn: z.number().nullable(),
  retained: z.number().nullable(),
  confirmed_flush_lsn: z.number(),
  safe_wal_size: z.number().nullable(),
  wal_status: z.string().nullable(),
});

const sql = `
  WITH here AS (
    SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_receive_lsn()
                ELSE pg_catalog.pg_current_wal_lsn() END AS lsn
  )
  SELECT s.slot_name::text AS slot_name, s.slot_type, coalesce(s.database::text, '') AS database, s.active,
         pg_catalog.pg_wal_lsn_diff(here.lsn, '0/0')::float8 AS current_lsn,
         pg_catalog.pg_wal_lsn_diff(here.lsn, s.restart_lsn)::float8 AS retained,
         pg_catalog.pg_wal_lsn_diff(coalesce(s.confirmed_flush_lsn, '0/0'), '0/0')::float8 AS confirmed_flush_lsn,
         s.safe_wal_size, s.wal_status
    FROM pg_catalog.pg_replication_slots s, here`;

const byDatabase = ['slot_name', 'database'] as const;
const byType = ['slot_name', 'slot_type'] as const;

export const compatReplicationSlots = defineCollector({
  name: `${PREFIX}replication_slots`,
  source: 'pg_replication_slots',
  needs,
  metrics: {
    active: peerGauge('pg_replication_slots_active', 'Whether the slot is in use (1) or not (0).', byDatabase),
    retained: peerGauge('pg_replication_slots_pg_wal_lsn_diff', 'Bytes of WAL that the slot keeps.', byDatabase),
    current: peerGauge('pg_replication_slots_slot_current_wal_lsn', 'WAL position of the server in bytes.', byType),
    flushed: peerGauge(
      'pg_replication_slots_slot_confirmed_flush_lsn',
      'WAL position that the consumer has confirmed, in bytes; only of an active slot.',
      byType,
    ),
    isActive: peerGauge('pg_replication_slots_slot_is_active', 'Whether the slot is in use (1) or not (0).', byType),
    safe: peerGauge(
      'pg_replication_slots_safe_wal_size_bytes',
      'Bytes of WAL that can be written before the slot may be lost; absent when unlimited.',
      byType,
    ),
    status: peerGauge('pg_replication_slots_wal_status', 'Always 1; how safe the WAL is that the slot claims.', [
      ...byType,
      'wal_status',
    ]),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly z.infer<typeof row>[], m) =>
    rows.flatMap((r) => {
      const { slot_name, slot_type, database, wal_status } = r;
      const [slot, typed] = [
        { slot_name, database },
        { slot_name, slot_type },
      ];
      return [
        m.active(slot, Number(r.active)),
        m.retained(slot, r.retained),
        m.current(typed, r.current_lsn),
        m.flushed(typed, r.active ? r.confirmed_flush_lsn : null),
        m.isActive(typed, Number(r.active)),
        m.safe(typed, r.safe_wal_size),
        m.status({ ...typed, wal_status: wal_status ?? '' }, wal_status === null ? null : 1),
      ];
    }),
});
