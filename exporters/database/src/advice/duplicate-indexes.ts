import { defineRule, type Finding, type PostgresFacts, quoteQualified } from '@submilli/core';
import { type IndexFound, indexes } from '../surveys/indexes';
import { bytes, run } from './action';
import { findingsFor, inDatabase, onPrimary, subjectOf } from './objects';

export const duplicateIndexes = defineRule<PostgresFacts, { indexes: typeof indexes }>({
  name: 'duplicate-indexes',
  title: 'Indexes that are there twice',
  signal: 'pg_index: the same table, method, columns, operator classes, collations, order, expressions and predicate',
  threshold: 'any',
  inputs: { indexes },
  check: ({ indexes: all }, env) =>
    onPrimary(env, () =>
      findingsFor(
        new Map([...all].map(([database, { problems }]) => [database, problems.duplicate])),
        ({ bytes: size }) => size,
        findingOf,
      ),
    ),
});

const findingOf = (found: IndexFound, database: string): Finding => ({
  subject: subjectOf(database, found.schema, found.index),
  severity: 'warning',
  title: `Index ${found.index} of ${found.schema}.${found.table} does what ${found.instead ?? 'another'} does`,
  why: 'Both are written at each insert and at each update that is not HOT, and both take room in memory; the planner needs one of them.',
  evidence: [
    { label: 'same as', value: found.instead ?? '', unit: '' },
    { label: 'size', value: found.bytes, unit: 'bytes' },
    { label: 'scans, which the other one will take over', value: found.scans, unit: '' },
    { label: 'entries written since statistics were reset', value: found.writes, unit: 'rows' },
  ],
  action: run(
    'sql',
    inDatabase(database, `DROP INDEX CONCURRENTLY ${quoteQualified(found.schema, found.index)};`),
    true,
    'SHARE UPDATE EXCLUSIVE on the table; waits for transactions that use it',
  ),
  impact: {
    ...{ what: 'size of the index', before: bytes(found.bytes), after: '0 kB', confidence: 'high' },
    measured: 'definitions compared in pg_index; size as of the last VACUUM or ANALYZE',
  },
});
