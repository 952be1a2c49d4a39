import { type Deadline, quoteIdentifier, type Row, type SqlSession } from '@submilli/core';
import { z } from 'zod';

/** Where statements of a role find their tables, of the database that was asked. */
export type SearchPaths = (role: string | undefined) => string;

const SERVER_DEFAULT = '"$user", public';

const row = z.object({ role: z.string().nullable(), here: z.boolean(), setting: z.string() });

const sql = `
  SELECT r.rolname::text AS role, s.setdatabase <> 0 AS here,
         pg_catalog.substr(c, pg_catalog.length('search_path=') + 1) AS setting
    FROM pg_catalog.pg_db_role_setting s
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
    CROSS JOIN pg_catalog.unnest(s.setconfig) c
   WHERE pg_catalog.starts_with(c, 'search_path=')
     AND (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_catalog.pg_database
                                                 WHERE datname = pg_catalog.current_database()))`;

/** Our own sessions have an empty search_path, so the server's default as set in its files is not to be seen. */
export const readSearchPaths = async (session: SqlSession, deadline: Deadline): Promise<SearchPaths> => {
  const rows: readonly Row[] = await session.query(sql, [], deadline);
  return searchPathsOf(row.array().parse(rows));
};

export const searchPathsOf = (settings: readonly z.infer<typeof row>[]): SearchPaths => {
  const find = (role: string | undefined, here: boolean): string | undefined =>
    settings.find((setting) => (setting.role ?? undefined) === role && setting.here === here)?.setting;
  return (role) => {
    const own = role === undefined ? undefined : (find(role, true) ?? find(role, false));
    return forRole(own ?? find(undefined, true) ?? SERVER_DEFAULT, role);
  };
};

/** `"$user"` would be our own role. */
const forRole = (path: string, role: string | undefined): string =>
  schemasOf(path)
    .flatMap((name) => {
      if (name !== '"$user"' && name !== '$user') return [name];
      return role === undefined ? [] : [quoteIdentifier(role)];
    })
    .join(', ');

/**
 * What PostgreSQL brings comes first even where a path says otherwise: that our calls mean its functions matters more
 * than a schema that replaces one.
 */
export const catalogFirst = (path: string): string =>
  schemasOf(path)
    .filter((name) => !/^"?pg_catalog"?$/i.test(name))
    .join(', ');

const schemasOf = (path: string): readonly string[] => path.match(/"(?:[^"]|"")*"|[^\s,]+/g) ?? [];
