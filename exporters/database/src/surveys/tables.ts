import {
  counter,
  defineSurvey,
  type Env,
  folded,
  gauge,
  OTHER,
  type PostgresFacts,
  type Readings,
  readRows,
} from '@submilli/core';
import { z } from 'zod';
import { type Kind, nothingRanked, rank, type Ranking, splitShown } from '../objects/ranking';

const row = z.object({
  schema: z.string(),
  table: z.string(),
  seq_scans: z.number(),
  index_scans: z.number(),
  seq_rows: z.number(),
  index_rows: z.number(),
  inserts: z.number(),
  updates: z.number(),
  deletes: z.number(),
  hot_updates: z.number(),
  blocks_hit: z.number(),
  blocks_read: z.number(),
  vacuums: z.number(),
  analyzes: z.number(),
  /** The rest is null on a standby, which has no count of rows. */
  live_rows: z.number().nullable(),
  dead_rows: z.number().nullable(),
  modified_rows: z.number().nullable(),
  last_vacuum: z.number().nullable(),
  last_analyze: z.number().nullable(),
});

export type TableRow = z.infer<typeof row>;

/** Of a database with more tables, those with the least lifetime activity are not read. */
export const MOST_TABLES = 10_000;

/**
 * Statistics by function rather than by view: the views sum up indexes and TOAST in ways that cost more. None of them
 * opens the table, so DDL can't hold them up. Temporary tables are left out: their names come and go with sessions.
 */
const sql = `
  SELECT n.nspname::text AS schema, c.relname::text AS "table",
         pg_catalog.pg_stat_get_numscans(c.oid) AS seq_scans,
         coalesce(i.scans, 0)::int8 AS index_scans,
         pg_catalog.pg_stat_get_tuples_returned(c.oid) AS seq_rows,
         (pg_catalog.pg_stat_get_tuples_fetched(c.oid) + coalesce(i.rows, 0))::int8 AS index_rows,
         pg_catalog.pg_stat_get_tuples_inserted(c.oid) AS inserts,
         pg_catalog.pg_stat_get_tuples_updated(c.oid) AS updates,
         pg_catalog.pg_stat_get_tuples_deleted(c.oid) AS deletes,
         pg_catalog.pg_stat_get_tuples_hot_updated(c.oid) AS hot_updates,
         (pg_catalog.pg_stat_get_blocks_hit(c.oid) + coalesce(i.hit, 0))::int8 AS blocks_hit,
         (pg_catalog.pg_stat_get_blocks_fetched(c.oid) - pg_catalog.pg_stat_get_blocks_hit(c.oid)
           + coalesce(i.read, 0))::int8 AS blocks_read,
         pg_catalog.pg_stat_get_vacuum_count(c.oid) + pg_catalog.pg_stat_get_autovacuum_count(c.oid) AS vacuums,
         pg_catalog.pg_stat_get_analyze_count(c.oid) + pg_catalog.pg_stat_get_autoanalyze_count(c.oid) AS analyzes,
         CASE WHEN p.is_primary THEN pg_catalog.pg_stat_get_live_tuples(c.oid) END AS live_rows,
         CASE WHEN p.is_primary THEN pg_catalog.pg_stat_get_dead_tuples(c.oid) END AS dead_rows,
         CASE WHEN p.is_primary THEN pg_catalog.pg_stat_get_mod_since_analyze(c.oid) END AS modified_rows,
         extract(epoch FROM greatest(pg_catalog.pg_stat_get_last_vacuum_time(c.oid),
                                     pg_catalog.pg_stat_get_last_autovacuum_time(c.oid)))::float8 AS last_vacuum,
         extract(epoch FROM greatest(pg_catalog.pg_stat_get_last_analyze_time(c.oid),
                                     pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)))::float8 AS last_analyze
    FROM pg_catalog.pg_class c
   CROSS JOIN (SELECT NOT pg_catalog.pg_is_in_recovery() AS is_primary) p
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN (
      SELECT x.indrelid,
             sum(pg_catalog.pg_stat_get_numscans(x.indexrelid)) AS scans,
             sum(pg_catalog.pg_stat_get_tuples_fetched(x.indexrelid)) AS rows,
             sum(pg_catalog.pg_stat_get_blocks_hit(x.indexrelid)) AS hit,
             sum(pg_catalog.pg_stat_get_blocks_fetched(x.indexrelid)
                 - pg_catalog.pg_stat_get_blocks_hit(x.indexrelid)) AS read
        FROM pg_catalog.pg_index x
       GROUP BY x.indrelid
    ) i ON i.indrelid = c.oid
   WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
     AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   ORDER BY pg_catalog.pg_stat_get_blocks_fetched(c.oid) DESC
   LIMIT ${MOST_TABLES}`;

const counters = [
  'seq_scans',
  'index_scans',
  'seq_rows',
  'index_rows',
  'inserts',
  'updates',
  'deletes',
  'hot_updates',
  'blocks_hit',
  'blocks_read',
  'vacuums',
  'analyzes',
] as const;
type Counter = (typeof counters)[number];

