import { z } from 'zod';
import { drillPaths, quoteIdentifier, type DrillPath } from '@submilli/core';
import type { Client } from 'pg';
import type { Kept } from './verdict/writes';

/**
 * The table of the heartbeats. It has no unique index on purpose: a write that somebody between the client and the
 * server repeats must be found, not refused.
 */
export const createStatements = (writer: string): readonly string[] => [
  'CREATE SCHEMA IF NOT EXISTS submilli',
  'DROP TABLE IF EXISTS submilli.heartbeat',
  `CREATE TABLE submilli.heartbeat (
     run text NOT NULL, path text NOT NULL, seq int8 NOT NULL,
     at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
   ) WITH (autovacuum_enabled = off)`,
  `GRANT USAGE ON SCHEMA submilli TO ${quoteIdentifier(writer)}`,
  `GRANT INSERT, SELECT ON submilli.heartbeat TO ${quoteIdentifier(writer)}`,
];

/** The schema stays, unless it would be empty: the canary's table is there too. */
export const dropStatements: readonly string[] = [
  'DROP TABLE IF EXISTS submilli.heartbeat',
  `DO $do$ BEGIN
     IF NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                     WHERE n.nspname = 'submilli')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                         WHERE n.nspname = 'submilli')
     THEN DROP SCHEMA IF EXISTS submilli RESTRICT; END IF; END $do$`,
];

/** One write. The answer says who has taken it, on which timeline: a client of a pool could not know. */
export const insertSql = `INSERT INTO submilli.heartbeat (run, path, seq) VALUES ($1, $2, $3)
  RETURNING pg_catalog.host(pg_catalog.inet_server_addr()) || ':' || pg_catalog.inet_server_port() AS server,
            pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()) AS wal`;

export const insertRow = z.object({ server: z.string(), wal: z.string() });

/** The timeline is the first third of a WAL file's name. */
export const timelineOfWal = (name: string): number => Number.parseInt(name.slice(0, 8), 16);

const keptSql = `SELECT path, seq::text, pg_catalog.count(*)::int4 AS copies
                   FROM submilli.heartbeat WHERE run = $1 GROUP BY path, seq`;
const keptRow = z.object({ path: z.enum(drillPaths), seq: z.coerce.number().int(), copies: z.number().int() });

export const readKept = async (client: Client, run: string): Promise<Kept> => {
  const { rows } = await client.query(keptSql, [run]);
  const kept = new Map<DrillPath, Map<number, number>>();
  for (const { path, seq, copies } of keptRow.array().parse(rows)) {
    const own = kept.get(path) ?? new Map<number, number>();
    kept.set(path, own.set(seq, copies));
  }
  return kept;
};
