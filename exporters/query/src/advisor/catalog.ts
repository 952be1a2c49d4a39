import type { Deadline, SqlSession } from '@submilli/core';
import { z } from 'zod';
import type { Catalog, Column, ExistingIndex, KnownFunction, Table } from './model';

/**
 * Tables of these names with columns, statistics, indexes and writes, and functions of these names: one statement.
 * Statistics of tables that we may not read are not shown to us. Sizes come from `pg_class`, so that no lock is taken.
 */
const sql = `
WITH wanted AS (
  SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples, c.relpages, c.relallvisible, c.reloptions
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
     AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg\\_temp\\_%'
), watched AS (
  SELECT extract(epoch FROM now() - coalesce(d.stats_reset, pg_catalog.pg_postmaster_start_time()))::float8 AS seconds
    FROM pg_catalog.pg_stat_database d WHERE d.datname = pg_catalog.current_database()
)
SELECT 'table' AS what, pg_catalog.json_build_object(
  'oid', w.oid::text, 'schema', w.nspname, 'name', w.relname, 'kind', w.relkind,
  'rows', w.reltuples::float8, 'pages', w.relpages, 'allVisible', w.relallvisible,
  'fillfactor', (SELECT o.option_value::int FROM pg_catalog.pg_options_to_table(w.reloptions) o
                  WHERE o.option_name = 'fillfactor'),
  'seconds', (SELECT seconds FROM watched), 'standby', pg_catalog.pg_is_in_recovery(),
  'writes', (SELECT pg_catalog.json_build_array(s.n_tup_ins, s.n_tup_upd, s.n_tup_hot_upd, s.n_tup_del)
               FROM pg_catalog.pg_stat_all_tables s WHERE s.relid = w.oid),
  'columns', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', a.attname, 'number', a.attnum, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'sortable', o.opcfamily IS NOT NULL, 'notNull', a.attnotnull, 'length', a.attlen, 'align', a.attalign,
      'deduplicates', EXISTS (SELECT FROM pg_catalog.pg_amproc p WHERE p.amprocfamily = o.opcfamily
                                AND p.amproclefttype = o.opcintype AND p.amprocnum = 4),
      'width', s.avg_width, 'nulls', s.null_frac, 'distinct', s.n_distinct, 'correlation', s.correlation,
      'common', s.most_common_freqs[1]) ORDER BY a.attnum), '[]')
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
    LEFT JOIN pg_catalog.pg_opclass o ON o.opcmethod = 403 AND o.opcdefault AND o.opcintype =
      CASE WHEN coalesce(b.typtype, t.typtype) = 'e' THEN 3500
           WHEN coalesce(b.oid, t.oid) = 1043 THEN 25 ELSE coalesce(b.oid, t.oid) END
    LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = w.nspname AND s.tablename = w.relname
      AND s.attname = a.attname AND s.inherited = (w.relkind = 'p')
   WHERE a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped),
  'indexes', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'oid', i.indexrelid::text, 'name', c.relname, 'method', m.amname, 'unique', i.indisunique,
      'required', i.indisprimary OR i.indisreplident OR i.indisexclusion
        OR EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid),
      'valid', i.indisvalid AND i.indisready, 'bytes', c.relpages::float8 * 8192,
      'predicate', pg_catalog.pg_get_expr(i.indpred, i.indrelid),
      'definition', pg_catalog.pg_get_indexdef(i.indexrelid),
      'scans', coalesce(pg_catalog.pg_stat_get_numscans(i.indexrelid), 0),
      'parts', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
          'column', ia.attname, 'expression', CASE WHEN k.attnum = 0 THEN
             pg_catalog.pg_get_indexdef(i.indexrelid, k.n::int, true) END,
          'key', k.n <= i.indnkeyatts, 'option', CASE WHEN k.n <= i.indnkeyatts THEN i.indoption[k.n - 1] END,
          'default', CASE WHEN k.n <= i.indnkeyatts THEN (SELECT oc.opcdefault FROM pg_catalog.pg_opclass oc
                                                          WHERE oc.oid = i.indclass[k.n - 1]) END) ORDER BY k.n)
        FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n)
        LEFT JOIN pg_catalog.pg_attribute ia ON ia.attrelid = i.indrelid AND ia.attnum = k.attnum AND k.attnum <> 0)
      ) ORDER BY c.relname), '[]')
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_am m ON m.oid = c.relam
   WHERE i.indrelid = w.oid)) AS value
  FROM wanted w
UNION ALL
SELECT 'function', pg_catalog.json_build_object('name', p.proname, 'immutable', p.provolatile = 'i',
         'types', ARRAY(SELECT pg_catalog.format_type(t, NULL) FROM pg_catalog.unnest(p.proargtypes::oid[]) AS t))
  FROM pg_catalog.pg_proc p WHERE p.proname = ANY ($2::text[])`;

