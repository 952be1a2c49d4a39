import { defineCollector, type Deadline, type Env, gauge, Problem } from '@submilli/core';
import { z } from 'zod';
import type { ClusterSession } from '../session/cluster-session';
import type { HaFacts } from '../source';

const row = z.object({
  slot: z.string(),
  slot_kind: z.string(),
  active: z.boolean(),
  retained: z.number().nullable(),
  safe: z.number().nullable(),
  wal_status: z.string().nullable(),
});

export type SlotRow = z.infer<typeof row>;

const sql = `
  SELECT slot_name::text AS slot, slot_type AS slot_kind, active,
         pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn)::float8 AS retained,
         safe_wal_size::float8 AS safe, wal_status
    FROM pg_catalog.pg_replication_slots`;

const walStates = ['reserved', 'extended', 'unreserved', 'lost'] as const;

export const slots = defineCollector({
  name: 'slots',
  source: 'pg_replication_slots',
  needs: { configured: 'postgres', privilege: 'pg_monitor' },
  metrics: {
    active: gauge('db_replication_slot_active', 'Whether somebody streams from the slot (1) or not (0).', [
      'slot',
      'slot_kind',
    ]),
    retained: gauge('db_replication_slot_retained_bytes', 'WAL that the primary keeps for the slot.', ['slot']),
    safe: gauge(
      'db_replication_slot_safe_bytes',
      'WAL that can still be written before the slot is lost; absent without max_slot_wal_keep_size.',
      ['slot'],
    ),
    walStatus: gauge('db_replication_slot_wal_status', 'Which state its WAL is in: 1 for it, 0 for the others.', [
      'slot',
      'status',
    ]),
  },
  read: async (_session: ClusterSession, { facts }: Env<HaFacts>, deadline: Deadline) => {
    if (facts.primary instanceof Problem) throw facts.primary;
    return row.array().parse(await facts.primary.query(sql, [], deadline));
  },
  publish: (rows: readonly SlotRow[], m) =>
    rows.flatMap(({ slot, slot_kind, active, retained, safe, wal_status }) => [
      m.active({ slot, slot_kind }, Number(active)),
      m.retained({ slot }, retained),
      m.safe({ slot }, safe),
      ...(wal_status === null
        ? []
        : walStates.map((status) => m.walStatus({ slot, status }, wal_status === status ? 1 : 0))),
    ]),
});
