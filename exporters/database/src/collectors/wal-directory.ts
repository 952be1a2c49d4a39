import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({ bytes: z.number(), segments: z.number() });

export type WalDirectoryRow = z.infer<typeof row>;

const sql = `
  SELECT coalesce(sum(f.size), 0)::float8 AS bytes,
         count(*) FILTER (WHERE f.name ~ '^[0-9A-F]{24}$') AS segments
    FROM pg_catalog.pg_ls_waldir() f`;

export const walDirectory = defineCollector({
  name: 'wal-directory',
  source: 'pg_ls_waldir()',
  needs: { privilege: 'pg_monitor' },
  // It asks the file system about each file.
  every: 15,
  metrics: {
    bytes: gauge('db_wal_directory_bytes', 'Size of the files in pg_wal; read at most every 15 s.'),
    segments: gauge('db_wal_segments', 'WAL segments in pg_wal, recycled ones too; read at most every 15 s.'),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly WalDirectoryRow[], m) =>
    rows.flatMap((r) => [m.bytes({}, r.bytes), m.segments({}, r.segments)]),
});