const columnRow = z.object({
  name: z.string(),
  number: z.number(),
  type: z.string(),
  sortable: z.boolean(),
  deduplicates: z.boolean(),
  notNull: z.boolean(),
  length: z.number(),
  align: z.string(),
  width: z.number().nullable(),
  nulls: z.number().nullable(),
  distinct: z.number().nullable(),
  correlation: z.number().nullable(),
  common: z.number().nullable(),
});

const part = z.object({
  column: z.string().nullable(),
  expression: z.string().nullable(),
  key: z.boolean(),
  option: z.number().nullable(),
  default: z.boolean().nullable(),
});

const tableRow = z.object({
  oid: z.string(),
  schema: z.string(),
  name: z.string(),
  kind: z.string(),
  rows: z.number(),
  pages: z.number(),
  allVisible: z.number(),
  fillfactor: z.number().nullable(),
  seconds: z.number().nullable(),
  standby: z.boolean(),
  writes: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullable(),
  columns: z.array(columnRow),
  indexes: z.array(
    z.object({
      oid: z.string(),
      name: z.string(),
      method: z.string(),
      unique: z.boolean(),
      required: z.boolean(),
      valid: z.boolean(),
      bytes: z.number(),
      predicate: z.string().nullable(),
      definition: z.string(),
      scans: z.number(),
      parts: z.array(part).nullable(),
    }),
  ),
});

const functionRow = z.object({ name: z.string(), immutable: z.boolean(), types: z.array(z.string()) });

const row = z.discriminatedUnion('what', [
  z.object({ what: z.literal('table'), value: tableRow }),
  z.object({ what: z.literal('function'), value: functionRow }),
]);

export const readCatalog = async (
  session: SqlSession,
  names: { readonly tables: readonly string[]; readonly functions: readonly string[] },
  deadline: Deadline,
): Promise<Catalog> => {
  const rows = row.array().parse(await session.query(sql, [names.tables, names.functions], deadline));
  return {
    tables: rows.flatMap((one): Table[] => (one.what === 'table' ? [toTable(one.value)] : [])),
    functions: rows.flatMap((one): KnownFunction[] => (one.what === 'function' ? [one.value] : [])),
  };
};

const kinds: Readonly<Record<string, Table['kind']>> = {
  ...{ r: 'table', p: 'partitioned', v: 'view', m: 'materialised view', f: 'foreign table' },
};
const alignments: Readonly<Record<string, number>> = { c: 1, s: 2, i: 4, d: 8 };

const toTable = (r: z.infer<typeof tableRow>): Table => {
  const rows = r.rows < 0 ? null : r.rows;
  const [inserted, updated, hotUpdated, deleted] = r.writes ?? [0, 0, 0, 0];
  const seconds = r.seconds ?? 0;
  const known = !r.standby && r.writes !== null && seconds > 0;
  return {
    ...{
      oid: r.oid,
      schema: r.schema,
      name: r.name,
      kind: kinds[r.kind] ?? 'table',
      rows,
      pages: Math.max(0, r.pages),
    },
    allVisible: r.pages > 0 ? Math.min(1, r.allVisible / r.pages) : 0,
    fillfactor: r.fillfactor ?? 100,
    columns: new Map(r.columns.map((column) => [column.name, toColumn(column, rows)])),
    indexes: r.indexes.map(toIndex),
    writes: known
      ? {
          ...{ inserted: inserted / seconds, updated: updated / seconds },
          ...{ hotUpdated: hotUpdated / seconds, deleted: deleted / seconds },
        }
      : null,
  };
};

const toColumn = (c: z.infer<typeof columnRow>, rows: number | null): Column => ({
  ...{ name: c.name, number: c.number, type: c.type, sortable: c.sortable, deduplicates: c.deduplicates },
  ...{ notNull: c.notNull, alignment: alignments[c.align] ?? 4, width: c.length > 0 ? c.length : c.width },
  ...{ nullFraction: c.nulls, correlation: c.correlation, mostCommon: c.common },
  distinct: c.distinct === null ? null : c.distinct < 0 ? (rows === null ? null : -c.distinct * rows) : c.distinct,
});

const DESCENDING = 1;
const NULLS_FIRST = 2;

const toIndex = ({ parts, ...rest }: z.infer<typeof tableRow>['indexes'][number]): ExistingIndex => ({
  ...rest,
  keys: (parts ?? [])
    .filter(({ key }) => key)
    .map(({ column, expression, option, default: defaultClass }) => ({
      ...{ column, expression, defaultClass: defaultClass ?? true },
      descending: ((option ?? 0) & DESCENDING) !== 0,
      nullsFirst: ((option ?? 0) & NULLS_FIRST) !== 0,
    })),
  include: (parts ?? []).flatMap(({ key, column }) => (key || column === null ? [] : [column])),
});
