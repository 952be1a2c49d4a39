import type { PostgresFacts, Resource, TablesAnswer } from '@submilli/core';
import { splitShown } from '../objects/ranking';
import { maintenance, type OverdueTable } from '../surveys/maintenance';
import { sequences } from '../surveys/sequences';
import { sizes } from '../surveys/sizes';
import { type TableRow, tables } from '../surveys/tables';

type Overdue = TablesAnswer['overdue'][number];

export const tablesResource: Resource<PostgresFacts> = {
  path: 'tables',
  answer: ({ snapshots }): TablesAnswer => {
    const activity = snapshots.of(tables);
    const sizeOf = bytesByTable(snapshots.of(sizes)?.rows ?? new Map());
    const overdue = [...(snapshots.of(maintenance) ?? [])];
    return {
      tables: [...(activity?.rows.keys() ?? [])].flatMap((database) =>
        (activity === undefined ? [] : splitShown(activity, database).shown).map((row) => ({
          ...summaryOf(database, row),
          sizeBytes: sizeOf.get(keyOf(database, row.schema, row.table)) ?? null,
        })),
      ),
      overdue: overdue
        .flatMap(([database, { dead, inserted, analyze }]) => [
          ...dead.map(overdueOf(database, 'dead_rows')),
          ...inserted.map(overdueOf(database, 'inserted_rows')),
          ...analyze.map(overdueOf(database, 'modified_rows')),
        ])
        .sort((a, b) => b.ratio - a.ratio),
      oldest: overdue.flatMap(([database, { oldest }]) =>
        oldest.map(({ schema, table, xid_age, freeze_max_age }) => ({
          ...{ database, schema, table, transactionIdAge: xid_age, freezeMaxAge: freeze_max_age },
        })),
      ),
      sequences: [...(snapshots.of(sequences) ?? [])].flatMap(([database, { fullest }]) =>
        fullest.map(({ schema, sequence, last_value, limit, used }) => ({
          ...{ database, schema, sequence, lastValue: last_value, limit, usedRatio: used },
        })),
      ),
    };
  },
};

const keyOf = (...names: readonly string[]): string => names.join('\u0000');

const bytesByTable = (
  rows: ReadonlyMap<
    string,
    readonly { schema: string; table: string | null; table_bytes: number; index_bytes: number; toast_bytes: number }[]
  >,
): ReadonlyMap<string, number> =>
  new Map(
    [...rows].flatMap(([database, all]) =>
      all.flatMap(({ schema, table, table_bytes, index_bytes, toast_bytes }) =>
        table === null ? [] : [[keyOf(database, schema, table), table_bytes + index_bytes + toast_bytes] as const],
      ),
    ),
  );

const momentOf = (seconds: number | null): string | null =>
  seconds === null ? null : new Date(seconds * 1000).toISOString();

const summaryOf = (database: string, row: TableRow): Omit<TablesAnswer['tables'][number], 'sizeBytes'> => ({
  ...{ database, schema: row.schema, table: row.table },
  sequentialScans: row.seq_scans,
  indexScans: row.index_scans,
  rowsRead: row.seq_rows + row.index_rows,
  rowsWritten: row.inserts + row.updates + row.deletes,
  blocksHit: row.blocks_hit,
  blocksRead: row.blocks_read,
  liveRows: row.live_rows,
  deadRows: row.dead_rows,
  lastVacuum: momentOf(row.last_vacuum),
  lastAnalyze: momentOf(row.last_analyze),
});

const overdueOf =
  (database: string, reason: Overdue['reason']) =>
  ({ schema, table, count, threshold, last, enabled }: OverdueTable): Overdue => ({
    ...{ database, schema, table, reason, rows: count, threshold },
    ratio: count / Math.max(threshold, 1),
    last: momentOf(last),
    autovacuum: enabled,
  });
