import { counter, defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({ database: z.string(), conflicts: z.record(z.string(), z.number()) });

export type ConflictRow = z.infer<typeof row>;

/** Every `confl_*` column as it is; `confl_active_logicalslot` came with PostgreSQL 16. */
const sql = `
  SELECT d.datname::text AS database,
         (SELECT pg_catalog.json_object_agg(pg_catalog.substr(c.key, 7), c.value::bigint)
            FROM pg_catalog.json_each_text(pg_catalog.row_to_json(s)) AS c
           WHERE c.key LIKE 'confl\\_%') AS conflicts
    FROM pg_catalog.pg_stat_database_conflicts s
    JOIN pg_catalog.pg_database d ON d.oid = s.datid
   WHERE d.datallowconn AND NOT d.datistemplate`;

export const conflicts = defineCollector({
  name: 'conflicts',
  source: 'pg_stat_database_conflicts',
  needs: { role: 'standby' },
  metrics: {
    conflicts: counter('db_conflicts_total', 'Queries of a standby cancelled by recovery, by cause.', [
      'database',
      'cause',
    ]),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly ConflictRow[], m) =>
    rows.flatMap(({ database, conflicts: byCause }) =>
      Object.entries(byCause).map(([cause, count]) => m.conflicts({ database, cause }, count)),
    ),
});
