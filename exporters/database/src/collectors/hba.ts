import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({ methods: z.record(z.string(), z.number()), errors: z.number(), hash: z.number() });

export type HbaRow = z.infer<typeof row>;

/**
 * The rules never leave the server, only how many there are of each method and a hash: their options can hold secrets.
 * 48 bits, so that the number is exact in a double. `order` is that in which the server goes through them.
 */
const textFor = (order: string): string => `
  WITH rules AS MATERIALIZED (
    SELECT * FROM pg_catalog.pg_hba_file_rules()
  ), listed AS (
    SELECT coalesce(pg_catalog.string_agg(
             pg_catalog.concat_ws('|', r.type, r.database, r.user_name, r.address, r.netmask, r.auth_method, r.options,
                                  r.error), E'\\n' ORDER BY ${order}), '') AS text
      FROM rules r
  )
  SELECT (SELECT coalesce(pg_catalog.json_object_agg(m.auth_method, m.n), '{}')
            FROM (SELECT r.auth_method, count(*) AS n FROM rules r WHERE r.auth_method IS NOT NULL GROUP BY 1) m) AS methods,
         (SELECT count(*) FROM rules r WHERE r.error IS NOT NULL) AS errors,
         ('x' || substr(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(listed.text, 'UTF8')), 'hex'), 1, 12)
         )::bit(48)::bigint AS hash
    FROM listed`;

/** From 16 on a file can include others, so that lines of the same number are in several. */
const sql = { 14: textFor('r.line_number'), 16: textFor('r.rule_number, r.file_name, r.line_number') } as const;

export const hba = defineCollector({
  name: 'hba',
  source: 'pg_hba_file_rules()',
  needs: { execute: 'pg_hba_file_rules()' },
  every: 60,
  metrics: {
    rules: gauge('db_hba_rules', 'Rules of pg_hba.conf by authentication method.', ['auth_method']),
    errors: gauge('db_hba_errors', 'Lines of pg_hba.conf that the server cannot use.'),
    hash: gauge('db_hba_hash', 'A number that changes when the rules of pg_hba.conf do.'),
  },
  read: readRows(sql, row),
  publish: (rows: readonly HbaRow[], m) =>
    rows.flatMap((r) => [
      ...Object.entries(r.methods).map(([auth_method, count]) => m.rules({ auth_method }, count)),
      m.errors({}, r.errors),
      m.hash({}, r.hash),
    ]),
});
