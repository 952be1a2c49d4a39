import { readFileSync } from 'node:fs';
import { messageOf, SubmilliError } from '@submilli/core';
import type { Statement, Workload } from '@submilli/query';
import { z } from 'zod';

const MOST_STATEMENTS = 500;

/** What psql makes of pg_stat_statements, in the names of its columns. */
const file = z.object({
  seconds: z.number().positive(),
  statements: z.array(
    z.object({
      // As a number it would have lost its last digits by now.
      queryid: z.string(),
      query: z.string().nullable(),
      calls: z.number().nonnegative(),
      total_exec_time: z.number().nonnegative(),
      rows: z.number().nonnegative(),
      role: z.string().nullish(),
    }),
  ),
});

/** Writes a statements file: `psql -AtX -d DATABASE -c "$(submilli advise indexes --print-query)" > statements.json`. */
export const statementsQuery = `SELECT json_build_object(
  'seconds', (SELECT greatest(1, extract(epoch FROM now() - stats_reset)) FROM pg_stat_statements_info),
  'statements', coalesce(json_agg(json_build_object(
    'queryid', s.queryid::text, 'query', s.query, 'calls', s.calls, 'total_exec_time', s.total_exec_time,
    'rows', s.rows, 'role', pg_get_userbyid(s.userid)) ORDER BY s.total_exec_time DESC), '[]'))
FROM (SELECT s.* FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
      WHERE d.datname = current_database() AND s.queryid IS NOT NULL
      ORDER BY s.total_exec_time DESC LIMIT ${MOST_STATEMENTS}) s`;

/** The statements with the most time of a file, and how long they were counted. */
export const readStatements = (path: string): Workload => {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new SubmilliError({ what: `cannot be read as JSON (${messageOf(cause)})`, where: path, hint, cause });
  }
  const parsed = file.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue === undefined ? '' : `${issue.path.join('.')}: ${issue.message}`;
    throw new SubmilliError({ what: `is no file of statements (${at})`, where: path, hint });
  }
  const { seconds, statements } = parsed.data;
  const known = statements.flatMap(({ queryid, query, calls, total_exec_time, rows, role }): Statement[] =>
    query === null || calls === 0
      ? []
      : [{ id: queryid, text: query, calls, seconds: total_exec_time / 1000, rows, role: role ?? undefined }],
  );
  return { seconds, statements: known.toSorted((a, b) => b.seconds - a.seconds).slice(0, MOST_STATEMENTS) };
};

const hint = 'psql writes one with what `submilli advise indexes --print-query` prints.';
