import { defineRule, type Finding, type PostgresFacts, quoteIdentifier, quoteQualified } from '@submilli/core';
import { CHILD_MIN_ROWS, type ForeignKey, foreignKeys } from '../surveys/foreign-keys';
import { bytes, run } from './action';
import { findingsFor, inDatabase, onPrimary } from './objects';

export const foreignKeyIndexes = defineRule<PostgresFacts, { foreignKeys: typeof foreignKeys }>({
  name: 'foreign-key-indexes',
  title: 'Foreign keys that read the whole table',
  signal: 'pg_constraint against the first columns of the table’s complete indexes',
  threshold: `more than ${CHILD_MIN_ROWS} rows; a warning once rows of the parent were deleted or updated`,
  inputs: { foreignKeys },
  check: ({ foreignKeys: all }, env) =>
    onPrimary(env, () =>
      findingsFor(all, ({ parent_changes, rows }) => (parent_changes > 0 ? 1e15 : 0) + rows, findingOf),
    ),
});

const findingOf = (key: ForeignKey, database: string): Finding => {
  const table = quoteQualified(key.schema, key.table);
  const columns = key.columns.map(quoteIdentifier).join(', ');
  const text = key.partitioned
    ? [
        '-- the parent of partitions can’t be indexed CONCURRENTLY; this blocks writes while it builds. To avoid it, build',
        '-- on each partition CONCURRENTLY, then CREATE INDEX … ON ONLY the parent, and attach them.',
        `CREATE INDEX ON ${table} (${columns});`,
      ]
    : [`CREATE INDEX CONCURRENTLY ON ${table} (${columns});`];
  return {
    subject: `${database}: ${key.schema}.${key.table} ${key.constraint}`,
    severity: key.parent_changes > 0 ? 'warning' : 'info',
    title: `No index serves ${key.constraint} of ${key.schema}.${key.table}`,
    why: `Each row deleted from ${key.parent_schema}.${key.parent}, and each update of its key, looks for rows of ${key.table} that refer to it: without an index it reads all of them, and holds its locks as long.`,
    evidence: [
      { label: 'columns', value: key.columns.join(', '), unit: '' },
      { label: 'rows to read through', value: Math.round(key.rows), unit: 'rows' },
      { label: 'size to read through', value: key.bytes, unit: 'bytes' },
      {
        label: 'rows of the parent deleted or updated since statistics were reset',
        value: key.parent_changes,
        unit: 'rows',
      },
    ],
    action: run(
      'sql',
      inDatabase(database, ...text),
      true,
      key.partitioned
        ? 'SHARE on the table and its partitions'
        : 'SHARE UPDATE EXCLUSIVE on the table; waits for older transactions',
    ),
    impact: {
      ...{ what: 'read for each deleted row of the parent', before: bytes(key.bytes), after: 'a few blocks' },
      confidence: 'medium',
      measured: 'catalogs and the table’s size as of the last VACUUM or ANALYZE; no statement was run',
    },
  };
};
