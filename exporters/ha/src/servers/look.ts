import type { SqlSession } from '@submilli/core';
import type { Deadline } from '@submilli/core';
import { z } from 'zod';

/** What a server says of itself at each look. */
const row = z.object({
  in_recovery: z.boolean(),
  /** Of a primary; a standby's takes a closer look. */
  timeline: z.number().nullable(),
  /** When its postmaster was started, in seconds since 1970: tells one life of one server from all others. */
  started: z.number(),
});

export type Look = z.infer<typeof row>;

/** The timeline that WAL is written on, from the name of its file; pg_controldata's is that of the last checkpoint. */
export const timelineSql = `
  CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL
       ELSE ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8))::bit(32)::int
  END`;

const sql = `
  SELECT pg_catalog.pg_is_in_recovery() AS in_recovery, ${timelineSql} AS timeline,
         extract(epoch FROM pg_catalog.pg_postmaster_start_time())::float8 AS started`;

export const readLook = async (session: SqlSession, deadline: Deadline): Promise<Look> => {
  const [first] = row.array().parse(await session.query(sql, [], deadline));
  if (first === undefined) throw new Error('the server answers with no row');
  return first;
};
