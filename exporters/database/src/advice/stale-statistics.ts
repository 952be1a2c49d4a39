import { defineRule, type Finding, type PostgresFacts, quoteQualified } from '@submilli/core';
import { maintenance, type OverdueTable } from '../surveys/maintenance';
import { duration, run } from './action';
import { findingsFor, inDatabase, subjectOf } from './objects';

/** Twice what autovacuum waits for, and hours after the last time: it isn’t just about to come. */
const FACTOR = 2;
const HOURS = 3;

export const staleStatistics = defineRule<PostgresFacts, { maintenance: typeof maintenance }>({
  name: 'stale-statistics',
  title: 'The planner works with old statistics',
  signal: 'rows modified since the last analyze against autovacuum’s threshold for the table',
  threshold: `${FACTOR} times the threshold, ${HOURS} hours since the last analyze`,
  inputs: { maintenance },
  check: ({ maintenance: all }, _env, now) => {
    const isStale = ({ count, threshold, last }: OverdueTable): boolean =>
      count > FACTOR * Math.max(threshold, 1) && (last === null || now / 1000 - last > HOURS * 3600);
    const stale = new Map(
      [...all].map(([database, { analyze }]) => {
        const worst = analyze.filter(isStale);
        return [database, { count: worst.length, worst }];
      }),
    );
    return findingsFor(stale, ratioOf, (table, database) => findingOf(table, database, now / 1000));
  },
});

const ratioOf = ({ count, threshold }: OverdueTable): number => count / Math.max(threshold, 1);

const findingOf = (table: OverdueTable, database: string, now: number): Finding => ({
  subject: subjectOf(database, table.schema, table.table),
  severity: 'warning',
  title: `${table.schema}.${table.table} has changed by ${table.count} rows since it was analyzed`,
  why: 'Row counts and value distributions that no longer hold make the planner choose the wrong join or index.',
  evidence: [
    { label: 'rows modified since the last analyze', value: table.count, unit: 'rows' },
    { label: 'autovacuum’s threshold for this table', value: Math.round(table.threshold), unit: 'rows' },
    { label: 'last analyze', value: table.last === null ? 'never' : `${duration(now - table.last)} ago`, unit: '' },
    { label: 'autovacuum for this table', value: table.enabled ? 'on' : 'off', unit: '' },
  ],
  action: run(
    'sql',
    inDatabase(database, `ANALYZE ${quoteQualified(table.schema, table.table)};`),
    false,
    'SHARE UPDATE EXCLUSIVE',
  ),
  impact: {
    ...{ what: 'rows that statistics know nothing of', before: String(table.count), after: '0', confidence: 'high' },
    measured: 'pg_stat_get_mod_since_analyze()',
  },
});
