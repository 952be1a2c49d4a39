import { defineCollector, folded, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({ database: z.string(), transactions: z.number(), oldest: z.number() });

export type PreparedRow = z.infer<typeof row>;

const sql = `
  SELECT d.datname::text AS database, count(p.gid) AS transactions,
         greatest(coalesce(max(extract(epoch FROM pg_catalog.clock_timestamp() - p.prepared)), 0), 0)::float8 AS oldest
    FROM pg_catalog.pg_database d
    LEFT JOIN pg_catalog.pg_prepared_xacts p ON p.database = d.datname
   WHERE d.datallowconn AND NOT d.datistemplate
     AND pg_catalog.current_setting('max_prepared_transactions')::int > 0
   GROUP BY 1`;

const labels = ['database'] as const;

export const prepared = defineCollector({
  name: 'prepared',
  source: 'pg_prepared_xacts',
  // A standby has those of its primary, but shows none before it is promoted.
  needs: { role: 'primary' },
  metrics: {
    transactions: folded(
      'sum',
      gauge(
        'db_prepared_transactions',
        'Transactions prepared for two-phase commit; absent with max_prepared_transactions = 0.',
        labels,
      ),
    ),
    oldest: folded(
      'max',
      gauge('db_oldest_prepared_transaction_seconds', 'Age of the oldest of them; 0 when there is none.', labels),
    ),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly PreparedRow[], m) =>
    rows.flatMap(({ database, transactions, oldest }) => [
      m.transactions({ database }, transactions),
      m.oldest({ database }, oldest),
    ]),
});
