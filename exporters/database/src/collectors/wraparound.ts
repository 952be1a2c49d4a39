import { defineCollector, folded, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  database: z.string(),
  xid_age: z.number(),
  multixact_age: z.number(),
  autovacuum_freeze_max_age: z.number(),
  autovacuum_multixact_freeze_max_age: z.number(),
});

export type WraparoundRow = z.infer<typeof row>;

/** Ids are compared modulo 2^32, so that half of them can be in use before old rows would seem to lie in the future. */
export const WRAPAROUND_LIMIT = 2 ** 31;

/** All databases, templates too: the oldest one stops the whole server, whoever uses it. */
const sql = `
  SELECT d.datname::text AS database,
         pg_catalog.age(d.datfrozenxid) AS xid_age,
         pg_catalog.mxid_age(d.datminmxid) AS multixact_age,
         pg_catalog.current_setting('autovacuum_freeze_max_age')::int AS autovacuum_freeze_max_age,
         pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')::int AS autovacuum_multixact_freeze_max_age
    FROM pg_catalog.pg_database d`;

const labels = ['database'] as const;

export const wraparound = defineCollector({
  name: 'wraparound',
  source: 'pg_database',
  metrics: {
    xidAge: folded(
      'max',
      gauge('db_transaction_id_age', 'Transactions since the oldest unfrozen one of the database.', labels),
    ),
    multixactAge: folded(
      'max',
      gauge('db_multixact_id_age', 'Multixacts since the oldest one of the database.', labels),
    ),
    xidUsed: folded(
      'max',
      gauge(
        'db_transaction_id_used_ratio',
        'Age of the oldest transaction id against the 2^31 at which the server stops (0 to 1).',
        labels,
      ),
    ),
    multixactUsed: folded('max', gauge('db_multixact_id_used_ratio', 'The same for multixacts.', labels)),
    xidFreeze: gauge(
      'db_autovacuum_freeze_max_age',
      'Age of transaction ids at which autovacuum freezes a table whatever else.',
    ),
    multixactFreeze: gauge('db_autovacuum_multixact_freeze_max_age', 'The same for multixacts.'),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly WraparoundRow[], m) => [
    ...rows.flatMap(({ database, xid_age, multixact_age }) => [
      m.xidAge({ database }, xid_age),
      m.multixactAge({ database }, multixact_age),
      m.xidUsed({ database }, xid_age / WRAPAROUND_LIMIT),
      m.multixactUsed({ database }, multixact_age / WRAPAROUND_LIMIT),
    ]),
    ...rows
      .slice(0, 1)
      .flatMap((r) => [
        m.xidFreeze({}, r.autovacuum_freeze_max_age),
        m.multixactFreeze({}, r.autovacuum_multixact_freeze_max_age),
      ]),
  ],
});
