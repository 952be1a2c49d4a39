import { counter, defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  database: z.string(),
  xact_commit: z.number(),
  xact_rollback: z.number(),
  blks_hit: z.number(),
  blks_read: z.number(),
  tup_returned: z.number(),
  tup_fetched: z.number(),
  tup_inserted: z.number(),
  tup_updated: z.number(),
  tup_deleted: z.number(),
  deadlocks: z.number(),
  temp_files: z.number(),
  temp_bytes: z.number(),
  /** Null while `track_io_timing` is off: a zero would claim that I/O takes no time. */
  blk_read_seconds: z.number().nullable(),
  blk_write_seconds: z.number().nullable(),
  /** Null while data checksums are off. */
  checksum_failures: z.number().nullable(),
  session_seconds: z.number(),
  active_seconds: z.number(),
  idle_in_transaction_seconds: z.number(),
  sessions: z.number(),
  sessions_abandoned: z.number(),
  sessions_fatal: z.number(),
  sessions_killed: z.number(),
  stats_reset: z.number().nullable(),
});

export type DatabaseRow = z.infer<typeof row>;

export const databaseRow = row;

/** Cumulative statistics of every database that accepts connections; milliseconds become seconds. */
export const databaseSql = `
  SELECT d.datname::text AS database,
         s.xact_commit, s.xact_rollback, s.blks_hit, s.blks_read,
         s.tup_returned, s.tup_fetched, s.tup_inserted, s.tup_updated, s.tup_deleted,
         s.deadlocks, s.temp_files, s.temp_bytes,
         CASE WHEN pg_catalog.current_setting('track_io_timing')::bool THEN s.blk_read_time / 1000 END AS blk_read_seconds,
         CASE WHEN pg_catalog.current_setting('track_io_timing')::bool THEN s.blk_write_time / 1000 END AS blk_write_seconds,
         s.checksum_failures,
         s.session_time / 1000 AS session_seconds,
         s.active_time / 1000 AS active_seconds,
         s.idle_in_transaction_time / 1000 AS idle_in_transaction_seconds,
         s.sessions, s.sessions_abandoned, s.sessions_fatal, s.sessions_killed,
         extract(epoch FROM s.stats_reset)::float8 AS stats_reset
    FROM pg_catalog.pg_stat_database s
    JOIN pg_catalog.pg_database d ON d.oid = s.datid
   WHERE d.datallowconn AND NOT d.datistemplate`;

const labels = ['database'] as const;

export const database = defineCollector({
  name: 'database',
  source: 'pg_stat_database',
  metrics: {
    transactions: counter('db_transactions_total', 'Transactions by how they ended.', ['database', 'outcome']),
    hit: counter('db_buffer_blocks_hit_total', 'Blocks found in shared buffers.', labels),
    read: counter('db_buffer_blocks_read_total', 'Blocks read from the kernel or disk.', labels),
    returned: counter('db_tuples_returned_total', 'Live rows read by scans, of tables and of index entries.', labels),
    fetched: counter('db_tuples_fetched_total', 'Live rows fetched through indexes.', labels),
    inserted: counter('db_tuples_inserted_total', 'Rows inserted.', labels),
    updated: counter('db_tuples_updated_total', 'Rows updated.', labels),
    deleted: counter('db_tuples_deleted_total', 'Rows deleted.', labels),
    deadlocks: counter('db_deadlocks_total', 'Deadlocks detected.', labels),
    tempFiles: counter('db_temp_files_total', 'Temporary files made by sorts, hashes and the like.', labels),
    tempBytes: counter('db_temp_bytes_total', 'Bytes written to temporary files.', labels),
    readSeconds: counter('db_block_read_seconds_total', 'Time reading data blocks; needs track_io_timing.', labels),
    writeSeconds: counter('db_block_write_seconds_total', 'Time writing data blocks; needs track_io_timing.', labels),
    checksumFailures: counter(
      'db_checksum_failures_total',
      'Data pages with a wrong checksum; needs data checksums.',
      labels,
    ),
    sessionSeconds: counter('db_session_seconds_total', 'Time that sessions have been connected.', labels),
    activeSeconds: counter('db_session_active_seconds_total', 'Time that sessions spent executing.', labels),
    idleInTransactionSeconds: counter(
      'db_session_idle_in_transaction_seconds_total',
      'Time that sessions held a transaction open without executing.',
      labels,
    ),
    sessions: counter('db_sessions_total', 'Sessions established.', labels),
    sessionsEnded: counter('db_sessions_lost_total', 'Sessions that did not end in good order, by cause.', [
      'database',
      'cause',
    ]),
    statsReset: gauge('db_stats_reset_timestamp_seconds', 'When these statistics were last reset.', labels),
  },
  read: readRows({ 14: databaseSql }, row),
  publish: (rows: readonly DatabaseRow[], m) =>
    rows.flatMap((r) => {
      const { database } = r;
      return [
        m.transactions({ database, outcome: 'commit' }, r.xact_commit),
        m.transactions({ database, outcome: 'rollback' }, r.xact_rollback),
        m.hit({ database }, r.blks_hit),
        m.read({ database }, r.blks_read),
        m.returned({ database }, r.tup_returned),
        m.fetched({ database }, r.tup_fetched),
        m.inserted({ database }, r.tup_inserted),
        m.updated({ database }, r.tup_updated),
        m.deleted({ database }, r.tup_deleted),
        m.deadlocks({ database }, r.deadlocks),
        m.tempFiles({ database }, r.temp_files),
        m.tempBytes({ database }, r.temp_bytes),
        m.readSeconds({ database }, r.blk_read_seconds),
        m.writeSeconds({ database }, r.blk_write_seconds),
        m.checksumFailures({ database }, r.checksum_failures),
        m.sessionSeconds({ database }, r.session_seconds),
        m.activeSeconds({ database }, r.active_seconds),
        m.idleInTransactionSeconds({ database }, r.idle_in_transaction_seconds),
        m.sessions({ database }, r.sessions),
        m.sessionsEnded({ database, cause: 'abandoned' }, r.sessions_abandoned),
        m.sessionsEnded({ database, cause: 'fatal' }, r.sessions_fatal),
        m.sessionsEnded({ database, cause: 'killed' }, r.sessions_killed),
        m.statsReset({ database }, r.stats_reset),
      ];
    }),
});
