import {
  chooseShown,
  defineSurvey,
  type Env,
  folded,
  gauge,
  type PostgresFacts,
  type Readings,
  readRows,
} from '@submilli/core';
import { z } from 'zod';
import { keyOf } from '../objects/ranking';

const row = z.object({
  /** Tables large enough to look at, and those of them whose column statistics we may read. */
  candidates: z.number(),
  examined: z.number(),
  /** Of all that were examined. */
  bytes: z.number(),
  worst: z
    .object({
      schema: z.string(),
      table: z.string(),
      rows: z.number(),
      table_bytes: z.number(),
      /** Estimated: what is there beyond what its rows need. */
      bloat_bytes: z.number(),
    })
    .array(),
});

export type BloatRow = z.infer<typeof row>;
export type BloatedTable = BloatRow['worst'][number];

export type Bloat = {
  readonly rows: ReadonlyMap<string, BloatRow>;
  /** Keys of `keyOf`. */
  readonly shown: ReadonlySet<string>;
};

/** A smaller table is not worth rewriting, and the estimate is too coarse for it. */
export const BLOAT_MIN_BYTES = 10 * 1024 * 1024;
const MOST_EXAMINED = 500;

/**
 * The well-known estimate from statistics: rows × (header + average widths), rounded up to alignment as PostgreSQL
 * does on 64-bit machines, by page and fill factor; against the pages that there are. TOAST and indexes are left out:
 * B-trees that store duplicate keys once (since PostgreSQL 13) make every such estimate of theirs wrong.
 */
const sql = `
  WITH candidates AS MATERIALIZED (
    SELECT c.oid, n.nspname, c.relname, c.relpages, c.reltuples, b.size AS block_size,
           coalesce((SELECT o.option_value::int FROM pg_catalog.pg_options_to_table(c.reloptions) o
                      WHERE o.option_name = 'fillfactor'), 100) AS fill
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     CROSS JOIN (SELECT pg_catalog.current_setting('block_size')::int8 AS size) b
     WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.reltuples > 0
       AND c.relpages * b.size >= ${BLOAT_MIN_BYTES}
       AND n.nspname NOT IN ('pg_catalog', 'information_schema')
     ORDER BY c.relpages DESC
     LIMIT ${MOST_EXAMINED}
  ), widths AS (
    SELECT c.oid, s.known, s.data, a.columns,
           23 + CASE WHEN s.has_nulls THEN (a.columns + 7) / 8 ELSE 0 END AS header
      FROM candidates c
     CROSS JOIN LATERAL (
       -- Virtual columns (PostgreSQL 18) are stored nowhere.
       SELECT count(*) AS columns FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
     ) a
     -- Table by table: the view, a security barrier, would be read as a whole to be joined.
     CROSS JOIN LATERAL (
       SELECT count(*) AS known, sum((1 - p.null_frac) * p.avg_width) AS data, bool_or(p.null_frac > 0) AS has_nulls
         FROM pg_catalog.pg_stats p
        WHERE p.schemaname = c.nspname AND p.tablename = c.relname AND NOT p.inherited
     ) s
  ), estimates AS (
    SELECT c.nspname AS schema, c.relname AS "table", c.reltuples AS rows, c.relpages * c.block_size AS table_bytes,
           -- At least one row to a page; the line pointer is 4 bytes, the page header 24.
           greatest(0, c.relpages - ceil(c.reltuples / greatest(1, floor(
             (c.block_size - 24) * c.fill / 100.0
             / (4 + 8 * ceil(w.header / 8.0) + 8 * ceil(w.data / 8.0)))))) * c.block_size AS bloat_bytes
      FROM candidates c
      JOIN widths w ON w.oid = c.oid
     WHERE w.known = w.columns
  ), worst AS (
    SELECT * FROM estimates e WHERE e.bloat_bytes > 0 ORDER BY e.bloat_bytes DESC, e.schema, e."table" LIMIT $1
  )
  SELECT (SELECT count(*) FROM candidates) AS candidates,
         (SELECT count(*) FROM estimates) AS examined,
         (SELECT coalesce(sum(bloat_bytes), 0)::int8 FROM estimates) AS bytes,
         (SELECT coalesce(pg_catalog.json_agg(w), '[]') FROM worst w) AS worst`;

/** As many as can be shown after all patience; see `chooseShown`. */
const SPARE = 1.5;
const nameOf = ({ schema, table }: BloatedTable): string => `${schema}\u0000${table}`;

export const bloat = defineSurvey({
  name: 'bloat',
  source: 'pg_class, pg_stats',
  metrics: {
    bytes: gauge(
      'db_table_bloat_estimate_bytes',
      'Estimate from column statistics: space of the table beyond what its rows need; without TOAST and indexes.',
      ['database', 'schema', 'table'],
    ),
    total: folded(
      'sum',
      gauge('db_bloat_estimate_bytes', 'The same of all tables that could be examined.', ['database']),
    ),
    tables: folded(
      'sum',
      gauge(
        'db_bloat_tables',
        'Tables above 10 MB (the largest 500) by whether their bloat could be estimated: it takes SELECT on all their columns to see their statistics.',
        ['database', 'examined'],
      ),
    ),
  },
  interval: ({ survey_interval_seconds }) => 10 * survey_interval_seconds,
  start: (): Bloat => ({ rows: new Map(), shown: new Set() }),
  read: readRows({ 14: sql }, row, ({ config }) => [Math.ceil(config.limits.tables * SPARE)]),
  fold: (state: Bloat, readings: Readings<readonly BloatRow[]>, _at, { config }: Env<PostgresFacts>) => {
    const rows = new Map(
      [...readings].flatMap(([database, [only]]) => (only === undefined ? [] : [[database, only] as const])),
    );
    const weights = new Map(
      [...rows].flatMap(([database, { worst }]) =>
        worst.map((table) => [keyOf(database, nameOf(table)), table.bloat_bytes] as const),
      ),
    );
    return { rows, shown: chooseShown(weights, state.shown, config.limits.tables) };
  },
  publish: ({ rows, shown }: Bloat, m) =>
    [...rows].flatMap(([database, { candidates, examined, bytes, worst }]) => [
      m.tables({ database, examined: 'true' }, examined),
      m.tables({ database, examined: 'false' }, candidates - examined),
      // Nothing was examined although there was something: then nothing is known.
      m.total({ database }, examined === 0 && candidates > 0 ? null : bytes),
      ...worst
        .filter((table) => shown.has(keyOf(database, nameOf(table))))
        .map(({ schema, table, bloat_bytes }) => m.bytes({ database, schema, table }, bloat_bytes)),
    ]),
});
