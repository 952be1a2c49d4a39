import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const standby = z.object({
  /** Unique per standby as far as the server can tell: its application_name and where it comes from. */
  name: z.string(),
  /** A logical subscriber is a standby of nothing. */
  physical: z.boolean(),
  /** Bytes of WAL since the beginning, up to what it has replayed (or flushed, where it replays nothing). */
  position: z.number().nullable(),
});

const row = z.object({
  in_recovery: z.boolean(),
  /** Where the end of the WAL is: written here, or received on a standby (null before anything was received). */
  position: z.number().nullable(),
  replayed: z.number().nullable(),
  /** Whether a WAL receiver streams. */
  receiving: z.boolean(),
  /** Age of the last replayed transaction; null on a primary, and before there was one. */
  replay_age_seconds: z.number().nullable(),
  standbys: z.array(standby),
});

export type Standby = z.infer<typeof standby>;
export type Standbys = z.infer<typeof row>;

const sql = `
  WITH here AS (
    SELECT pg_catalog.pg_is_in_recovery() AS in_recovery,
           CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_receive_lsn()
                ELSE pg_catalog.pg_current_wal_lsn() END AS lsn
  ), standbys AS (
    SELECT r.application_name || '@' || coalesce(pg_catalog.host(r.client_addr), 'local') AS name,
           a.datid IS NULL AS physical,
           pg_catalog.pg_wal_lsn_diff(coalesce(r.replay_lsn, r.flush_lsn), '0/0')::float8 AS position
      FROM pg_catalog.pg_stat_replication r
      LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = r.pid
     WHERE r.state <> 'backup' AND r.application_name <> 'pg_basebackup'
  )
  SELECT here.in_recovery,
         pg_catalog.pg_wal_lsn_diff(here.lsn, '0/0')::float8 AS position,
         pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_replay_lsn(), '0/0')::float8 AS replayed,
         EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver w WHERE w.status = 'streaming') AS receiving,
         greatest(extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()), 0)::float8
           AS replay_age_seconds,
         coalesce((SELECT pg_catalog.json_agg(s) FROM standbys s), '[]') AS standbys
    FROM here`;

/** How far behind a primary's standbys are, or this standby itself, for the score; the ha exporter has the lag as metrics. */
export const standbys = defineCollector({
  name: 'standbys',
  source: 'pg_stat_replication, pg_stat_wal_receiver',
  needs: { privilege: 'pg_monitor' },
  metrics: {
    connected: gauge('db_standbys_connected', 'Standbys and others that receive the server’s WAL now.'),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly Standbys[], m) => rows.map((read) => m.connected({}, read.standbys.length)),
});
