import { folded, defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({ database: z.string(), bytes: z.number() });

export type SizeRow = z.infer<typeof row>;

/**
 * `pg_database_size` adds up files and takes no lock that DDL could block; with many files that is work, hence the
 * minimum interval.
 */
const sql = `
  SELECT d.datname::text AS database, pg_catalog.pg_database_size(d.oid) AS bytes
    FROM pg_catalog.pg_database d
   WHERE d.datallowconn AND NOT d.datistemplate`;

export const size = defineCollector({
  name: 'size',
  source: 'pg_database_size()',
  needs: { privilege: 'pg_monitor' },
  every: 60,
  metrics: {
    bytes: folded(
      'sum',
      gauge('db_size_bytes', 'Size of the database on disk; read at most once a minute.', ['database']),
    ),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly SizeRow[], m) => rows.map(({ database, bytes }) => m.bytes({ database }, bytes)),
});
