import { defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';
import { columnMetrics, columnSamples, columnValues, needs, PREFIX } from './peer';

const columns = {
  numbackends: ['gauge', 'Sessions that are connected to the database.'],
  xact_commit: ['counter', 'Transactions committed.'],
  xact_rollback: ['counter', 'Transactions rolled back.'],
  blks_read: ['counter', 'Blocks read from the kernel or disk.'],
  blks_hit: ['counter', 'Blocks found in shared buffers.'],
  tup_returned: ['counter', 'Live rows read by scans, of tables and of index entries.'],
  tup_fetched: ['counter', 'Live rows fetched through indexes.'],
  tup_inserted: ['counter', 'Rows inserted.'],
  tup_updated: ['counter', 'Rows updated.'],
  tup_deleted: ['counter', 'Rows deleted.'],
  conflicts: ['counter', 'Queries of a standby cancelled by recovery.'],
  temp_files: ['counter', 'Temporary files made.'],
  temp_bytes: ['counter', 'Bytes written to temporary files.'],
  deadlocks: ['counter', 'Deadlocks detected.'],
  blk_read_time: ['counter', 'Milliseconds spent reading blocks; 0 without track_io_timing.'],
  blk_write_time: ['counter', 'Milliseconds spent writing blocks; 0 without track_io_timing.'],
  stats_reset: ['counter', 'When these statistics were last reset, in seconds since 1970; 0 is never.'],
  active_time_seconds_total: ['counter', 'Time that sessions spent executing.'],
} as const;

const row = columnValues(columns).extend({ datid: z.string(), datname: z.string() });

/** Without the row of shared objects, which has no database. */
const sql = `
  SELECT s.datid::text AS datid, s.datname::text AS datname, s.numbackends, s.xact_commit, s.xact_rollback, s.blks_read,
         s.blks_hit, s.tup_returned, s.tup_fetched, s.tup_inserted, s.tup_updated, s.tup_deleted, s.conflicts,
         s.temp_files, s.temp_bytes, s.deadlocks, s.blk_read_time, s.blk_write_time,
         coalesce(pg_catalog.floor(extract(epoch FROM s.stats_reset)), 0)::float8 AS stats_reset,
         s.active_time / 1000 AS active_time_seconds_total
    FROM pg_catalog.pg_stat_database s
   WHERE s.datname IS NOT NULL`;

export const compatStatDatabase = defineCollector({
  name: `${PREFIX}stat_database`,
  source: 'pg_stat_database',
  needs,
  metrics: columnMetrics(columns, (column) => `pg_stat_database_${column}`, ['datid', 'datname']),
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly z.infer<typeof row>[], m) =>
    rows.flatMap((r) => columnSamples(columns, r, { datid: r.datid, datname: r.datname }, m)),
});
