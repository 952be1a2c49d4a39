import {
  chooseShown,
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
import { keyOf } from '../objects/ranking';

const row = z.object({
  schema: z.string(),
  /** Null in the one row that sums up the tables that were not read by themselves. */
  table: z.string().nullable(),
  table_bytes: z.number(),
  index_bytes: z.number(),
  toast_bytes: z.number(),
  /** Tables that were neither vacuumed nor analyzed yet, so that nothing says their size. */
  unknown: z.number(),
});

export type SizeOfTable = z.infer<typeof row>;

export type Sizes = {
  readonly rows: ReadonlyMap<string, readonly SizeOfTable[]>;
  /** Keys of `keyOf`. */
  readonly shown: ReadonlySet<string>;
};

/** Sizes come from the block counts of the last VACUUM or ANALYZE: to ask the file system would lock each table. */
const sql = `
  WITH index_pages AS (
    SELECT x.indrelid, sum(greatest(i.relpages, 0)) AS pages
      FROM pg_catalog.pg_index x
      JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
     GROUP BY x.indrelid
  ), sizes AS (
    SELECT n.nspname::text AS schema, c.relname::text AS "table",
           greatest(c.relpages, 0)::int8 AS pages,
           coalesce(xi.pages, 0) AS index_pages,
           (coalesce(greatest(t.relpages, 0), 0) + coalesce(ti.pages, 0)) AS toast_pages,
           (c.reltuples < 0)::int AS unknown
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid AND c.reltoastrelid <> 0
      LEFT JOIN index_pages xi ON xi.indrelid = c.oid
      LEFT JOIN index_pages ti ON ti.indrelid = t.oid
     WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
       AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  ), ranked AS (
    SELECT s.*, row_number() OVER (ORDER BY s.pages + s.index_pages + s.toast_pages DESC, s.schema, s."table") <= $1
                  AS is_largest
      FROM sizes s
  )
  SELECT CASE WHEN r.is_largest THEN r.schema ELSE '' END AS schema,
         CASE WHEN r.is_largest THEN r."table" END AS "table",
         (sum(r.pages) * b.size)::int8 AS table_bytes,
         (sum(r.index_pages) * b.size)::int8 AS index_bytes,
         (sum(r.toast_pages) * b.size)::int8 AS toast_bytes,
         sum(r.unknown)::int AS unknown
    FROM ranked r
   CROSS JOIN (SELECT pg_catalog.current_setting('block_size')::int8 AS size) b
   GROUP BY 1, 2, b.size`;

/** As many as can be shown after all patience; see `chooseShown`. */
const SPARE = 1.5;

const bytesOf = (size: SizeOfTable): number => size.table_bytes + size.index_bytes + size.toast_bytes;
const nameOf = ({ schema, table }: SizeOfTable): string => `${schema}\u0000${table}`;
const labels = ['database', 'schema', 'table'] as const;

export const sizes = defineSurvey({
  name: 'sizes',
  source: 'pg_class',
  metrics: {
    bytes: gauge(
      'db_table_size_bytes',
      'Size of the table with its indexes and TOAST, as of the last VACUUM or ANALYZE.',
      labels,
    ),
    indexBytes: gauge(
      'db_table_indexes_size_bytes',
      'Size of all indexes of the table, as of the last VACUUM or ANALYZE.',
      labels,
    ),
    unknown: folded(
      'sum',
      gauge(
        'db_tables_size_unknown',
        'Tables that were neither vacuumed nor analyzed yet, so that no size of theirs is known.',
        ['database'],
      ),
    ),
  },
  interval: ({ survey_interval_seconds }) => 5 * survey_interval_seconds,
  start: (): Sizes => ({ rows: new Map(), shown: new Set() }),
  read: readRows({ 14: sql }, row, ({ config }) => [Math.ceil(config.limits.tables * SPARE)]),
  fold: (state: Sizes, readings: Readings<readonly SizeOfTable[]>, _at, { config }: Env<PostgresFacts>) => {
    const weights = new Map(
      [...readings].flatMap(([database, read]) =>
        read.filter(isOne).map((size) => [keyOf(database, nameOf(size)), bytesOf(size)] as const),
      ),
    );
    return { rows: readings, shown: chooseShown(weights, state.shown, config.limits.tables) };
  },
  publish: (state: Sizes, m) =>
    [...state.rows].flatMap(([database, all]) => {
      const shown = all.filter((size) => isOne(size) && state.shown.has(keyOf(database, nameOf(size))));
      const rest = all.filter((size) => !shown.includes(size));
      const other = { database, schema: '', table: OTHER };
      return [
        m.unknown(
          { database },
          sumOf(all, ({ unknown }) => unknown),
        ),
        ...shown.flatMap((size) => {
          const place = { database, schema: size.schema, table: size.table ?? OTHER };
          return [m.bytes(place, bytesOf(size)), m.indexBytes(place, size.index_bytes)];
        }),
        ...(rest.length > 0
          ? [
              m.bytes(other, sumOf(rest, bytesOf)),
              m.indexBytes(
                other,
                sumOf(rest, ({ index_bytes }) => index_bytes),
              ),
            ]
          : []),
      ];
    }),
});

const isOne = ({ table }: SizeOfTable): boolean => table !== null;

const sumOf = <T>(all: readonly T[], value: (one: T) => number): number =>
  all.reduce((sum, one) => sum + value(one), 0);
