import { defineCollector, type Env, type PostgresFacts, readRows } from '@submilli/core';
import { z } from 'zod';
import { columnMetrics, columnSamples, columnValues, needs, PREFIX, zeroForNull } from './peer';

const columns = {
  heap_blocks_read: ['counter', 'Blocks of the table read from the kernel or disk.'],
  heap_blocks_hit: ['counter', 'Blocks of the table found in shared buffers.'],
  idx_blocks_read: ['counter', 'Blocks of its indexes read from the kernel or disk.'],
  idx_blocks_hit: ['counter', 'Blocks of its indexes found in shared buffers.'],
  toast_blocks_read: ['counter', 'Blocks of its TOAST table read from the kernel or disk.'],
  toast_blocks_hit: ['counter', 'Blocks of its TOAST table found in shared buffers.'],
  tidx_blocks_read: ['counter', 'Blocks of its TOAST table’s index read from the kernel or disk.'],
  tidx_blocks_hit: ['counter', 'Blocks of its TOAST table’s index found in shared buffers.'],
} as const;

const row = columnValues(columns).extend({ schemaname: z.string(), relname: z.string() });

/** The busiest tables, as many as a family may have; compat_stat_user_tables says how many there are beyond. */
const sql = `
  SELECT s.schemaname::text AS schemaname, s.relname::text AS relname,
         s.heap_blks_read AS heap_blocks_read, s.heap_blks_hit AS heap_blocks_hit,
         s.idx_blks_read AS idx_blocks_read, s.idx_blks_hit AS idx_blocks_hit,
         s.toast_blks_read AS toast_blocks_read, s.toast_blks_hit AS toast_blocks_hit,
         s.tidx_blks_read AS tidx_blocks_read, s.tidx_blks_hit AS tidx_blocks_hit
    FROM pg_catalog.pg_statio_user_tables s
   ORDER BY s.heap_blks_read + s.heap_blks_hit DESC, s.relid
   LIMIT $1`;

export const compatStatioUserTables = defineCollector({
  name: `${PREFIX}statio_user_tables`,
  source: 'pg_statio_user_tables',
  needs,
  every: 30,
  metrics: columnMetrics(columns, (column) => `pg_statio_user_tables_${column}`, ['datname', 'schemaname', 'relname']),
  read: readRows({ 14: sql }, row, ({ config }) => [config.limits.series_per_family]),
  publish: (rows: readonly z.infer<typeof row>[], m, { facts }: Env<PostgresFacts>) =>
    rows.flatMap((r) => {
      const table = { datname: facts.database, schemaname: r.schemaname, relname: r.relname };
      return columnSamples(columns, zeroForNull(columns, r), table, m);
    }),
});
