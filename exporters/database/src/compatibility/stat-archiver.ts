import { defineCollector, readRows } from '@submilli/core';
import type { z } from 'zod';
import { columnMetrics, columnSamples, columnValues, needs, PREFIX } from './peer';

const columns = {
  archived_count: ['counter', 'WAL files archived.'],
  failed_count: ['counter', 'Failed attempts to archive a WAL file.'],
  last_archive_age: ['gauge', 'Seconds since a WAL file was last archived; absent when none was.'],
} as const;

const row = columnValues(columns);

const sql = `
  SELECT a.archived_count, a.failed_count,
         extract(epoch FROM pg_catalog.now() - a.last_archived_time)::float8 AS last_archive_age
    FROM pg_catalog.pg_stat_archiver a`;

export const compatStatArchiver = defineCollector({
  name: `${PREFIX}stat_archiver`,
  source: 'pg_stat_archiver',
  needs,
  metrics: columnMetrics(columns, (column) => `pg_stat_archiver_${column}`),
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly z.infer<typeof row>[], m) => rows.flatMap((r) => columnSamples(columns, r, {}, m)),
});
