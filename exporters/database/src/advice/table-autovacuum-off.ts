import { defineRule, type Finding, type PostgresFacts, quoteQualified } from '@submilli/core';
import { maintenance, type MaintenanceRow } from '../surveys/maintenance';
import { run } from './action';
import { comment, findingsFor, inDatabase, subjectOf } from './objects';

type SwitchedOff = MaintenanceRow['switched_off'][number];

export const tableAutovacuumOff = defineRule<PostgresFacts, { maintenance: typeof maintenance }>({
  name: 'table-autovacuum-off',
  title: 'Tables that autovacuum leaves alone',
  signal: 'autovacuum_enabled = off among a table’s options',
  threshold: 'any; a warning once it has dead rows',
  inputs: { maintenance },
  check: ({ maintenance: all }) =>
    findingsFor(
      new Map([...all].map(([database, r]) => [database, { count: r.disabled, worst: r.switched_off }])),
      ({ dead_rows, pages }) => (dead_rows > 0 ? 1e15 : 0) + pages,
      findingOf,
    ),
});

const findingOf = (table: SwitchedOff, database: string): Finding => {
  const name = quoteQualified(table.schema, table.table);
  return {
    subject: subjectOf(database, table.schema, table.table),
    severity: table.dead_rows > 0 ? 'warning' : 'info',
    title: `Autovacuum is switched off for ${table.schema}.${table.table}`,
    why: 'It is neither vacuumed nor analyzed until its transaction ids force it: dead rows stay, and the planner guesses. That suits a table which is loaded, read and dropped; if it is one of those, dismiss this.',
    evidence: [
      { label: 'dead rows', value: table.dead_rows, unit: 'rows' },
      { label: 'live rows', value: Math.round(table.rows), unit: 'rows' },
    ],
    action: run(
      'sql',
      inDatabase(
        database,
        `ALTER TABLE ${name} RESET (autovacuum_enabled);`,
        comment(`back with: ALTER TABLE ${name} SET (autovacuum_enabled = off);`),
      ),
      true,
      'SHARE UPDATE EXCLUSIVE',
    ),
    impact: {
      ...{ what: 'dead rows of the table', before: String(table.dead_rows), after: 'below its threshold' },
      confidence: 'high',
      measured: 'pg_class.reloptions and pg_stat_get_dead_tuples()',
    },
  };
};
