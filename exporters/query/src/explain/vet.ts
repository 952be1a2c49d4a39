import { quoteIdentifier, quoteQualified } from '@submilli/core';
import { allOf, namesOf, type Node } from './ast';

/** The tables and functions that a statement names, as SQL writes them. */
export type Names = { readonly relations: readonly string[]; readonly functions: readonly string[] };

export const namesIn = (select: Node): Names => ({
  relations: unique(
    allOf(select, 'RangeVar').map(({ schemaname, relname }) =>
      typeof schemaname === 'string' ? quoteQualified(schemaname, String(relname)) : quoteIdentifier(String(relname)),
    ),
  ),
  functions: unique(allOf(select, 'FuncCall').flatMap((call) => namesOf(call.funcname).slice(-1))),
});

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];

/**
 * A function that planning could call with constants that the statement itself doesn't show: one in a view that it
 * reads, in a view below that, in a policy of its tables, or in the body of an SQL function, which the planner puts in
 * the call's place. PostgreSQL's own functions and those of extensions are trusted. $1: tables, $2: functions; the
 * search_path is that of the statement's role.
 */
export const hiddenCallSql = `
  WITH RECURSIVE reached(oid) AS (
    SELECT pg_catalog.to_regclass(name)::oid FROM pg_catalog.unnest($1::text[]) AS name
    UNION
    SELECT d.refobjid
      FROM reached
      JOIN pg_catalog.pg_class c ON c.oid = reached.oid AND c.relkind = 'v'
      JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
                                 AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  ), used AS (
    SELECT d.refclassid, d.refobjid
      FROM reached
      JOIN pg_catalog.pg_class c ON c.oid = reached.oid AND c.relkind = 'v'
      JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
    UNION
    SELECT d.refclassid, d.refobjid
      FROM reached
      JOIN pg_catalog.pg_policy p ON p.polrelid = reached.oid
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid = p.oid
  ), hidden(oid) AS (
    SELECT refobjid FROM used WHERE refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    UNION
    SELECT o.oprcode::oid FROM used JOIN pg_catalog.pg_operator o ON o.oid = refobjid
     WHERE refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass
  )
  SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname) AS name
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang
   WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
     AND (p.oid IN (SELECT oid FROM hidden) AND (p.provolatile <> 'v' OR l.lanname = 'sql')
          OR p.proname = ANY ($2::name[]) AND l.lanname = 'sql')
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid
                        AND d.deptype = 'e')
   LIMIT 1`;
