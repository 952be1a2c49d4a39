import { counter, defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  archived: z.number(),
  failed: z.number(),
  last_archived: z.number().nullable(),
  last_failed: z.number().nullable(),
  last_failed_wal: z.string().nullable(),
});

export type ArchiverRow = z.infer<typeof row>;

/** Not with archive_mode off, nor on a standby unless it is `always`. */
export const archivesHere = `(
  pg_catalog.current_setting('archive_mode') = 'always'
  OR (pg_catalog.current_setting('archive_mode') = 'on' AND NOT pg_catalog.pg_is_in_recovery()))`;

/**
 * No row where nothing is archived: there the view still has what it counted before a demotion, which would look like
 * an archiver that hangs.
 */
const sql = `
  SELECT a.archived_count AS archived, a.failed_count AS failed,
         extract(epoch FROM a.last_archived_time)::float8 AS last_archived,
         extract(epoch FROM a.last_failed_time)::float8 AS last_failed,
         a.last_failed_wal
    FROM pg_catalog.pg_stat_archiver a
   WHERE ${archivesHere}`;

export const archiver = defineCollector({
  name: 'archiver',
  source: 'pg_stat_archiver',
  metrics: {
    archived: counter('db_archiver_archived_total', 'WAL files archived; absent where this server archives nothing.'),
    failed: counter('db_archiver_failed_total', 'Failed attempts to archive a WAL file.'),
    lastArchived: gauge('db_archiver_last_archived_timestamp_seconds', 'When a WAL file was last archived.'),
    lastFailed: gauge('db_archiver_last_failed_timestamp_seconds', 'When archiving last failed.'),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly ArchiverRow[], m) =>
    rows.flatMap((r) => [
      m.archived({}, r.archived),
      m.failed({}, r.failed),
      m.lastArchived({}, r.last_archived),
      m.lastFailed({}, r.last_failed),
    ]),
});
