import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  status: z.string(),
  sender: z.string(),
  slot: z.string(),
  timeline: z.number().nullable(),
  received: z.number().nullable(),
  replayed: z.number().nullable(),
  last_message: z.number().nullable(),
  replay_age: z.number().nullable(),
  paused: z.boolean(),
});

export type WalReceiverRow = z.infer<typeof row>;

/** One row also while nothing is received: a standby that lost its primary still replays, or waits. */
const sql = `
  SELECT coalesce(r.status, 'none') AS status, coalesce(r.sender_host, '') AS sender, coalesce(r.slot_name, '') AS slot,
         r.received_tli AS timeline,
         pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), '0/0')::float8 AS received,
         pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_replay_lsn(), '0/0')::float8 AS replayed,
         extract(epoch FROM r.last_msg_receipt_time)::float8 AS last_message,
         -- Nothing to replay is no lag, however old the last transaction is.
         CASE WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() THEN 0
              ELSE extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())::float8
         END AS replay_age,
         pg_catalog.pg_is_wal_replay_paused() AS paused
    FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_stat_wal_receiver r ON true`;

export const walReceiver = defineCollector({
  name: 'wal-receiver',
  source: 'pg_stat_wal_receiver',
  needs: { role: 'standby', privilege: 'pg_monitor' },
  metrics: {
    info: gauge(
      'db_wal_receiver_info',
      'Always 1: state of the WAL receiver (none: there is no such process), from whom.',
      ['status', 'sender', 'slot'],
    ),
    streaming: gauge('db_wal_receiver_streaming', 'Whether the standby receives WAL by streaming (1) or not (0).'),
    timeline: gauge('db_wal_receiver_timeline', 'Timeline of the WAL last received.'),
    received: gauge('db_wal_received_position_bytes', 'Position up to which WAL was received, as bytes since 0/0.'),
    replayed: gauge('db_wal_replayed_position_bytes', 'Position up to which WAL was replayed, as bytes since 0/0.'),
    lastMessage: gauge('db_wal_receiver_last_message_timestamp_seconds', 'When the primary was last heard of.'),
    lag: gauge(
      'db_wal_replay_lag_seconds',
      'Age of the last transaction replayed; 0 when all that was received is replayed. Absent before the first.',
    ),
    paused: gauge('db_wal_replay_paused', 'Whether replay was paused by hand (1) or not (0).'),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly WalReceiverRow[], m) =>
    rows.flatMap((r) => [
      m.info({ status: r.status, sender: r.sender, slot: r.slot }, 1),
      m.streaming({}, r.status === 'streaming' ? 1 : 0),
      m.timeline({}, r.timeline),
      m.received({}, r.received),
      m.replayed({}, r.replayed),
      m.lastMessage({}, r.last_message),
      m.lag({}, r.replay_age),
      m.paused({}, r.paused ? 1 : 0),
    ]),
});
