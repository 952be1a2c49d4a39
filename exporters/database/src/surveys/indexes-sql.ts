import type { SqlByVersion } from '@submilli/core';

/** What can be wrong with an index; the order is that of the metric’s rows. */
export const PROBLEMS = ['unused', 'duplicate', 'redundant', 'invalid'] as const;

/** Most indexes named of each kind. */
export const MOST_NAMED = 20;

/** A smaller unused index costs too little to speak of. pganalyze, pgFirstAid and others draw the same line. */
export const UNUSED_MIN_BYTES = 10 * 1024 * 1024;

/** Expressions as the parser kept them; where in the text of CREATE INDEX they stood doesn’t matter. */
const tree = (column: string): string => `pg_catalog.regexp_replace(${column}::text, ':location -?\\d+', '', 'g')`;

/** NULLS NOT DISTINCT, by name and not as a column: it came with PostgreSQL 15. */
const nulls = (index: string): string => `(
         SELECT pg_catalog.to_jsonb(u)->>'indnullsnotdistinct' FROM pg_catalog.pg_index u WHERE u.indexrelid = ${index})`;

const listed = (name: (typeof PROBLEMS)[number]): string => `
    SELECT f.* FROM (
      SELECT b.indexrelid, b.indrelid, b.name, b.relam, b.keys, b.key_count, b.predicate, b.is_unique, b.bytes,
             b.scans, b.instead, row_number() OVER (ORDER BY b.bytes DESC, b.indexrelid) AS place FROM ${name} b
    ) f WHERE f.place <= ${MOST_NAMED}`;

const summary = (name: (typeof PROBLEMS)[number]): string => `
         '${name}', pg_catalog.json_build_object(
           'count', (SELECT count(*) FROM ${name}),
           'bytes', (SELECT coalesce(sum(bytes), 0) FROM ${name}),
           'worst', (SELECT coalesce(pg_catalog.json_agg(w ORDER BY w.bytes DESC), '[]')
                       FROM described w WHERE w.problem = '${name}'))`;

/**
 * Nothing here asks for an index's definition (\`pg_get_indexdef\`): that locks its table, and waits behind DDL.
 *
 * Indexes of partitions that belong to an index of the partitioned table can’t be dropped by themselves, so they are
 * never named; they may stand in for another one.
 */
