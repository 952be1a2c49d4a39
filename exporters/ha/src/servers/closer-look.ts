import type { Deadline, SqlSession } from '@submilli/core';
import { z } from 'zod';
import { timelineSql } from './look';

const walsender = z.object({
  application: z.string(),
  address: z.string().nullable(),
  slot: z.string().nullable(),
  state: z.string(),
  sync_state: z.string(),
  /** Seconds since it last said how far it is; a connection that is dead and not yet known to be says nothing. */
  heard: z.number().nullable(),
  /** A logical subscriber reads a database, and is a standby of nothing. */
  physical: z.boolean(),
  write_bytes: z.number().nullable(),
  flush_bytes: z.number().nullable(),
  replay_bytes: z.number().nullable(),
  write_seconds: z.number().nullable(),
  flush_seconds: z.number().nullable(),
  replay_seconds: z.number().nullable(),
});

export type Walsender = z.infer<typeof walsender>;

const receiver = z.object({
  status: z.string(),
  host: z.string().nullable(),
  port: z.number().nullable(),
  slot: z.string().nullable(),
  /** The name under which it streams, as its upstream sees it. */
  application: z.string().nullable(),
});

export type Receiver = z.infer<typeof receiver>;

const row = z.object({
  in_recovery: z.boolean(),
  started: z.number(),
  timeline: z.number().nullable(),
  system_identifier: z.string(),
  version: z.string(),
  role_name: z.string(),
  monitor: z.boolean(),
  /** Bytes of WAL since the beginning: written on a primary; received and replayed on a standby. */
  written: z.number().nullable(),
  received: z.number().nullable(),
  replayed: z.number().nullable(),
  receiver: receiver.nullable(),
  walsenders: z.array(walsender),
  logical_slots: z.array(z.string()),
});

export type ServerRow = z.infer<typeof row>;

const MOST = 100;

/** Of a standby: what it receives, what it has flushed, what it last restarted from, whichever is newest. */
const standbyTimeline = `
  greatest((SELECT w.received_tli FROM pg_catalog.pg_stat_wal_receiver w),
           (SELECT c.timeline_id FROM pg_catalog.pg_control_checkpoint() c),
           (SELECT c.min_recovery_end_timeline FROM pg_catalog.pg_control_recovery() c))`;

const bytesOf = (lsn: string): string => `pg_catalog.pg_wal_lsn_diff(${lsn}, '0/0')::float8`;

/**
 * Without pg_monitor all about walsenders and the receiver is null or left out. A base backup and the WAL it streams are
 * walsenders too, but no replicas; a logical subscriber is, and belongs to a database.
 */
const sql = `
  WITH here AS (
    SELECT r.in_recovery,
           CASE WHEN r.in_recovery THEN pg_catalog.pg_last_wal_receive_lsn() ELSE pg_catalog.pg_current_wal_lsn() END AS lsn
      FROM (SELECT pg_catalog.pg_is_in_recovery() AS in_recovery) r
  ), senders AS (
    SELECT r.application_name AS application, pg_catalog.host(r.client_addr) AS address, s.slot_name::text AS slot,
           r.state, coalesce(r.sync_state, '') AS sync_state, a.datid IS NULL AS physical,
           extract(epoch FROM pg_catalog.clock_timestamp() - r.reply_time)::float8 AS heard,
           pg_catalog.pg_wal_lsn_diff(here.lsn, r.write_lsn)::float8 AS write_bytes,
           pg_catalog.pg_wal_lsn_diff(here.lsn, r.flush_lsn)::float8 AS flush_bytes,
           pg_catalog.pg_wal_lsn_diff(here.lsn, r.replay_lsn)::float8 AS replay_bytes,
           extract(epoch FROM r.write_lag)::float8 AS write_seconds,
           extract(epoch FROM r.flush_lag)::float8 AS flush_seconds,
           extract(epoch FROM r.replay_lag)::float8 AS replay_seconds
      FROM here, pg_catalog.pg_stat_replication r
      LEFT JOIN pg_catalog.pg_replication_slots s ON s.active_pid = r.pid
      LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = r.pid
     WHERE r.state IS NOT NULL AND r.state <> 'backup' AND r.application_name <> 'pg_basebackup'
     ORDER BY r.state <> 'streaming', r.replay_lsn DESC NULLS LAST, r.backend_start
     LIMIT ${MOST}
  ), receivers AS (
    SELECT w.status, w.sender_host AS host, w.sender_port AS port, w.slot_name AS slot,
           coalesce(pg_catalog.substring(w.conninfo, '(?:^| )application_name=(\\S+)'),
                    pg_catalog.substring(w.conninfo, '(?:^| )fallback_application_name=(\\S+)')) AS application
      FROM pg_catalog.pg_stat_wal_receiver w
     WHERE w.status IS NOT NULL
  )
  SELECT here.in_recovery,
         extract(epoch FROM pg_catalog.pg_postmaster_start_time())::float8 AS started,
         coalesce(${timelineSql}, ${standbyTimeline}) AS timeline,
         (SELECT c.system_identifier::text FROM pg_catalog.pg_control_system() c) AS system_identifier,
         pg_catalog.current_setting('server_version') AS version,
         current_user::text AS role_name,
         pg_catalog.pg_has_role('pg_monitor', 'USAGE') AS monitor,
         CASE WHEN here.in_recovery THEN NULL ELSE ${bytesOf('here.lsn')} END AS written,
         CASE WHEN here.in_recovery
              THEN ${bytesOf('greatest(here.lsn, pg_catalog.pg_last_wal_replay_lsn())')} END AS received,
         CASE WHEN here.in_recovery THEN ${bytesOf('pg_catalog.pg_last_wal_replay_lsn()')} END AS replayed,
         (SELECT pg_catalog.row_to_json(w) FROM receivers w) AS receiver,
         coalesce((SELECT pg_catalog.json_agg(s) FROM senders s), '[]') AS walsenders,
         ARRAY(SELECT s.slot_name::text FROM pg_catalog.pg_replication_slots s
                WHERE s.slot_type = 'logical' AND NOT s.temporary ORDER BY 1 LIMIT ${MOST}) AS logical_slots
    FROM here`;

/** All that a server knows of its place in the cluster, in one statement. */
export const readCloser = async (session: SqlSession, deadline: Deadline): Promise<ServerRow> => {
  const [first] = row.array().parse(await session.query(sql, [], deadline));
  if (first === undefined) throw new Error('the server answers with no row');
  return first;
};
