import { type Deadline, type PostgresFacts, quoteIdentifier, type SqlSession } from '@submilli/core';
import { z } from 'zod';

const row = z.object({ queryid: z.string(), query: z.string().nullable() });
const MOST_CHARACTERS = 100_000;

/** The normalised texts of a few statements; none where the extension is not in the database that the session is in. */
export const textsOf = async (
  session: SqlSession,
  { extensions }: PostgresFacts,
  queryids: readonly string[],
  deadline: Deadline,
): Promise<ReadonlyMap<string, string>> => {
  const schema = extensions.get('pg_stat_statements');
  if (schema === undefined || queryids.length === 0) return new Map();
  const sql = `
    SELECT s.queryid::text AS queryid, pg_catalog.left(min(s.query), ${MOST_CHARACTERS + 1}) AS query
      FROM ${quoteIdentifier(schema)}.pg_stat_statements(true) s
      JOIN pg_catalog.pg_database d ON d.oid = s.dbid
     WHERE s.queryid = ANY ($1::bigint[]) AND d.datname = pg_catalog.current_database()
     GROUP BY s.queryid`;
  const rows = row.array().parse(await session.query(sql, [queryids], deadline));
  return new Map(rows.flatMap(({ queryid, query }) => (query === null ? [] : [[queryid, query] as const])));
};
