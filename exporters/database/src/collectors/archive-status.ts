import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';
import { archivesHere } from './archiver';

const row = z.object({ ready: z.number(), oldest: z.number().nullable() });

export type ArchiveStatusRow = z.infer<typeof row>;

/** A file is marked `.ready` when it is complete, and `.done` once it is archived. */
const sql = `
  SELECT count(*) AS ready, extract(epoch FROM min(f.modification))::float8 AS oldest
    FROM pg_catalog.pg_ls_archive_statusdir() f
   WHERE f.name LIKE '%.ready'
  HAVING ${archivesHere}`;

export const archiveStatus = defineCollector({
  name: 'archive-status',
  source: 'pg_ls_archive_statusdir()',
  needs: { privilege: 'pg_monitor' },
  // It asks the file system about each file, and an archiver that hangs leaves many.
  every: 15,
  metrics: {
    ready: gauge('db_archiver_ready_segments', 'WAL files that wait to be archived; read at most every 15 s.'),
    oldest: gauge(
      'db_archiver_oldest_ready_timestamp_seconds',
      'Since when the oldest of them waits: what was written since is in no archive; absent when none waits.',
    ),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly ArchiveStatusRow[], m) =>
    rows.flatMap((r) => [m.ready({}, r.ready), m.oldest({}, r.oldest)]),
});
