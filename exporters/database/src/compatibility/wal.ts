import { defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';
import { needsMonitor, peerGauge, PREFIX } from './peer';

const row = z.object({ segments: z.number(), bytes: z.number().nullable() });

const sql = `
  SELECT count(*)::int AS segments, pg_catalog.sum(w.size) AS bytes
    FROM pg_catalog.pg_ls_waldir() w
   WHERE w.name ~ '^[0-9A-F]{24}$'`;

export const compatWal = defineCollector({
  name: `${PREFIX}wal`,
  source: 'pg_ls_waldir()',
  needs: needsMonitor,
  metrics: {
    segments: peerGauge('pg_wal_segments', 'WAL segments in pg_wal.'),
    size: peerGauge('pg_wal_size_bytes', 'Their size together.'),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly z.infer<typeof row>[], m) =>
    rows.flatMap(({ segments, bytes }) => [m.segments({}, segments), m.size({}, bytes)]),
});
