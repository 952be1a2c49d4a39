import { defineRule, type PostgresFacts } from '@submilli/core';
import { wal } from '../collectors/wal';
import { run } from './action';

const ENOUGH = 1000;
/** A local NVMe flushes in well under one; a commit cannot be faster than its flush. */
const SLOW_SECONDS = 0.002;

export const slowWalFlush = defineRule<PostgresFacts, { wal: typeof wal }>({
  name: 'slow-wal-flush',
  title: 'Flushing WAL is slow',
  signal: 'mean time of a WAL flush, since the statistics began',
  threshold: `${SLOW_SECONDS * 1000} ms over at least ${ENOUGH} flushes`,
  inputs: { wal },
  check: ({ wal: [row] }) => {
    if (row === undefined || row.fsync_seconds === null) return { notEvaluated: 'track_wal_io_timing is off' };
    if (row.fsyncs < ENOUGH) return { notEvaluated: `only ${row.fsyncs} flushes since the statistics began` };
    const mean = row.fsync_seconds / row.fsyncs;
    if (mean < SLOW_SECONDS) return [];
    return [
      {
        subject: 'WAL device',
        severity: 'warning',
        title: `A flush of WAL takes ${(mean * 1000).toFixed(1)} ms on average`,
        why: 'Every synchronous commit waits for one: no setting makes a commit faster than the device under pg_wal.',
        evidence: [
          { label: 'mean flush', value: Number((mean * 1000).toFixed(3)), unit: 'ms' },
          { label: 'flushes', value: row.fsyncs, unit: '' },
        ],
        action: run('command', 'pg_test_fsync -f "$PGDATA/pg_wal/pg_test_fsync.out"', true),
        impact: {
          what: 'least time of a commit',
          before: `${(mean * 1000).toFixed(1)} ms`,
          after: 'what pg_test_fsync shows on a faster device',
          confidence: 'high',
          measured: 'time in fsync over number of them, from pg_stat_wal (pg_stat_io from 18)',
        },
      },
    ];
  },
});
