import { counter, defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  timed: z.number(),
  requested: z.number(),
  done: z.number().nullable(),
  restartpoints_timed: z.number().nullable(),
  restartpoints_requested: z.number().nullable(),
  restartpoints_done: z.number().nullable(),
  write_seconds: z.number(),
  sync_seconds: z.number(),
  buffers_written: z.number(),
});

export type CheckpointerRow = z.infer<typeof row>;

/** Until PostgreSQL 16 these numbers lived in `pg_stat_bgwriter`; 18 added `num_done`. */
const sql = {
  14: `
    SELECT checkpoints_timed AS timed, checkpoints_req AS requested, NULL::bigint AS done,
           NULL::bigint AS restartpoints_timed, NULL::bigint AS restartpoints_requested,
           NULL::bigint AS restartpoints_done,
           checkpoint_write_time / 1000 AS write_seconds, checkpoint_sync_time / 1000 AS sync_seconds,
           buffers_checkpoint AS buffers_written
      FROM pg_catalog.pg_stat_bgwriter`,
  17: `
    SELECT num_timed AS timed, num_requested AS requested, NULL::bigint AS done,
           restartpoints_timed, restartpoints_req AS restartpoints_requested, restartpoints_done,
           write_time / 1000 AS write_seconds, sync_time / 1000 AS sync_seconds, buffers_written
      FROM pg_catalog.pg_stat_checkpointer`,
  18: `
    SELECT num_timed AS timed, num_requested AS requested, num_done AS done,
           restartpoints_timed, restartpoints_req AS restartpoints_requested, restartpoints_done,
           write_time / 1000 AS write_seconds, sync_time / 1000 AS sync_seconds, buffers_written
      FROM pg_catalog.pg_stat_checkpointer`,
} as const;

export const checkpointer = defineCollector({
  name: 'checkpointer',
  source: 'pg_stat_checkpointer (pg_stat_bgwriter before 17)',
  metrics: {
    checkpoints: counter(
      'db_checkpoints_total',
      'Checkpoints by what asked for them: the timer, or WAL volume and commands.',
      ['trigger'],
    ),
    done: counter('db_checkpoints_done_total', 'Checkpoints that were completed (PostgreSQL 18+).'),
    restartpoints: counter(
      'db_restartpoints_total',
      'Restartpoints of a standby by what asked for them (PostgreSQL 17+).',
      ['trigger'],
    ),
    restartpointsDone: counter('db_restartpoints_done_total', 'Restartpoints that were completed (PostgreSQL 17+).'),
    writeSeconds: counter('db_checkpoint_write_seconds_total', 'Time checkpoints spent writing files.'),
    syncSeconds: counter('db_checkpoint_sync_seconds_total', 'Time checkpoints spent flushing files to disk.'),
    buffers: counter('db_checkpoint_buffers_written_total', 'Buffers written by checkpoints and restartpoints.'),
  },
  read: readRows(sql, row),
  publish: (rows: readonly CheckpointerRow[], m) =>
    rows.flatMap((r) => [
      m.checkpoints({ trigger: 'timed' }, r.timed),
      m.checkpoints({ trigger: 'requested' }, r.requested),
      m.done({}, r.done),
      m.restartpoints({ trigger: 'timed' }, r.restartpoints_timed),
      m.restartpoints({ trigger: 'requested' }, r.restartpoints_requested),
      m.restartpointsDone({}, r.restartpoints_done),
      m.writeSeconds({}, r.write_seconds),
      m.syncSeconds({}, r.sync_seconds),
      m.buffers({}, r.buffers_written),
    ]),
});
