import { defineRule, type Finding, type PostgresFacts, quoteLiteral, quoteQualified } from '@submilli/core';
import { type IndexFound, indexes } from '../surveys/indexes';
import { bytes, run } from './action';
import { findingsFor, inDatabase, onPrimary, subjectOf } from './objects';

/** A smaller one is not worth the risk of a slower plan. */
const MIN_BYTES = 1024 ** 2;

export const redundantIndexes = defineRule<PostgresFacts, { indexes: typeof indexes }>({
  name: 'redundant-indexes',
  title: 'Indexes that a wider one can stand in for',
  signal: 'pg_index: the columns of a B-tree are the first ones of another, with the same predicate',
  threshold: bytes(MIN_BYTES),
  inputs: { indexes },
  check: ({ indexes: all }, env) =>
    onPrimary(env, () =>
      findingsFor(
        new Map([...all].map(([database, { problems }]) => [database, largeOnes(problems.redundant)])),
        ({ bytes: size }) => size,
        findingOf,
      ),
    ),
});

/** Those below the size are at the end of the list; only of those that are on it is the size known. */
const largeOnes = ({ count, worst }: { count: number; worst: readonly IndexFound[] }) => {
  const large = worst.filter(({ bytes: size }) => size >= MIN_BYTES);
  return { worst: large, count: large.length < worst.length ? large.length : count };
};

const findingOf = (found: IndexFound, database: string): Finding => {
  const name = quoteQualified(found.schema, found.index);
  return {
    subject: subjectOf(database, found.schema, found.index),
    severity: 'info',
    title: `Index ${found.index} of ${found.schema}.${found.table} is the beginning of ${found.instead ?? 'another'}`,
    why: 'The wider index answers the same searches. It is larger, so a scan of many entries takes longer there: compare the plans of the busiest statements before and after.',
    evidence: [
      { label: 'columns', value: found.columns.join(', '), unit: '' },
      { label: 'beginning of', value: found.instead ?? '', unit: '' },
      { label: 'size', value: found.bytes, unit: 'bytes' },
      { label: 'scans since statistics were reset', value: found.scans, unit: '' },
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
      measured: 'definitions compared in pg_index, no plan compared; size as of the last VACUUM or ANALYZE',
    },
  };
};
