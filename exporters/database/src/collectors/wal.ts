import { counter, defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  records: z.number(),
  full_page_images: z.number(),
  bytes: z.number(),
  buffers_full: z.number(),
  writes: z.number(),
  fsyncs: z.number(),
  /** Null while `track_wal_io_timing` is off. */
  write_seconds: z.number().nullable(),
  fsync_seconds: z.number().nullable(),
  position: z.number().nullable(),
  /** Since the counters began; null where that is not known. */
  stats_seconds: z.number().nullable(),
});

export type WalRow = z.infer<typeof row>;

const position = `
  pg_catalog.pg_wal_lsn_diff(
    CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
         ELSE pg_catalog.pg_current_wal_lsn() END, '0/0')::float8 AS position`;

const age = (reset: string): string =>
  `extract(epoch FROM pg_catalog.clock_timestamp() - ${reset})::float8 AS stats_seconds`;

const timed = `pg_catalog.current_setting('track_wal_io_timing')::bool`;

/** PostgreSQL 18 moved writes, flushes and their times to `pg_stat_io` (object `wal`). */
const sql = {
  14: `
    SELECT wal_records AS records, wal_fpi AS full_page_images, wal_bytes::float8 AS bytes,
           wal_buffers_full AS buffers_full, wal_write AS writes, wal_sync AS fsyncs,
           CASE WHEN ${timed} THEN wal_write_time / 1000 END AS write_seconds,
           CASE WHEN ${timed} THEN wal_sync_time / 1000 END AS fsync_seconds, ${position}, ${age('stats_reset')}
      FROM pg_catalog.pg_stat_wal`,
  18: `
    SELECT w.wal_records AS records, w.wal_fpi AS full_page_images, w.wal_bytes::float8 AS bytes,
           w.wal_buffers_full AS buffers_full, io.writes, io.fsyncs, io.write_seconds, io.fsync_seconds, ${position}, ${age('w.stats_reset')}
      FROM pg_catalog.pg_stat_wal w,
           (SELECT coalesce(sum(writes), 0)::float8 AS writes, coalesce(sum(fsyncs), 0)::float8 AS fsyncs,
                   CASE WHEN ${timed} THEN coalesce(sum(write_time), 0) / 1000 END AS write_seconds,
                   CASE WHEN ${timed} THEN coalesce(sum(fsync_time), 0) / 1000 END AS fsync_seconds
              FROM pg_catalog.pg_stat_io WHERE object = 'wal') AS io`,
} as const;

export const wal = defineCollector({
  name: 'wal',
  source: 'pg_stat_wal',
  metrics: {
    records: counter('db_wal_records_total', 'WAL records written.'),
    images: counter('db_wal_full_page_images_total', 'Full page images written to WAL.'),
    bytes: counter('db_wal_bytes_total', 'Bytes of WAL generated.'),
    buffersFull: counter('db_wal_buffers_full_total', 'Times WAL was written because its buffers were full.'),
    writes: counter('db_wal_writes_total', 'Writes of WAL buffers to disk.'),
    fsyncs: counter('db_wal_fsyncs_total', 'Flushes of WAL to disk.'),
    writeSeconds: counter('db_wal_write_seconds_total', 'Time writing WAL; needs track_wal_io_timing.'),
    fsyncSeconds: counter('db_wal_fsync_seconds_total', 'Time flushing WAL; needs track_wal_io_timing.'),
    position: counter(
      'db_wal_position_bytes_total',
      'WAL position as bytes since 0/0: written on a primary, replayed on a standby.',
    ),
  },
  read: readRows(sql, row),
  publish: (rows: readonly WalRow[], m) =>
    rows.flatMap((r) => [
      m.records({}, r.records),
      m.images({}, r.full_page_images),
      m.bytes({}, r.bytes),
      m.buffersFull({}, r.buffers_full),
      m.writes({}, r.writes),
      m.fsyncs({}, r.fsyncs),
      m.writeSeconds({}, r.write_seconds),
      m.fsyncSeconds({}, r.fsync_seconds),
      m.position({}, r.position),
    ]),
});
