import { defineRule, type Finding, type PostgresFacts, quoteQualified } from '@submilli/core';
import { type IndexFound, indexes } from '../surveys/indexes';
import { bytes, run } from './action';
import { comment, findingsFor, inDatabase, onPrimary, subjectOf } from './objects';

export const invalidIndexes = defineRule<PostgresFacts, { indexes: typeof indexes }>({
  name: 'invalid-indexes',
  title: 'Indexes that are written but never read',
  signal: 'pg_index.indisvalid is false, and pg_stat_progress_create_index has no build on the table',
  threshold: 'any',
  inputs: { indexes },
  check: ({ indexes: all }, env) =>
    onPrimary(env, () =>
      findingsFor(
        new Map([...all].map(([database, { problems }]) => [database, problems.invalid])),
        ({ bytes: size }) => size,
        findingOf,
      ),
    ),
});

/** What REINDEX CONCURRENTLY calls its new and its old copy; one that is left is of no use to anybody. */
const isLeftover = (name: string): boolean => /_cc(new|old)\d*$/.test(name);

const findingOf = (found: IndexFound, database: string): Finding => {
  const name = quoteQualified(found.schema, found.index);
  const cure = isLeftover(found.index)
    ? [`DROP INDEX CONCURRENTLY ${name};`]
    : [
        ...(found.unique ? ['-- the table must be rid of duplicates first, or this fails again'] : []),
        `REINDEX INDEX CONCURRENTLY ${name};`,
        comment(`or, if it is not wanted: DROP INDEX CONCURRENTLY ${name};`),
      ];
  return {
    subject: subjectOf(database, found.schema, found.index),
    severity: 'warning',
    title: `Index ${found.index} of ${found.schema}.${found.table} is invalid`,
    why: 'A build with CONCURRENTLY failed or was cancelled. The planner doesn’t use what it left, and a unique one checks nothing for sure, but each write still keeps it up.',
    evidence: [
      { label: 'size', value: found.bytes, unit: 'bytes' },
      { label: 'entries written since statistics were reset', value: found.writes, unit: 'rows' },
      { label: 'unique', value: found.unique ? 'yes' : 'no', unit: '' },
    ],
    action: run(
      'sql',
      inDatabase(database, ...cure),
      false,
      'SHARE UPDATE EXCLUSIVE on the table; waits for older transactions',
    ),
    impact: {
      ...{ what: 'the index', before: `invalid, ${bytes(found.bytes)}`, after: 'valid, or gone', confidence: 'high' },
      measured: 'pg_index.indisvalid',
    },
  };
};
