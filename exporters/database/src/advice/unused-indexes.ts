import { defineRule, type Finding, type PostgresFacts, quoteLiteral, quoteQualified } from '@submilli/core';
import { type IndexFound, indexes } from '../surveys/indexes';
import { bytes, duration, run } from './action';
import { findingsFor, inDatabase, onPrimary, subjectOf } from './objects';

/** A month, so that what only runs at its end was seen too. The same for pganalyze (35 days) and others. */
const DAYS = 30;
const DAY_MS = 86_400_000;

export const unusedIndexes = defineRule<PostgresFacts, { indexes: typeof indexes }>({
  name: 'unused-indexes',
  title: 'Indexes that nothing reads',
  signal:
    'pg_stat_all_indexes.idx_scan since statistics were reset; unique, constraint’s and foreign key’s ones left out',
  threshold: `no scan in ${DAYS} days, 10 MB`,
  inputs: { indexes },
  check: ({ indexes: all }, env, now) =>
    onPrimary(env, () => {
      const ages = new Map(
        [...all].map(([database, { counted_since }]) => [
          database,
          counted_since === null ? 0 : now - counted_since * 1000,
        ]),
      );
      const judged = new Map(
        [...all]
          .filter(([database]) => (ages.get(database) ?? 0) >= DAYS * DAY_MS)
          .map(([database, { problems }]) => [database, problems.unused]),
      );
      if (judged.size === 0) {
        const oldest = Math.max(0, ...ages.values());
        return { notEvaluated: `scans are counted for ${duration(oldest / 1000)} only; it takes ${DAYS} days` };
      }
      return findingsFor(
        judged,
        ({ bytes: size }) => size,
        (index, database) => findingOf(index, database, (ages.get(database) ?? 0) / 1000),
      );
    }),
});

const findingOf = (found: IndexFound, database: string, seconds: number): Finding => {
  const name = quoteQualified(found.schema, found.index);
  return {
    subject: subjectOf(database, found.schema, found.index),
    severity: 'info',
    title: `Index ${found.index} of ${found.schema}.${found.table} was not read for ${duration(seconds)}`,
    why: 'It is written and vacuumed with its table, takes room in memory, and hinders HOT updates. Look at each standby first: its scans are counted there, and it has no indexes of its own. An index that is younger than the statistics was watched for a shorter time.',
    evidence: [
      { label: 'scans', value: found.scans, unit: '' },
      { label: 'scans are counted for', value: Math.round(seconds / 86_400), unit: 'days' },
      { label: 'size', value: found.bytes, unit: 'bytes' },
      { label: 'entries written since statistics were reset', value: found.writes, unit: 'rows' },
    ],
    action: run(
      'sql',
      inDatabase(
        database,
        '-- keep its definition, to be able to go back:',
        `SELECT pg_catalog.pg_get_indexdef(${quoteLiteral(name)}::pg_catalog.regclass);`,
        `DROP INDEX CONCURRENTLY ${name};`,
      ),
      true,
      'SHARE UPDATE EXCLUSIVE on the table; waits for transactions that use it',
    ),
    impact: {
      ...{ what: 'size of the index', before: bytes(found.bytes), after: '0 kB', confidence: 'medium' },
      measured: 'pg_stat_all_indexes of this server; size as of the last VACUUM or ANALYZE',
    },
  };
};
