import { defineCollector, type Env, gauge, type PostgresFacts, readRows } from '@submilli/core';
import { z } from 'zod';
import { columnMetrics, columnSamples, columnValues, needs, PREFIX, zeroForNull } from './peer';

const columns = {
  seq_scan: ['counter', 'Sequential scans of the table.'],
  seq_tup_read: ['counter', 'Live rows read by sequential scans.'],
  idx_scan: ['counter', 'Scans of its indexes.'],
  idx_tup_fetch: ['counter', 'Live rows fetched by scans of indexes.'],
  n_tup_ins: ['counter', 'Rows inserted.'],
  n_tup_upd: ['counter', 'Rows updated.'],
  n_tup_del: ['counter', 'Rows deleted.'],
  n_tup_hot_upd: ['counter', 'Rows updated without a new entry in an index.'],
  n_live_tup: ['gauge', 'Estimate of live rows.'],
  n_dead_tup: ['gauge', 'Estimate of dead rows.'],
  n_mod_since_analyze: ['gauge', 'Estimate of rows changed since the last analyze.'],
  last_vacuum: ['gauge', 'When it was last vacuumed by hand, in seconds since 1970; 0 is never.'],
  last_autovacuum: ['gauge', 'When it was last vacuumed by autovacuum, in seconds since 1970; 0 is never.'],
  last_analyze: ['gauge', 'When it was last analyzed by hand, in seconds since 1970; 0 is never.'],
  last_autoanalyze: ['gauge', 'When it was last analyzed by autovacuum, in seconds since 1970; 0 is never.'],
  vacuum_count: ['counter', 'Times it was vacuumed by hand.'],
  autovacuum_count: ['counter', 'Times it was vacuumed by autovacuum.'],
  analyze_count: ['counter', 'Times it was analyzed by hand.'],
  autoanalyze_count: ['counter', 'Times it was analyzed by autovacuum.'],
} as const;

/** From pg_class, which VACUUM and ANALYZE keep: functions that ask the file system open the table, and DDL blocks that. */
const sizes = {
  index_size_bytes: ['gauge', 'Size of its indexes, as of the last VACUUM or ANALYZE; absent before the first.'],
  table_size_bytes: ['gauge', 'Size of it with its TOAST, as of the last VACUUM or ANALYZE; absent before the first.'],
} as const;

const row = columnValues(columns).extend({
  ...columnValues(sizes).shape,
  schemaname: z.string(),
  relname: z.string(),
  tables: z.number(),
});

const stamp = (column: string): string =>
  `coalesce(pg_catalog.floor(extract(epoch FROM s.${column})), 0)::float8 AS ${column}`;

const sql = `
  WITH busiest AS (
    SELECT s.*, count(*) OVER () AS tables
      FROM pg_catalog.pg_stat_user_tables s
     ORDER BY coalesce(s.seq_tup_read, 0) + coalesce(s.idx_tup_fetch, 0) + s.n_tup_ins + s.n_tup_upd + s.n_tup_del DESC,
              s.relid
     LIMIT $1
  )
  SELECT s.schemaname::text AS schemaname, s.relname::text AS relname, s.tables::int AS tables, s.seq_scan,
         s.seq_tup_read, s.idx_scan, s.idx_tup_fetch, s.n_tup_ins, s.n_tup_upd, s.n_tup_del, s.n_tup_hot_upd,
         s.n_live_tup, s.n_dead_tup, s.n_mod_since_analyze, ${stamp('last_vacuum')}, ${stamp('last_autovacuum')},
         ${stamp('last_analyze')}, ${stamp('last_autoanalyze')}, s.vacuum_count, s.autovacuum_count, s.analyze_count,
         s.autoanalyze_count, size.index_size_bytes, size.table_size_bytes
    FROM busiest s
    LEFT JOIN LATERAL (
      SELECT pg_catalog.sum(p.pages) FILTER (WHERE p.is_index) * page.size AS index_size_bytes,
             pg_catalog.sum(p.pages) FILTER (WHERE NOT p.is_index) * page.size AS table_size_bytes
        FROM pg_catalog.pg_class c,
             LATERAL (
               SELECT greatest(c.relpages, 0)::bigint AS pages, false AS is_index
               UNION ALL
               SELECT t.relpages, false FROM pg_catalog.pg_class t WHERE t.oid = c.reltoastrelid
               UNION ALL
               SELECT x.relpages, i.indrelid = c.oid
                 FROM pg_catalog.pg_index i
                 JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
                WHERE i.indrelid IN (c.oid, c.reltoastrelid)
               UNION ALL
               SELECT 0, true
             ) AS p,
             (SELECT pg_catalog.current_setting('block_size')::bigint AS size) AS page
       WHERE c.oid = s.relid AND (c.reltuples >= 0 OR c.relkind = 'p')
       GROUP BY page.size
    ) AS size ON true`;

export const compatStatUserTables = defineCollector({
  name: `${PREFIX}stat_user_tables`,
  source: 'pg_stat_user_tables, pg_class',
  needs,
  every: 30,
  metrics: {
    ...columnMetrics({ ...columns, ...sizes }, (column) => `pg_stat_user_tables_${column}`, [
      'datname',
      'schemaname',
      'relname',
    ]),
    omitted: gauge(
      'db_compatibility_tables_omitted',
      'Tables over limits.series_per_family, which pg_stat_user_tables_* leaves out; the busiest are shown.',
      ['database'],
    ),
  },
  read: readRows({ 14: sql }, row, ({ config }) => [config.limits.series_per_family]),
  publish: (rows: readonly z.infer<typeof row>[], m, { facts: { database } }: Env<PostgresFacts>) => [
    m.omitted({ database }, (rows[0]?.tables ?? 0) - rows.length),
    ...rows.flatMap((r) => {
      const table = { datname: database, schemaname: r.schemaname, relname: r.relname };
      return [...columnSamples(columns, zeroForNull(columns, r), table, m), ...columnSamples(sizes, r, table, m)];
    }),
  ],
});
