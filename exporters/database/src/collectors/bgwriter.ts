import { counter, defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  buffers_clean: z.number(),
  maxwritten_clean: z.number(),
  buffers_alloc: z.number(),
  buffers_backend: z.number().nullable(),
  buffers_backend_fsync: z.number().nullable(),
});

export type BgwriterRow = z.infer<typeof row>;

/** `buffers_backend*` went to `pg_stat_io` with PostgreSQL 17. */
const sql = {
  14: `SELECT buffers_clean, maxwritten_clean, buffers_alloc, buffers_backend, buffers_backend_fsync
         FROM pg_catalog.pg_stat_bgwriter`,
  17: `SELECT buffers_clean, maxwritten_clean, buffers_alloc,
              NULL::bigint AS buffers_backend, NULL::bigint AS buffers_backend_fsync
         FROM pg_catalog.pg_stat_bgwriter`,
} as const;

export const bgwriter = defineCollector({
  name: 'bgwriter',
  source: 'pg_stat_bgwriter',
  metrics: {
    clean: counter('db_bgwriter_buffers_written_total', 'Buffers written by the background writer.'),
    stops: counter('db_bgwriter_maxwritten_stops_total', 'Rounds cut short by bgwriter_lru_maxpages.'),
    allocated: counter('db_buffers_allocated_total', 'Buffers allocated.'),
    backend: counter('db_backend_buffers_written_total', 'Buffers that backends had to write themselves (until 16).'),
    backendFsync: counter('db_backend_fsyncs_total', 'Flushes that backends had to do themselves (until 16).'),
  },
  read: readRows(sql, row),
  publish: (rows: readonly BgwriterRow[], m) =>
    rows.flatMap((r) => [
      m.clean({}, r.buffers_clean),
      m.stops({}, r.maxwritten_clean),
      m.allocated({}, r.buffers_alloc),
      m.backend({}, r.buffers_backend),
      m.backendFsync({}, r.buffers_backend_fsync),
    ]),
});
