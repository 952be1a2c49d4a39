import { defineCollector, readRows } from '@submilli/core';
import type { z } from 'zod';
import { columnMetrics, columnSamples, columnValues, needs, PREFIX } from './peer';

const columns = {
  checkpoints_timed: ['counter', 'Checkpoints that were scheduled (before PostgreSQL 17).'],
  checkpoints_req: ['counter', 'Checkpoints that were requested (before PostgreSQL 17).'],
  checkpoint_write_time: ['counter', 'Milliseconds that checkpoints spent writing (before PostgreSQL 17).'],
  checkpoint_sync_time: ['counter', 'Milliseconds that checkpoints spent flushing (before PostgreSQL 17).'],
  buffers_checkpoint: ['counter', 'Buffers written by checkpoints (before PostgreSQL 17).'],
  buffers_clean: ['counter', 'Buffers written by the background writer.'],
  maxwritten_clean: ['counter', 'Times the background writer stopped because it had written its share.'],
  buffers_backend: ['counter', 'Buffers written by backends themselves (before PostgreSQL 17).'],
  buffers_backend_fsync: ['counter', 'Flushes that backends did themselves (before PostgreSQL 17).'],
  buffers_alloc: ['counter', 'Buffers allocated.'],
  stats_reset: ['counter', 'When these statistics were last reset, in seconds since 1970.'],
} as const;

const row = columnValues(columns);

const reset = `pg_catalog.floor(extract(epoch FROM b.stats_reset))::float8 AS stats_reset`;

const sql = {
  14: `
    SELECT b.checkpoints_timed, b.checkpoints_req, b.checkpoint_write_time, b.checkpoint_sync_time,
           b.buffers_checkpoint, b.buffers_clean, b.maxwritten_clean, b.buffers_backend, b.buffers_backend_fsync,
           b.buffers_alloc, ${reset}
      FROM pg_catalog.pg_stat_bgwriter b`,
  17: `
    SELECT b.buffers_clean, b.maxwritten_clean, b.buffers_alloc, ${reset}
      FROM pg_catalog.pg_stat_bgwriter b`,
} as const;

export const compatStatBgwriter = defineCollector({
  name: `${PREFIX}stat_bgwriter`,
  source: 'pg_stat_bgwriter',
  needs,
  metrics: columnMetrics(columns, (column) => `pg_stat_bgwriter_${column}_total`),
  read: readRows(sql, row),
  publish: (rows: readonly z.infer<typeof row>[], m) => rows.flatMap((r) => columnSamples(columns, r, {}, m)),
});
