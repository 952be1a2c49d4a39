import { defineSurvey, folded, gauge, type Readings, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  count: z.number(),
  worst: z
    .object({
      schema: z.string(),
      table: z.string(),
      constraint: z.string(),
      columns: z.string().array(),
      partitioned: z.boolean(),
      rows: z.number(),
      bytes: z.number(),
      parent_schema: z.string(),
      parent: z.string(),
      /** Rows of the parent deleted and updated: each looks for its children. */
      parent_changes: z.number(),
    })
    .array(),
});

export type ForeignKeysRow = z.infer<typeof row>;
export type ForeignKey = ForeignKeysRow['worst'][number];
export type ForeignKeys = ReadonlyMap<string, ForeignKeysRow>;

/** A smaller table is read through in about the time an index lookup takes. */
export const CHILD_MIN_ROWS = 10_000;
const MOST_NAMED = 20;

/**
 * An index serves a foreign key if its first columns are those of the key, in any order, and it has all rows. Keys of
 * partitions are their parent’s.
 */
const sql = `
  WITH bare AS MATERIALIZED (
    SELECT k.conname, k.conrelid, k.confrelid, k.conkey, c.relname, c.relnamespace, c.relkind, c.reltuples,
           greatest(c.relpages, 0) * pg_catalog.current_setting('block_size')::int8 AS bytes
      FROM pg_catalog.pg_constraint k
      JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
     WHERE k.contype = 'f' AND k.conparentid = 0 AND c.reltuples > ${CHILD_MIN_ROWS}
       AND NOT EXISTS (
         SELECT FROM pg_catalog.pg_index x
          WHERE x.indrelid = k.conrelid AND x.indisvalid AND x.indpred IS NULL
            AND (x.indkey::int2[])[0:pg_catalog.cardinality(k.conkey) - 1] @> k.conkey)
  ), worst AS (
    SELECT n.nspname AS schema, b.relname AS "table", b.conname AS "constraint",
           (SELECT pg_catalog.json_agg(a.attname ORDER BY u.place)
              FROM unnest(b.conkey) WITH ORDINALITY u (attnum, place)
              JOIN pg_catalog.pg_attribute a ON a.attrelid = b.conrelid AND a.attnum = u.attnum) AS columns,
           b.relkind = 'p' AS partitioned, b.reltuples AS rows, b.bytes,
           pn.nspname AS parent_schema, p.relname AS parent,
           pg_catalog.pg_stat_get_tuples_deleted(p.oid) + pg_catalog.pg_stat_get_tuples_updated(p.oid)
             AS parent_changes
      FROM bare b
      JOIN pg_catalog.pg_namespace n ON n.oid = b.relnamespace
      JOIN pg_catalog.pg_class p ON p.oid = b.confrelid
      JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
     ORDER BY (pg_catalog.pg_stat_get_tuples_deleted(p.oid) > 0) DESC, b.reltuples DESC, b.conname
     LIMIT ${MOST_NAMED}
  )
  SELECT (SELECT count(*) FROM bare) AS count, (SELECT coalesce(pg_catalog.json_agg(w), '[]') FROM worst w) AS worst`;

export const foreignKeys = defineSurvey({
  name: 'foreign-keys',
  source: 'pg_constraint, pg_index',
  metrics: {
    count: folded(
      'sum',
      gauge(
        'db_foreign_keys_without_index',
        'Foreign keys of tables with more than 10 000 rows that no index serves, so that deletes of a parent read the whole table.',
        ['database'],
      ),
    ),
  },
  interval: ({ survey_interval_seconds }) => 10 * survey_interval_seconds,
  start: (): ForeignKeys => new Map(),
  read: readRows({ 14: sql }, row),
  fold: (_state: ForeignKeys, readings: Readings<readonly ForeignKeysRow[]>) =>
    new Map([...readings].flatMap(([database, [only]]) => (only === undefined ? [] : [[database, only] as const]))),
  publish: (all: ForeignKeys, m) => [...all].map(([database, { count }]) => m.count({ database }, count)),
});
