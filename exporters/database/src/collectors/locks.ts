import { defineCollector, folded, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({ database: z.string(), mode: z.string(), granted: z.boolean(), locks: z.number() });

export type LocksRow = z.infer<typeof row>;

/** Counted in the server; our own session, which holds a lock on the views it reads, is left out. */
const sql = `
  SELECT coalesce(d.datname::text, '') AS database, l.mode, l.granted, count(*) AS locks
    FROM pg_catalog.pg_locks l
    LEFT JOIN pg_catalog.pg_database d ON d.oid = l.database
   WHERE l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid() AND l.mode IS NOT NULL
   GROUP BY 1, 2, 3`;

export const locks = defineCollector({
  name: 'locks',
  source: 'pg_locks',
  metrics: {
    locks: folded(
      'sum',
      gauge(
        'db_locks',
        'Locks by mode, held (granted="true") and waited for; no database: transactions and shared objects.',
        ['database', 'mode', 'granted'],
      ),
    ),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly LocksRow[], m) =>
    rows.map(({ database, mode, granted, locks: count }) =>
      m.locks({ database, mode, granted: String(granted) }, count),
    ),
});
