import { counter, defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';

const cell = z.number().nullable();
const row = z.object({
  backend_type: z.string(),
  object: z.string(),
  context: z.string(),
  reads: cell,
  writes: cell,
  writebacks: cell,
  extends: cell,
  fsyncs: cell,
  hits: cell,
  evictions: cell,
  reuses: cell,
  read_bytes: cell,
  write_bytes: cell,
  extend_bytes: cell,
  read_seconds: cell,
  write_seconds: cell,
  writeback_seconds: cell,
  extend_seconds: cell,
  fsync_seconds: cell,
});

export type IoRow = z.infer<typeof row>;

/** Times are there only while the setting that measures them is on: a zero would claim that I/O takes no time. */
const time = (column: string, isTimed: string): string => `CASE WHEN ${isTimed} THEN s.${column} / 1000 END`;

const textFor = (bytes: string, isTimed: string): string => `
  SELECT s.backend_type, s.object, s.context,
         s.reads, s.writes, s.writebacks, s.extends, s.fsyncs, s.hits, s.evictions, s.reuses,
         ${bytes},
         ${time('read_time', isTimed)} AS read_seconds,
         ${time('write_time', isTimed)} AS write_seconds,
         ${time('writeback_time', isTimed)} AS writeback_seconds,
         ${time('extend_time', isTimed)} AS extend_seconds,
         ${time('fsync_time', isTimed)} AS fsync_seconds
    FROM pg_catalog.pg_stat_io s
   WHERE coalesce(s.reads, 0) + coalesce(s.writes, 0) + coalesce(s.writebacks, 0) + coalesce(s.extends, 0)
         + coalesce(s.fsyncs, 0) + coalesce(s.hits, 0) + coalesce(s.evictions, 0) + coalesce(s.reuses, 0) > 0`;

const isOn = (setting: string): string => `pg_catalog.current_setting('${setting}')::bool`;

/** 18 counts bytes by itself (one operation may be of many blocks) and has WAL in it, which is timed by a setting of its own. */
const sql = {
  16: textFor(
    's.reads * s.op_bytes AS read_bytes, s.writes * s.op_bytes AS write_bytes, s.extends * s.op_bytes AS extend_bytes',
    isOn('track_io_timing'),
  ),
  18: textFor(
    's.read_bytes, s.write_bytes, s.extend_bytes',
    `CASE s.object WHEN 'wal' THEN ${isOn('track_wal_io_timing')} ELSE ${isOn('track_io_timing')} END`,
  ),
} as const;

const labels = ['backend_type', 'object', 'context'] as const;
const which = 'Kinds of I/O that never happened are left out.';

export const io = defineCollector({
  name: 'io',
  source: 'pg_stat_io',
  needs: { postgres: { min: 16 } },
  metrics: {
    operations: counter('db_io_operations_total', `I/O operations by kind. ${which}`, [...labels, 'operation']),
    bytes: counter('db_io_bytes_total', `Bytes read, written and extended. ${which}`, [...labels, 'operation']),
    seconds: counter(
      'db_io_seconds_total',
      'Time in I/O operations; needs track_io_timing, and track_wal_io_timing for WAL (18+).',
      [...labels, 'operation'],
    ),
    hits: counter('db_io_hits_total', 'Blocks found in shared buffers.', labels),
    evictions: counter('db_io_evictions_total', 'Blocks pushed out of a buffer to make room for another.', labels),
    reuses: counter('db_io_reuses_total', 'Buffers of a ring that were used again.', labels),
  },
  read: readRows(sql, row),
  publish: (rows: readonly IoRow[], m) =>
    rows.flatMap((r) => {
      const kind = { backend_type: r.backend_type, object: r.object, context: r.context };
      return [
        m.operations({ ...kind, operation: 'read' }, r.reads),
        m.operations({ ...kind, operation: 'write' }, r.writes),
        m.operations({ ...kind, operation: 'writeback' }, r.writebacks),
        m.operations({ ...kind, operation: 'extend' }, r.extends),
        m.operations({ ...kind, operation: 'fsync' }, r.fsyncs),
        m.bytes({ ...kind, operation: 'read' }, r.read_bytes),
        m.bytes({ ...kind, operation: 'write' }, r.write_bytes),
        m.bytes({ ...kind, operation: 'extend' }, r.extend_bytes),
        m.seconds({ ...kind, operation: 'read' }, r.read_seconds),
        m.seconds({ ...kind, operation: 'write' }, r.write_seconds),
        m.seconds({ ...kind, operation: 'writeback' }, r.writeback_seconds),
        m.seconds({ ...kind, operation: 'extend' }, r.extend_seconds),
        m.seconds({ ...kind, operation: 'fsync' }, r.fsync_seconds),
        m.hits(kind, r.hits),
        m.evictions(kind, r.evictions),
        m.reuses(kind, r.reuses),
      ];
    }),
});
