import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertThresholds, healthThresholds } from '@submilli/catalogue';
import { lines, stat } from '../lib/panels';
import { DATABASE, increase, SERVER, share, sumRate } from '../lib/promql';
import { over } from '../lib/targets';
import { above, below, notAbove, notBelow } from '../lib/thresholds';
import { units } from '../lib/units';

const hits = sumRate('', `db_buffer_blocks_hit_total{${DATABASE}}`);
const reads = sumRate('', `db_buffer_blocks_read_total{${DATABASE}}`);

export const cacheHits: Panel = stat({
  title: 'Blocks from shared buffers',
  description:
    'Share of block requests that shared buffers answered. Low only matters with many reads: see the reads below before making the buffers larger.',
  unit: units.ratio,
  decimals: 1,
  targets: { value: over(share(hits, `(${hits} + ${reads})`)) },
  thresholds: below(healthThresholds.buffer_hit_ratio_warning / 100, healthThresholds.buffer_hit_ratio_critical / 100),
  noValue: 'no blocks asked for',
});

export const transactionIds: Panel = stat(
  {
    title: 'Transaction ids used',
    description:
      'Age of the oldest transaction id against the 2³¹ at which the server stops taking writes. Vacuum must win this race: look at what holds back its horizon.',
    unit: units.ratio,
    decimals: 1,
    targets: { value: over(`max(db_transaction_id_used_ratio{${DATABASE}})`) },
    thresholds: above(healthThresholds.wraparound_warning / 100, healthThresholds.wraparound_critical / 100),
  },
  { spark: false },
);

export const transactions: Panel = lines({
  title: 'Transactions per second',
  description:
    'Transactions by how they ended. A fall of both while clients wait is a stall; a rise of rollbacks is errors of the application.',
  unit: units.perSecond,
  targets: {
    transactions: over(sumRate('database, outcome', `db_transactions_total{${DATABASE}}`), '{{database}} {{outcome}}'),
  },
});

export const rowsMoved: Panel = lines({
  title: 'Rows read and written per second',
  description:
    'Rows that statements inserted, updated, deleted, and fetched through indexes. Many more read than fetched, in Rows by sequential scans, means that indexes are missing.',
  unit: units.rowsPerSecond,
  targets: {
    inserted: over(sumRate('', `db_tuples_inserted_total{${DATABASE}}`), 'inserted'),
    updated: over(sumRate('', `db_tuples_updated_total{${DATABASE}}`), 'updated'),
    deleted: over(sumRate('', `db_tuples_deleted_total{${DATABASE}}`), 'deleted'),
    fetched: over(sumRate('', `db_tuples_fetched_total{${DATABASE}}`), 'fetched by index'),
    returned: over(sumRate('', `db_tuples_returned_total{${DATABASE}}`), 'read by scans'),
  },
});

export const errors: Panel = lines({
  title: 'Errors by SQLSTATE',
  description:
    'Errors in the server’s log per second. 57014 is a cancelled statement, 40P01 a deadlock, 53300 no connection left; classes 23 and 42 are the application’s.',
  unit: units.perSecond,
  targets: { errors: over(sumRate('sqlstate', `db_query_errors_total{${DATABASE}}`), '{{sqlstate}}') },
  thresholds: notAbove(alertThresholds.queryErrorsPerSecond),
  noValue: 'no error seen',
});

export const blocksRead: Panel = lines({
  title: 'Blocks read from outside the buffers',
  description:
    'Blocks per second that shared buffers did not have, from the kernel’s cache or the disk. Much, with time in reading, means that the working set does not fit.',
  unit: units.blocksPerSecond,
  targets: {
    blocks: over(sumRate('target, database', `db_buffer_blocks_read_total{${DATABASE}}`), '{{target}} {{database}}'),
  },
});

export const ioTime: Panel = lines(
  {
    title: 'Time in reading and writing blocks',
    description:
      'Seconds per second that sessions spend reading and writing data blocks; needs track_io_timing. Above one, more than one session waits for the disk at all times.',
    unit: units.seconds,
    targets: {
      read: over(sumRate('target', `db_block_read_seconds_total{${DATABASE}}`), '{{target}} read'),
      write: over(sumRate('target', `db_block_write_seconds_total{${DATABASE}}`), '{{target}} write'),
    },
  },
  { stack: true },
);

export const ioByBackend: Panel = lines(
  {
    title: 'I/O by who does it',
    description:
      'Bytes per second by kind of process and operation, PostgreSQL 16 and newer. Client backends that write do the work of checkpointer and background writer.',
    unit: units.bytesPerSecond,
    targets: {
      bytes: over(sumRate('backend_type, operation', `db_io_bytes_total{${SERVER}}`), '{{backend_type}} {{operation}}'),
    },
    noValue: 'needs PostgreSQL 16 or newer',
  },
  { stack: true },
);

