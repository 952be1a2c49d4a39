import { defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';
import { needs, peerGauge, PREFIX } from './peer';

const row = z.object({ datname: z.string(), counts: z.record(z.string(), z.number()) });

export const MODES = [
  'accesssharelock',
  'rowsharelock',
  'rowexclusivelock',
  'shareupdateexclusivelock',
  'sharelock',
  'sharerowexclusivelock',
  'exclusivelock',
  'accessexclusivelock',
  'sireadlock',
] as const;

/** Held and awaited ones together, as the peer counts them; the one of this very query among them. */
const sql = `
  WITH counted AS (
    SELECT l.database, pg_catalog.lower(l.mode) AS mode, count(*) AS n
      FROM pg_catalog.pg_locks l
     WHERE l.database IS NOT NULL
     GROUP BY 1, 2
  )
  SELECT d.datname::text AS datname,
         coalesce((SELECT pg_catalog.json_object_agg(c.mode, c.n) FROM counted c WHERE c.database = d.oid), '{}') AS counts
    FROM pg_catalog.pg_database d`;

export const compatLocks = defineCollector({
  name: `${PREFIX}locks`,
  source: 'pg_locks',
  needs,
  metrics: { count: peerGauge('pg_locks_count', 'Locks by mode, held and awaited together.', ['datname', 'mode']) },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly z.infer<typeof row>[], m) =>
    rows.flatMap(({ datname, counts }) => MODES.map((mode) => m.count({ datname, mode }, counts[mode] ?? 0))),
});
