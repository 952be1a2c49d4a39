import { counter, defineSurvey, type Env, OTHER, type PostgresFacts, type Readings, readRows } from '@submilli/core';
import { z } from 'zod';
import { type Kind, nothingRanked, rank, type Ranking, splitShown } from '../objects/ranking';

const row = z.object({ schema: z.string(), table: z.string(), index: z.string(), scans: z.number() });

export type IndexActivityRow = z.infer<typeof row>;
export type IndexActivity = Ranking<IndexActivityRow, 'scans'>;

/** Of a database with more indexes, those with the fewest scans are not read. */
const MOST_INDEXES = 10_000;

const sql = `
  SELECT n.nspname::text AS schema, t.relname::text AS "table", i.relname::text AS index,
         pg_catalog.pg_stat_get_numscans(i.oid) AS scans
    FROM pg_catalog.pg_index x
    JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
    JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
   WHERE i.relkind = 'i' AND t.relkind IN ('r', 'm') AND t.relpersistence <> 't'
     AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   ORDER BY scans DESC
   LIMIT ${MOST_INDEXES}`;

const kind: Kind<IndexActivityRow, 'scans'> = {
  // An index is in the schema of its table; no name holds the character 0.
  nameOf: ({ schema, index }) => `${schema}\u0000${index}`,
  counters: ['scans'],
  effort: ({ scans }) => scans,
  readingLimit: MOST_INDEXES,
};

export const indexActivity = defineSurvey({
  name: 'index-activity',
  source: 'pg_stat_all_indexes',
  metrics: {
    scans: counter('db_index_scans_total', 'Scans begun on the index.', ['database', 'schema', 'table', 'index']),
  },
  interval: ({ survey_interval_seconds }) => survey_interval_seconds,
  start: () => nothingRanked<IndexActivityRow, 'scans'>(),
  read: readRows({ 14: sql }, row),
  fold: (state: IndexActivity, readings: Readings<readonly IndexActivityRow[]>, _at, { config }: Env<PostgresFacts>) =>
    rank(kind, state, readings, config.limits.indexes),
  publish: (state: IndexActivity, m) =>
    [...state.others].flatMap(([database, { scans }]) => {
      const { shown, hidden } = splitShown(state, database);
      return [
        ...shown.map(({ schema, table, index, scans: own }) => m.scans({ database, schema, table, index }, own)),
        ...(hidden.length > 0 ? [m.scans({ database, schema: '', table: '', index: OTHER }, scans)] : []),
      ];
    }),
});