const sql = `
  WITH idx AS MATERIALIZED (
    SELECT x.indexrelid, x.indrelid, i.relname AS name, i.relam, i.relispartition,
           x.indisunique AS is_unique, x.indisvalid AS is_valid,
           x.indnkeyatts::int AS key_count, x.indnatts::int AS column_count,
           x.indkey::int2[] AS keys, x.indclass::oid[] AS classes, x.indcollation::oid[] AS collations,
           x.indoption::int2[] AS options,
           ${tree('x.indexprs')} AS expressions, ${tree('x.indpred')} AS predicate,
           x.indisprimary OR x.indisexclusion OR x.indisreplident
             OR x.indexrelid IN (SELECT k.conindid FROM pg_catalog.pg_constraint k) AS is_bound,
           greatest(i.relpages, 0) * pg_catalog.current_setting('block_size')::int8 AS bytes,
           pg_catalog.pg_stat_get_numscans(x.indexrelid) AS scans
      FROM pg_catalog.pg_index x
      JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
      JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
     WHERE i.relkind = 'i' AND t.relkind IN ('r', 'm') AND t.relpersistence <> 't' AND x.indislive
       AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  ), twins AS (
    SELECT a.*, first_value(a.indexrelid) OVER same AS first, first_value(a.is_unique) OVER same AS first_is_unique
      FROM idx a
     WHERE a.is_valid
    -- Of two that could go, the younger one goes.
    WINDOW same AS (
      PARTITION BY a.indrelid, a.relam, a.keys, a.key_count, a.classes, a.collations, a.options, a.expressions, a.predicate
      ORDER BY a.is_bound DESC, a.relispartition DESC, a.is_unique DESC, a.indexrelid)
  ), duplicate AS (
    SELECT a.*, a.first AS instead
      FROM twins a
     WHERE a.first <> a.indexrelid AND NOT a.is_bound AND NOT a.relispartition
       AND (NOT a.is_unique OR (a.first_is_unique AND ${nulls('a.first')} IS NOT DISTINCT FROM ${nulls('a.indexrelid')}))
  ), redundant AS (
    SELECT DISTINCT ON (a.indexrelid) a.*, b.indexrelid AS instead
      FROM idx a
      JOIN pg_catalog.pg_am m ON m.oid = a.relam AND m.amname = 'btree'
      -- Not the list above once more: the planner, who can't guess its size, would compare each index with all.
      JOIN pg_catalog.pg_index b ON b.indrelid = a.indrelid AND b.indexrelid <> a.indexrelid
      JOIN pg_catalog.pg_class o ON o.oid = b.indexrelid AND o.relam = a.relam
     WHERE a.is_valid AND b.indisvalid AND NOT a.is_unique AND NOT a.is_bound AND NOT a.relispartition
       AND a.indexrelid NOT IN (SELECT d.indexrelid FROM duplicate d)
       AND a.column_count = a.key_count AND a.expressions IS NULL AND b.indexprs IS NULL
       AND (b.indnkeyatts > a.key_count OR (b.indnkeyatts = a.key_count AND b.indnatts > a.column_count))
       AND (b.indkey::int2[])[0:a.key_count - 1] = a.keys[0:a.key_count - 1]
       AND (b.indclass::oid[])[0:a.key_count - 1] = a.classes[0:a.key_count - 1]
       AND (b.indcollation::oid[])[0:a.key_count - 1] = a.collations[0:a.key_count - 1]
       AND (b.indoption::int2[])[0:a.key_count - 1] = a.options[0:a.key_count - 1]
       AND ${tree('b.indpred')} IS NOT DISTINCT FROM a.predicate
     ORDER BY a.indexrelid, b.indnatts, b.indexrelid
  ), unused AS (
    SELECT a.*, NULL::oid AS instead
      FROM idx a
     WHERE a.scans = 0 AND a.bytes >= ${UNUSED_MIN_BYTES} AND a.is_valid
       AND NOT a.is_unique AND NOT a.is_bound AND NOT a.relispartition
       -- Deletes and key updates of the table that is referred to need it, rare as they may be.
       AND NOT EXISTS (
         SELECT FROM pg_catalog.pg_constraint f
          WHERE f.contype = 'f' AND f.conrelid = a.indrelid
            AND f.conkey @> a.keys[0:pg_catalog.cardinality(f.conkey) - 1]
            AND f.conkey <@ a.keys[0:pg_catalog.cardinality(f.conkey) - 1])
       -- Nor one that was named already, or that is to stand in for one that was.
       AND a.indexrelid NOT IN (
         SELECT d.indexrelid FROM duplicate d UNION ALL SELECT d.instead FROM duplicate d
         UNION ALL SELECT r.indexrelid FROM redundant r UNION ALL SELECT r.instead FROM redundant r)
  ), invalid AS (
    SELECT a.*, NULL::oid AS instead
      FROM idx a
     WHERE NOT a.is_valid
       -- Not one that is being built; who may not see what is being built takes it for this one.
       AND NOT EXISTS (
         SELECT FROM pg_catalog.pg_stat_progress_create_index p
          WHERE p.datname = pg_catalog.current_database() AND (p.relid = a.indrelid OR p.relid IS NULL))
  ), worst AS (
    ${PROBLEMS.map((name) => `SELECT '${name}' AS problem, l.* FROM (${listed(name)}) l`).join(' UNION ALL ')}
  ), described AS (
    SELECT w.problem, n.nspname AS schema, t.relname AS "table", w.name AS index, m.amname AS method,
           (SELECT pg_catalog.json_agg(a.attname ORDER BY k.place)
              FROM unnest(w.keys[0:w.key_count - 1]) WITH ORDINALITY k (attnum, place)
              LEFT JOIN pg_catalog.pg_attribute a
                ON a.attrelid = w.indrelid AND a.attnum = k.attnum AND k.attnum > 0) AS columns,
           w.predicate IS NOT NULL AS partial, w.is_unique AS "unique", w.bytes, w.scans,
           pg_catalog.pg_stat_get_tuples_inserted(w.indrelid) + pg_catalog.pg_stat_get_tuples_updated(w.indrelid)
             - pg_catalog.pg_stat_get_tuples_hot_updated(w.indrelid) AS writes,
           greatest(t.reltuples, 0) AS table_rows, b.relname AS instead
      FROM worst w
      JOIN pg_catalog.pg_class t ON t.oid = w.indrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
      JOIN pg_catalog.pg_am m ON m.oid = w.relam
      LEFT JOIN pg_catalog.pg_class b ON b.oid = w.instead
  )
  SELECT extract(epoch FROM greatest(
           (SELECT d.stats_reset FROM pg_catalog.pg_stat_database d WHERE d.datname = pg_catalog.current_database()),
           -- Statistics that were lost in a crash are only dated here.
           (SELECT g.stats_reset FROM pg_catalog.pg_stat_bgwriter g)))::float8 AS counted_since,
         (SELECT count(*) FROM idx) AS indexes,
         pg_catalog.json_build_object(${PROBLEMS.map(summary).join(',')}) AS problems`;

export const indexesSql: SqlByVersion = { 14: sql };
