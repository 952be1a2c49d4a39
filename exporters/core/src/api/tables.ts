import { z } from 'zod';

const place = { database: z.string(), schema: z.string(), table: z.string() };
const moment = z.iso.datetime().nullable();

/** One table that is shown by itself. Counts since statistics were reset; null is "not known", as on a standby. */
export const tableSummary = z.object({
  ...place,
  sequentialScans: z.number(),
  indexScans: z.number(),
  rowsRead: z.number(),
  rowsWritten: z.number(),
  blocksHit: z.number(),
  blocksRead: z.number(),
  liveRows: z.number().nullable(),
  deadRows: z.number().nullable(),
  lastVacuum: moment,
  lastAnalyze: moment,
  /** With indexes and TOAST, as of the last VACUUM or ANALYZE. */
  sizeBytes: z.number().nullable(),
});

/** A table over a threshold of autovacuum, and by how much. */
export const overdueTableSummary = z.object({
  ...place,
  reason: z.enum(['dead_rows', 'inserted_rows', 'modified_rows']),
  rows: z.number(),
  threshold: z.number(),
  ratio: z.number(),
  last: moment,
  autovacuum: z.boolean(),
});

/** `GET /api/v1/tables`: the busiest tables, those overdue for maintenance, the oldest, and the fullest sequences. */
export const tablesAnswer = z.object({
  tables: z.array(tableSummary),
  overdue: z.array(overdueTableSummary),
  oldest: z.array(z.object({ ...place, transactionIdAge: z.number(), freezeMaxAge: z.number() })),
  sequences: z.array(
    z.object({
      database: z.string(),
      schema: z.string(),
      sequence: z.string(),
      lastValue: z.number(),
      limit: z.number(),
      usedRatio: z.number(),
    }),
  ),
});

export type TablesAnswer = z.infer<typeof tablesAnswer>;
