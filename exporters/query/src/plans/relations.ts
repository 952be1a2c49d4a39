import type { Deadline, SqlSession } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  schema: z.string(),
  table: z.string(),
  rows: z.number(),
  bytes: z.number(),
  blocks: z.number(),
  modified: z.number(),
  /** Columns that an index begins with. */
  indexed: z.array(z.string()),
});

export type Relation = z.infer<typeof row>;

/** The tables of plans, by `schema.table`. */
export type Relations = ReadonlyMap<string, Relation>;

const sql = `
  SELECT n.nspname::text AS schema, c.relname::text AS "table", c.reltuples::float8 AS rows,
         c.relpages * pg_catalog.current_setting('block_size')::int8 AS bytes, c.relpages AS blocks,
         pg_catalog.pg_stat_get_mod_since_analyze(c.oid) AS modified,
         ARRAY(SELECT a.attname::text
                 FROM pg_catalog.pg_index i
                 JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                WHERE i.indrelid = c.oid AND i.indisvalid) AS indexed
    FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS w(schema, "table")
    JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w."table"`;

export const readRelations = async (
  session: SqlSession,
  names: readonly (readonly [schema: string, table: string])[],
  deadline: Deadline,
): Promise<Relations> => {
  if (names.length === 0) return new Map();
  const values = [names.map(([schema]) => schema), names.map(([, table]) => table)];
  const rows = row.array().parse(await session.query(sql, values, deadline));
  return new Map(rows.map((found) => [`${found.schema}.${found.table}`, found]));
};