export const temporaryFiles: Panel = lines({
  title: 'Temporary files',
  description:
    'Bytes per second that sorts and hashes spill to disk. Statements that spill are in Queries; work_mem is their remedy, or an index.',
  unit: units.bytesPerSecond,
  targets: { bytes: over(sumRate('database', `db_temp_bytes_total{${DATABASE}}`), '{{database}}') },
  thresholds: notAbove(alertThresholds.tempBytesPerSecond, 'orange'),
});

export const checkpoints: Panel = lines(
  {
    title: 'Checkpoints',
    description:
      'Checkpoints in each interval, by what asked for them. Requested ones come when WAL reaches max_wal_size: raise it until nearly all are timed.',
    unit: units.count,
    targets: {
      checkpoints: over(increase('target, trigger', `db_checkpoints_total{${SERVER}}`), '{{target}} {{trigger}}'),
    },
    noValue: 'none known',
  },
  { bars: true },
);

/** Its counters grow when it has ended: per second they would be nothing, and then far more than a second. */
const ofCheckpoint = (seconds: string): string =>
  share(sumRate('target', `${seconds}{${SERVER}}`), sumRate('target', `db_checkpoints_total{${SERVER}}`));

export const checkpointTime: Panel = lines({
  title: 'Time of a checkpoint',
  description:
    'How long each checkpoint wrote and synced. Writing is spread out on purpose; syncing is not, and stalls every commit while the disk is busy.',
  unit: units.seconds,
  targets: {
    write: over(ofCheckpoint('db_checkpoint_write_seconds_total'), '{{target}} write'),
    sync: over(ofCheckpoint('db_checkpoint_sync_seconds_total'), '{{target}} sync'),
  },
  noValue: 'none known',
});

export const walBytes: Panel = lines({
  title: 'WAL generated',
  description:
    'Bytes of WAL per second. It is what standbys must receive and archives store; a rise without more rows is full pages after checkpoints that come too often.',
  unit: units.bytesPerSecond,
  targets: { wal: over(sumRate('target', `db_wal_bytes_total{${SERVER}}`), '{{target}}') },
});

export const walFlush: Panel = lines({
  title: 'Time of a WAL flush',
  description:
    'Mean time of a flush of WAL to disk; needs track_wal_io_timing. Every commit waits for one: this is the least that durable writing costs here.',
  unit: units.seconds,
  targets: {
    flush: over(
      share(
        sumRate('target', `db_wal_fsync_seconds_total{${SERVER}}`),
        sumRate('target', `db_wal_fsyncs_total{${SERVER}}`),
      ),
      '{{target}}',
    ),
  },
});

export const walBuffersFull: Panel = lines({
  title: 'WAL buffers full',
  description:
    'Times per second that a session had to write WAL because its buffers were full. More than now and then: raise wal_buffers.',
  unit: units.perSecond,
  targets: { full: over(sumRate('target', `db_wal_buffers_full_total{${SERVER}}`), '{{target}}') },
});

export const walDirectory: Panel = lines({
  title: 'Size of pg_wal',
  description:
    'Size of the WAL that is kept. It grows when a slot’s consumer is away or the archive fails, until the disk is full and the server stops.',
  unit: units.bytes,
  targets: {
    size: over(`max by (target) (db_wal_directory_bytes{${SERVER}})`, '{{target}}'),
    retained: over(`max by (target, slot) (db_slot_retained_bytes{${SERVER}})`, '{{target}} kept for {{slot}}'),
  },
  thresholds: notAbove(alertThresholds.slotRetainedBytes),
});

export const archiving: Panel = lines({
  title: 'Age of the oldest file not archived',
  description:
    'How long the oldest WAL file has been waiting for its archive: what was written since would be lost with the server. Absent when nothing waits or nothing is archived.',
  unit: units.seconds,
  targets: {
    age: over(`max by (target) (time() - db_archiver_oldest_ready_timestamp_seconds{${SERVER}})`, '{{target}}'),
  },
  thresholds: notAbove(alertThresholds.archiveWaitSeconds),
  noValue: 'nothing waits, or nothing is archived',
});

export const slotRoom: Panel = lines({
  title: 'WAL until a slot is lost',
  description:
    'Bytes that can still be written before a replication slot loses the WAL it needs. Absent while max_slot_wal_keep_size sets no limit.',
  unit: units.bytes,
  targets: { safe: over(`min by (target, slot) (db_slot_safe_bytes{${SERVER}})`, '{{target}} {{slot}}') },
  thresholds: notBelow(alertThresholds.slotSafeBytes),
  noValue: 'no limit is set',
});
