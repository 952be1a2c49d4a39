import { defineSurvey, folded, gauge, type Readings, readRows } from '@submilli/core';
import { z } from 'zod';
import { indexesSql, PROBLEMS } from './indexes-sql';

const found = z.object({
  schema: z.string(),
  table: z.string(),
  index: z.string(),
  method: z.string(),
  /** Names of the key columns in order; null stands for an expression. */
  columns: z.string().nullable().array(),
  partial: z.boolean(),
  unique: z.boolean(),
  bytes: z.number(),
  scans: z.number(),
  /** Rows inserted, updated other than HOT, and deleted: each has cost an entry in the index. */
  writes: z.number(),
  table_rows: z.number(),
  /** The index that does the same work, for those that are duplicate or redundant. */
  instead: z.string().nullable(),
});

const problem = z.object({ count: z.number(), bytes: z.number(), worst: found.array() });

const row = z.object({
  /** Since when scans are counted; null when the server doesn't say. */
  counted_since: z.number().nullable(),
  indexes: z.number(),
  problems: z.object({ unused: problem, duplicate: problem, redundant: problem, invalid: problem }),
});

export type IndexesRow = z.infer<typeof row>;
export type IndexFound = z.infer<typeof found>;
export type IndexProblem = (typeof PROBLEMS)[number];
export type Indexes = ReadonlyMap<string, IndexesRow>;

const labels = ['database', 'problem'] as const;

export const indexes = defineSurvey({
  name: 'indexes',
  source: 'pg_index, pg_stat_all_indexes, pg_stat_progress_create_index',
  metrics: {
    indexes: folded(
      'sum',
      gauge(
        'db_indexes',
        'Indexes by what is wrong with them, each counted once: unused since statistics were reset (above 10 MB), duplicate, redundant (the first columns of another), invalid.',
        labels,
      ),
    ),
    bytes: folded('sum', gauge('db_indexes_bytes', 'Their size, as of the last VACUUM or ANALYZE.', labels)),
  },
  interval: ({ survey_interval_seconds }) => 5 * survey_interval_seconds,
  start: (): Indexes => new Map(),
  read: readRows(indexesSql, row),
  fold: (_state: Indexes, readings: Readings<readonly IndexesRow[]>) =>
    new Map([...readings].flatMap(([database, [only]]) => (only === undefined ? [] : [[database, only] as const]))),
  publish: (all: Indexes, m) =>
    [...all].flatMap(([database, { problems }]) =>
      PROBLEMS.flatMap((name) => [
        m.indexes({ database, problem: name }, problems[name].count),
        m.bytes({ database, problem: name }, problems[name].bytes),
      ]),
    ),
});
