import { defineSurvey, folded, gauge, type Readings, readRows } from '@submilli/core';
import { z } from 'zod';
import { maintenanceSql } from './maintenance-sql';

const name = { schema: z.string(), table: z.string() };

const overdueTable = z.object({
  ...name,
  /** Estimated live rows (`reltuples`). */
  rows: z.number(),
  /** What is counted against the threshold: dead rows, inserted rows, modified rows. */
  count: z.number(),
  /** As autovacuum computes it, with the table's own settings. */
  threshold: z.number(),
  last: z.number().nullable(),
  enabled: z.boolean(),
});

const row = z.object({
  tables: z.number(),
  dead_rows: z.number(),
  overdue_dead_rows: z.number(),
  overdue_inserted_rows: z.number(),
  overdue_freeze: z.number(),
  overdue_analyze: z.number(),
  disabled: z.number(),
  /** The worst of each kind, by how far they are over their threshold. */
  dead: overdueTable.array(),
  inserted: overdueTable.array(),
  analyze: overdueTable.array(),
  /** Largest first. */
  switched_off: z.object({ ...name, rows: z.number(), dead_rows: z.number(), pages: z.number() }).array(),
  /** Those with the oldest unfrozen transaction id. */
  oldest: z.object({ ...name, xid_age: z.number(), multixact_age: z.number(), freeze_max_age: z.number() }).array(),
});

export type MaintenanceRow = z.infer<typeof row>;
export type OverdueTable = z.infer<typeof overdueTable>;
export type Maintenance = ReadonlyMap<string, MaintenanceRow>;

const labels = ['database'] as const;

export const maintenance = defineSurvey({
  name: 'maintenance',
  source: 'pg_stat_all_tables, pg_class',
  // Rows are counted where they are changed.
  needs: { role: 'primary' },
  metrics: {
    vacuumOverdue: folded(
      'sum',
      gauge(
        'db_tables_vacuum_overdue',
        'Tables over a threshold at which autovacuum vacuums them, by which: dead rows, inserted rows, age of transaction ids.',
        ['database', 'reason'],
      ),
    ),
    analyzeOverdue: folded(
      'sum',
      gauge(
        'db_tables_analyze_overdue',
        'Tables with more modified rows than the threshold at which autovacuum analyzes them.',
        labels,
      ),
    ),
    disabled: folded(
      'sum',
      gauge('db_tables_autovacuum_disabled', 'Tables for which autovacuum is switched off.', labels),
    ),
    deadRows: folded('sum', gauge('db_dead_rows', 'Estimated dead rows of all tables; without TOAST.', labels)),
    xidAge: folded(
      'max',
      gauge(
        'db_oldest_table_transaction_id_age',
        'Transactions since the oldest unfrozen one of the table that is furthest behind.',
        labels,
      ),
    ),
  },
  interval: ({ survey_interval_seconds }) => survey_interval_seconds,
  start: (): Maintenance => new Map(),
  read: readRows(maintenanceSql, row),
  fold: (_state: Maintenance, readings: Readings<readonly MaintenanceRow[]>) =>
    new Map([...readings].flatMap(([database, [only]]) => (only === undefined ? [] : [[database, only] as const]))),
  publish: (all: Maintenance, m) =>
    [...all].flatMap(([database, r]) => [
      m.vacuumOverdue({ database, reason: 'dead_rows' }, r.overdue_dead_rows),
      m.vacuumOverdue({ database, reason: 'inserted_rows' }, r.overdue_inserted_rows),
      m.vacuumOverdue({ database, reason: 'freeze' }, r.overdue_freeze),
      m.analyzeOverdue({ database }, r.overdue_analyze),
      m.disabled({ database }, r.disabled),
      m.deadRows({ database }, r.dead_rows),
      m.xidAge({ database }, r.oldest[0]?.xid_age ?? null),
    ]),
});
