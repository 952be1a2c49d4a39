import type { IndexesAnswer, PostgresFacts, Resource } from '@submilli/core';
import { foreignKeys } from '../surveys/foreign-keys';
import { indexes } from '../surveys/indexes';
import { PROBLEMS } from '../surveys/indexes-sql';

export const indexesResource: Resource<PostgresFacts> = {
  path: 'indexes',
  answer: ({ snapshots }): IndexesAnswer => {
    const all = [...(snapshots.of(indexes) ?? [])];
    return {
      databases: all.map(([database, { indexes: count, counted_since }]) => ({
        database,
        indexes: count,
        countedSince: counted_since === null ? null : new Date(counted_since * 1000).toISOString(),
      })),
      problems: all
        .flatMap(([database, { problems }]) =>
          PROBLEMS.flatMap((problem) =>
            problems[problem].worst.map(
              ({ schema, table, index, columns, unique, partial, bytes, scans, instead }) => ({
                ...{ database, problem, schema, table, index, columns, unique, partial, bytes, scans, instead },
              }),
            ),
          ),
        )
        .sort((a, b) => b.bytes - a.bytes),
      foreignKeys: [...(snapshots.of(foreignKeys) ?? [])].flatMap(([database, { worst }]) =>
        worst.map(({ schema, table, constraint, columns, rows, parent_schema, parent }) => ({
          ...{ database, schema, table, constraint, columns, rows, parent: `${parent_schema}.${parent}` },
        })),
      ),
    };
  },
};
