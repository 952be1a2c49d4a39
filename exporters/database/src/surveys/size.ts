import { defineSurvey, folded, gauge, type Readings, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({ database: z.string(), bytes: z.number() });

export type SizeRow = z.infer<typeof row>;

/** `pg_database_size` takes no lock that DDL could block, but asks the file system about every file: no work for a scrape. */
const sql = `
  SELECT d.datname::text AS database, pg_catalog.pg_database_size(d.oid) AS bytes
    FROM pg_catalog.pg_database d
   WHERE d.datallowconn AND NOT d.datistemplate`;

export const size = defineSurvey({
  name: 'size',
  source: 'pg_database_size()',
  needs: { privilege: 'pg_monitor' },
  scope: 'server',
  metrics: {
    bytes: folded('sum', gauge('db_size_bytes', 'Size of the database on disk.', ['database'])),
  },
  interval: ({ survey_interval_seconds }) => survey_interval_seconds,
  start: (): readonly SizeRow[] => [],
  read: readRows({ 14: sql }, row),
  fold: (_before, readings: Readings<readonly SizeRow[]>) => [...readings.values()].flat(),
  publish: (rows, m) => rows.map(({ database, bytes }) => m.bytes({ database }, bytes)),
});