export const tableKind: Kind<TableRow, Counter> = {
  // No name holds the character 0.
  nameOf: ({ schema, table }) => `${schema}\u0000${table}`,
  counters,
  // Every access to a row goes through a block, be it a read or a write.
  effort: ({ blocks_hit, blocks_read }) => blocks_hit + blocks_read,
  readingLimit: MOST_TABLES,
};

export type TablesState = Ranking<TableRow, Counter>;

const labels = ['database', 'schema', 'table'] as const;

export const tables = defineSurvey({
  name: 'tables',
  source: 'pg_stat_all_tables, pg_statio_all_tables',
  metrics: {
    scans: counter('db_table_scans_total', 'Scans begun on the table, sequential or by index.', [...labels, 'scan']),
    rowsRead: counter('db_table_rows_read_total', 'Live rows that scans read, sequential or by index.', [
      ...labels,
      'scan',
    ]),
    rowsWritten: counter('db_table_rows_written_total', 'Rows inserted, updated, deleted.', [...labels, 'operation']),
    hotUpdates: counter('db_table_hot_updates_total', 'Updates that needed no new index entries.', labels),
    blocksHit: counter(
      'db_table_blocks_hit_total',
      'Blocks of the table and its indexes found in shared buffers; without TOAST.',
      labels,
    ),
    blocksRead: counter(
      'db_table_blocks_read_total',
      'Blocks of the table and its indexes not found in shared buffers; without TOAST.',
      labels,
    ),
    liveRows: gauge('db_table_live_rows', 'Estimated live rows.', labels),
    deadRows: gauge('db_table_dead_rows', 'Estimated dead rows, which vacuum would remove.', labels),
    modifiedRows: gauge('db_table_modified_rows', 'Rows modified since the table was last analyzed.', labels),
    vacuums: counter('db_table_vacuums_total', 'Vacuums that ended, by autovacuum or by hand; without FULL.', labels),
    analyzes: counter('db_table_analyzes_total', 'Analyzes that ended, by autovacuum or by hand.', labels),
    lastVacuum: gauge('db_table_last_vacuum_timestamp_seconds', 'When a vacuum last ended.', labels),
    lastAnalyze: gauge('db_table_last_analyze_timestamp_seconds', 'When an analyze last ended.', labels),
    tables: folded(
      'sum',
      gauge('db_tables', 'Tables read, by whether they are shown by themselves.', ['database', 'shown']),
    ),
  },
  interval: ({ survey_interval_seconds }) => survey_interval_seconds,
  start: () => nothingRanked<TableRow, Counter>(),
  read: readRows({ 14: sql }, row),
  fold: (state: TablesState, readings: Readings<readonly TableRow[]>, _at, { config }: Env<PostgresFacts>) =>
    rank(tableKind, state, readings, config.limits.tables),
  publish: (state: TablesState, m) =>
    [...state.others].flatMap(([database, growth]) => {
      const { shown, hidden } = splitShown(state, database);
      return [
        m.tables({ database, shown: 'true' }, shown.length),
        m.tables({ database, shown: 'false' }, hidden.length),
        ...[...shown, ...(hidden.length > 0 ? [restOf(hidden, growth)] : [])].flatMap((t) => {
          const place = { database, schema: t.schema, table: t.table };
          return [
            m.scans({ ...place, scan: 'seq' }, t.seq_scans),
            m.scans({ ...place, scan: 'index' }, t.index_scans),
            m.rowsRead({ ...place, scan: 'seq' }, t.seq_rows),
            m.rowsRead({ ...place, scan: 'index' }, t.index_rows),
            m.rowsWritten({ ...place, operation: 'insert' }, t.inserts),
            m.rowsWritten({ ...place, operation: 'update' }, t.updates),
            m.rowsWritten({ ...place, operation: 'delete' }, t.deletes),
            m.hotUpdates(place, t.hot_updates),
            m.blocksHit(place, t.blocks_hit),
            m.blocksRead(place, t.blocks_read),
            m.liveRows(place, t.live_rows),
            m.deadRows(place, t.dead_rows),
            m.modifiedRows(place, t.modified_rows),
            m.vacuums(place, t.vacuums),
            m.analyzes(place, t.analyzes),
            m.lastVacuum(place, t.last_vacuum),
            m.lastAnalyze(place, t.last_analyze),
          ];
        }),
      ];
    }),
});

/** What is not shown by itself: what it has grown since we look, and how large it is now. */
const restOf = (hidden: readonly TableRow[], growth: Readonly<Record<Counter, number>>): TableRow => ({
  ...growth,
  schema: '',
  table: OTHER,
  live_rows: sumOf(hidden.map(({ live_rows }) => live_rows)),
  dead_rows: sumOf(hidden.map(({ dead_rows }) => dead_rows)),
  modified_rows: sumOf(hidden.map(({ modified_rows }) => modified_rows)),
  last_vacuum: null,
  last_analyze: null,
});

const sumOf = (values: readonly (number | null)[]): number | null =>
  values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0);
