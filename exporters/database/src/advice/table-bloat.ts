import { defineRule, type Finding, type PostgresFacts, quoteLiteral, quoteQualified } from '@submilli/core';
import { bloat, type BloatedTable } from '../surveys/bloat';
import { bytes, run } from './action';
import { comment, findingsFor, inDatabase, onPrimary, subjectOf } from './objects';

/** As for index bloat in check_postgres and pganalyze: below that, the estimate’s error is as large as the gain. */
const RATIO = 0.4;
const MIN_BYTES = 50 * 1024 ** 2;

export const tableBloat = defineRule<PostgresFacts, { bloat: typeof bloat }>({
  name: 'table-bloat',
  title: 'Tables much larger than their rows',
  signal: 'pages of the table against an estimate from its column statistics; without TOAST and indexes',
  threshold: `${RATIO * 100} % and ${bytes(MIN_BYTES)}`,
  inputs: { bloat },
  check: ({ bloat: { rows } }, env) =>
    onPrimary(env, () => {
      const sum = (count: 'candidates' | 'examined'): number =>
        [...rows.values()].reduce((total, row) => total + row[count], 0);
      if (sum('candidates') > 0 && sum('examined') === 0) {
        return {
          notEvaluated: `${env.facts.user} sees the column statistics of none of ${sum('candidates')} large tables: PostgreSQL shows them to those who may SELECT from the table`,
        };
      }
      const bloated = new Map(
        [...rows].map(([database, { worst: all }]) => {
          const worst = all.filter((table) => table.bloat_bytes >= MIN_BYTES && ratioOf(table) >= RATIO);
          return [database, { count: worst.length, worst }];
        }),
      );
      return findingsFor(bloated, ({ bloat_bytes }) => bloat_bytes, findingOf);
    }),
});

const ratioOf = ({ bloat_bytes, table_bytes }: BloatedTable): number => bloat_bytes / table_bytes;

const findingOf = (table: BloatedTable, database: string): Finding => {
  const name = quoteQualified(table.schema, table.table);
  const percent = (ratioOf(table) * 100).toFixed(0);
  return {
    subject: subjectOf(database, table.schema, table.table),
    severity: 'info',
    title: `About ${percent} % of ${table.schema}.${table.table} is empty space`,
    why: 'Sequential scans read it and it takes room in memory and backups. New rows will fill it, so it is worth removing only if the table will not grow into it; and first find out why vacuum came too late (autovacuum-behind, horizon-held).',
    evidence: [
      { label: 'size', value: table.table_bytes, unit: 'bytes' },
      { label: 'estimated empty', value: table.bloat_bytes, unit: 'bytes' },
      { label: 'estimated empty', value: ratioOf(table), unit: 'ratio' },
      { label: 'live rows', value: Math.round(table.rows), unit: 'rows' },
    ],
    action: run(
      'sql',
      inDatabase(
        database,
        comment('this is an estimate; measure it first (extension pgstattuple):'),
        comment(`SELECT * FROM pgstattuple_approx(${quoteLiteral(name)}::pg_catalog.regclass);`),
        comment('pg_repack does the same with short locks'),
        `VACUUM (FULL, VERBOSE, ANALYZE) ${name};`,
      ),
      false,
      'ACCESS EXCLUSIVE on the table while it is rewritten',
    ),
    impact: {
      ...{ what: 'size of the table', before: bytes(table.table_bytes) },
      ...{ after: `about ${bytes(table.table_bytes - table.bloat_bytes)}`, confidence: 'low' },
      measured: 'estimate from pg_stats, as of the last ANALYZE',
    },
  };
};
