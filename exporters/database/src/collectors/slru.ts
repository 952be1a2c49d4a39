import { counter, defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  name: z.string(),
  blks_zeroed: z.number(),
  blks_hit: z.number(),
  blks_read: z.number(),
  blks_written: z.number(),
  flushes: z.number(),
  truncates: z.number(),
});

export type SlruRow = z.infer<typeof row>;

const sql = `
  SELECT s.name, s.blks_zeroed, s.blks_hit, s.blks_read, s.blks_written, s.flushes, s.truncates
    FROM pg_catalog.pg_stat_slru s`;

const labels = ['slru'] as const;

export const slru = defineCollector({
  name: 'slru',
  source: 'pg_stat_slru',
  metrics: {
    hits: counter('db_slru_blocks_hit_total', 'Pages of transaction status and the like found in their cache.', labels),
    reads: counter('db_slru_blocks_read_total', 'Pages read because the cache did not have them.', labels),
    writes: counter('db_slru_blocks_written_total', 'Pages written.', labels),
    zeroed: counter('db_slru_blocks_zeroed_total', 'Pages begun anew.', labels),
    flushes: counter('db_slru_flushes_total', 'Flushes of dirty pages.', labels),
    truncates: counter('db_slru_truncates_total', 'Truncations of what is no longer needed.', labels),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly SlruRow[], m) =>
    rows.flatMap((r) => [
      m.hits({ slru: r.name }, r.blks_hit),
      m.reads({ slru: r.name }, r.blks_read),
      m.writes({ slru: r.name }, r.blks_written),
      m.zeroed({ slru: r.name }, r.blks_zeroed),
      m.flushes({ slru: r.name }, r.flushes),
      m.truncates({ slru: r.name }, r.truncates),
    ]),
});
