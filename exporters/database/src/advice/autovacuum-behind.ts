import { defineRule, type Finding, type PostgresFacts, quoteQualified } from '@submilli/core';
import { maintenance, type OverdueTable } from '../surveys/maintenance';
import { duration, run } from './action';
import { comment, findingsFor, inDatabase, subjectOf } from './objects';

/** Twice the threshold: autovacuum has had its chance, and didn’t come or didn’t get through. */
const FACTOR = 2;

/** What a large table’s share of dead rows should be at most when a vacuum begins; the default is 0.2. */
const SCALE_FACTORS = [
  { rows: 10_000_000, factor: 0.01 },
  { rows: 1_000_000, factor: 0.02 },
  { rows: 100_000, factor: 0.05 },
] as const;

export const autovacuumBehind = defineRule<PostgresFacts, { maintenance: typeof maintenance }>({
  name: 'autovacuum-behind',
  title: 'Autovacuum is behind on a table',
  signal:
    'dead rows against autovacuum’s threshold for the table, its own settings and autovacuum_vacuum_max_threshold included',
  threshold: `${FACTOR} times the threshold`,
  inputs: { maintenance },
  check: ({ maintenance: all }, _env, now) => {
    const behind = new Map(
      [...all].map(([database, { dead }]) => {
        const worst = dead.filter((table) => table.enabled && ratioOf(table) > FACTOR);
        return [database, { count: worst.length, worst }];
      }),
    );
    return findingsFor(behind, ratioOf, (table, database) => findingOf(table, database, now / 1000));
  },
});

const ratioOf = ({ count, threshold }: OverdueTable): number => count / Math.max(threshold, 1);

/** The scale factor to set, if the one in force is larger than what suits the table’s size. */
const betterFactor = ({ rows, threshold }: OverdueTable): number | undefined => {
  const fit = SCALE_FACTORS.find(({ rows: least }) => rows >= least)?.factor;
  return fit !== undefined && threshold > fit * rows ? fit : undefined;
};

const findingOf = (table: OverdueTable, database: string, now: number): Finding => {
  const name = quoteQualified(table.schema, table.table);
  const factor = betterFactor(table);
  return {
    subject: subjectOf(database, table.schema, table.table),
    severity: 'warning',
    title: `${table.schema}.${table.table} has ${table.count} dead rows, ${ratioOf(table).toFixed(1)} times what autovacuum waits for`,
    why: 'Scans read through dead rows and the table grows. Either all workers are busy (db_autovacuum_workers), a vacuum is too slow (autovacuum_vacuum_cost_delay), or an old transaction, slot or standby keeps the rows needed: then no vacuum helps until it is gone (horizon-held).',
    evidence: [
      { label: 'dead rows', value: table.count, unit: 'rows' },
      { label: 'autovacuum’s threshold for this table', value: Math.round(table.threshold), unit: 'rows' },
      { label: 'live rows', value: Math.round(table.rows), unit: 'rows' },
      { label: 'last vacuum', value: table.last === null ? 'never' : `${duration(now - table.last)} ago`, unit: '' },
    ],
    action: run(
      'sql',
      inDatabase(
        database,
        `VACUUM (VERBOSE, ANALYZE) ${name};`,
        ...(factor === undefined
          ? []
          : [
              `ALTER TABLE ${name} SET (autovacuum_vacuum_scale_factor = ${factor});`,
              comment(`back with: ALTER TABLE ${name} RESET (autovacuum_vacuum_scale_factor);`),
            ]),
      ),
      factor !== undefined,
      'SHARE UPDATE EXCLUSIVE',
    ),
    impact: {
      what: 'dead rows when a vacuum begins',
      before: String(table.count),
      after: String(Math.round(factor === undefined ? table.threshold : factor * table.rows)),
      confidence: 'medium',
      measured: 'pg_stat_get_dead_tuples() against the threshold as autovacuum computes it',
    },
  };
};
