import { defineRule, type PostgresFacts } from '@submilli/core';
import { wal } from '../collectors/wal';
import { serverWindow } from '../samplers/server-window';
import { run } from './action';
import { lifetimeOf, observed } from './observed';

const ENOUGH = 1000;
/** A local NVMe flushes in well under one; a commit cannot be faster than its flush. */
const SLOW_SECONDS = 0.002;

export const slowWalFlush = defineRule<PostgresFacts, { wal: typeof wal; serverWindow: typeof serverWindow }>({
  name: 'slow-wal-flush',
  title: 'Flushing WAL is slow',
  signal: `mean time of a WAL flush, in the last hours once there were ${ENOUGH}, until then since the statistics began`,
  threshold: `${SLOW_SECONDS * 1000} ms over at least ${ENOUGH} flushes`,
  inputs: { wal, serverWindow },
  check: ({ wal: [row], serverWindow: window }) => {
    if (row === undefined || row.fsync_seconds === null) return { notEvaluated: 'track_wal_io_timing is off' };
    const { walFsyncs, walFsyncSeconds, over } = observed(
      window,
      lifetimeOf(undefined, row),
      (seen) => seen.walFsyncs >= ENOUGH && seen.walFsyncSeconds !== null,
    );
    if (walFsyncs < ENOUGH) return { notEvaluated: `only ${walFsyncs} flushes ${over}` };
    const mean = (walFsyncSeconds ?? 0) / walFsyncs;
    if (mean < SLOW_SECONDS) return [];
    return [
      {
        subject: 'WAL device',
        severity: 'warning',
        title: `A flush of WAL takes ${(mean * 1000).toFixed(1)} ms on average, ${over}`,
        why: 'Every synchronous commit waits for one: no setting makes a commit faster than the device under pg_wal.',
        evidence: [
          { label: 'mean flush', value: Number((mean * 1000).toFixed(3)), unit: 'ms' },
          { label: 'flushes', value: walFsyncs, unit: '' },
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
