import { defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';
import { columnMetrics, columnSamples, columnValues, needsMonitor, peerGauge, PREFIX } from './peer';

const columns = {
  heap_blks: ['gauge', 'Blocks of the table.'],
  heap_blks_scanned: ['gauge', 'Blocks of the table scanned so far.'],
  heap_blks_vacuumed: ['gauge', 'Blocks of the table vacuumed so far.'],
  index_vacuums: ['gauge', 'Rounds through the indexes that are done.'],
  max_dead_tuples: ['gauge', 'Dead rows that fit into memory before a round through the indexes (before 17).'],
  num_dead_tuples: ['gauge', 'Dead rows collected since the last round through the indexes.'],
} as const;

const row = columnValues(columns).extend({ datname: z.string(), relname: z.string(), phase: z.string() });

export const PHASES = [
  'initializing',
  'scanning heap',
  'vacuuming indexes',
  'vacuuming heap',
  'cleaning up indexes',
  'truncating heap',
  'performing final cleanup',
] as const;

/**
 * The table with its schema, as `regclass` writes it where search_path is pg_catalog alone; its id where it is of another
 * database. No table is opened for it.
 */
const common = `
  SELECT coalesce(p.datname::text, 'unknown') AS datname, p.phase, p.heap_blks_total AS heap_blks,
         p.heap_blks_scanned, p.heap_blks_vacuumed, p.index_vacuum_count AS index_vacuums,
         coalesce(CASE WHEN p.datname <> pg_catalog.current_database() THEN NULL
                       WHEN n.nspname = 'pg_catalog' THEN pg_catalog.quote_ident(c.relname)
                       ELSE pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) END,
                  p.relid::text) AS relname`;

const from = `
    FROM pg_catalog.pg_stat_progress_vacuum p
    LEFT JOIN pg_catalog.pg_class c ON c.oid = p.relid
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`;

const sql = {
  14: `${common}, p.max_dead_tuples, p.num_dead_tuples ${from}`,
  17: `${common}, NULL::bigint AS max_dead_tuples, p.num_dead_item_ids AS num_dead_tuples ${from}`,
} as const;

const labels = ['datname', 'relname'] as const;

export const compatProgressVacuum = defineCollector({
  name: `${PREFIX}stat_progress_vacuum`,
  source: 'pg_stat_progress_vacuum',
  needs: needsMonitor,
  metrics: {
    ...columnMetrics(columns, (column) => `pg_stat_progress_vacuum_${column}`, labels),
    phase: peerGauge('pg_stat_progress_vacuum_phase', 'Which phase the vacuum is in: 1 for it, 0 for the others.', [
      ...labels,
      'phase',
    ]),
  },
  read: readRows(sql, row),
  publish: (rows: readonly z.infer<typeof row>[], m) =>
    rows.flatMap((r) => {
      const table = { datname: r.datname, relname: r.relname };
      return [
        ...PHASES.map((phase) => m.phase({ ...table, phase }, Number(phase === r.phase))),
        ...columnSamples(columns, r, table, m),
      ];
    }),
});
