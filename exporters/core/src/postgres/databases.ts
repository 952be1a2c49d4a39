import { z } from 'zod';
import type { Deadline } from '../clock';
import type { SqlSession } from './connect';

export type DatabaseFilter = {
  /** Names, where `*` stands for any characters. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Most databases to survey; those with the most transactions come first. */
  readonly limit: number;
};

/** Databases that we can connect to, the busiest first, so that a limit keeps those. */
const sql = `
  SELECT d.datname::text AS name, d.datname = pg_catalog.current_database() AS home
    FROM pg_catalog.pg_database d
    LEFT JOIN pg_catalog.pg_stat_database s ON s.datid = d.oid
   WHERE d.datallowconn AND NOT d.datistemplate
     AND pg_catalog.has_database_privilege(d.oid, 'CONNECT')
   ORDER BY s.xact_commit DESC NULLS LAST, d.datname`;

const rowSchema = z.object({ name: z.string(), home: z.boolean() });

export const listDatabases = async (
  session: SqlSession,
  filter: DatabaseFilter,
  deadline: Deadline,
): Promise<{ home: string; names: readonly string[] }> => {
  const rows = rowSchema.array().parse(await session.query(sql, [], deadline));
  const home = rows.find((row) => row.home)?.name ?? '';
  return {
    home,
    names: chooseDatabases(
      rows.map(({ name }) => name),
      filter,
    ),
  };
};

/** Those that are included and not excluded, in the given order, up to the limit. */
export const chooseDatabases = (
  names: readonly string[],
  { include, exclude, limit }: DatabaseFilter,
): readonly string[] =>
  names
    .filter((name) => include.some((pattern) => matches(name, pattern)))
    .filter((name) => !exclude.some((pattern) => matches(name, pattern)))
    .slice(0, limit);

const matches = (name: string, pattern: string): boolean =>
  new RegExp(`^${pattern.split('*').map(escapePattern).join('.*')}$`, 'su').test(name);

const escapePattern = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
