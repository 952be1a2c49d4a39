import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({ methods: z.record(z.string(), z.number()), errors: z.number(), hash: z.number() });

export type HbaRow = z.infer<typeof row>;

/**
 * The rules never leave the server, only how many there are of each method and a hash: their options can hold secrets.
 * 48 bits, so that the number is exact in a double.
 */
const sql = `
  SELECT (SELECT coalesce(pg_catalog.json_object_agg(m.auth_method, m.n), '{}')
            FROM (SELECT r.auth_method, count(*) AS n FROM pg_catalog.pg_hba_file_rules() r
                   WHERE r.auth_method IS NOT NULL GROUP BY 1) m) AS methods,
         (SELECT count(*) FROM pg_catalog.pg_hba_file_rules() r WHERE r.error IS NOT NULL) AS errors,
         (SELECT ('x' || substr(pg_catalog.md5(coalesce(pg_catalog.string_agg(
                   pg_catalog.concat_ws('|', r.type, r.database, r.user_name, r.address, r.netmask, r.auth_method,
                                        r.options, r.error), E'\\n' ORDER BY r.line_number), '')), 1, 12))::bit(48)::bigint
            FROM pg_catalog.pg_hba_file_rules() r) AS hash`;

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
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly HbaRow[], m) =>
    rows.flatMap((r) => [
      ...Object.entries(r.methods).map(([auth_method, count]) => m.rules({ auth_method }, count)),
      m.errors({}, r.errors),
      m.hash({}, r.hash),
    ]),
});
