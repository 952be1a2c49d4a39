import { z } from 'zod';

const count = z.number();
const seconds = z.number();

/** Just-in-time compilation; null before PostgreSQL 15. */
const jit = z.object({
  functions: count,
  generationSeconds: seconds,
  inliningSeconds: seconds,
  optimizationSeconds: seconds,
  emissionSeconds: seconds,
  /** A part of generation; PostgreSQL 17 and newer tell. */
  deformSeconds: seconds.nullable(),
});

/** What is usual for a statement, and how it does against that; null until it was watched for six hours. */
const baseline = z.object({
  /** The same hour in past weeks, or all hours until there are three of those. */
  basis: z.enum(['hour of the week', 'all hours']),
  hours: count,
  meanSeconds: seconds,
  /** Median distance of the mean from that. */
  spreadSeconds: seconds,
  /** Of the last 10 to 15 minutes against it. */
  ratio: z.number(),
  /** When it came to take twice its usual time; null unless it does. */
  regressedSince: z.iso.datetime().nullable(),
  /** What else is different; empty if nothing is that can be seen here. */
  changes: z.array(z.enum(['plan', 'rows', 'blocks', 'load'])),
});

/** One statement over the window. */
export const statementSummary = z.object({
  database: z.string(),
  /** 64 bits, hence text. */
  queryid: z.string(),
  queryType: z.string(),
  /**
   * Normalised, in one line, without comments and literals; only if `query_text: normalised` is configured. Of a utility
   * statement, which may hold a password, only what it does.
   */
  query: z.string().nullable(),
  /** Why there is no `query`. */
  queryMissing: z.string().nullable(),
  calls: count,
  totalSeconds: seconds,
  meanSeconds: seconds,
  /** Null when the cumulative figures no longer resolve it. */
  deviationSeconds: seconds.nullable(),
  /** Share of the executor time of all statements in the window, 0 to 1. */
  timeShare: z.number(),
  rows: count,
  /** Null unless `pg_stat_statements.track_planning` is on; a plan that is reused is not counted. */
  planning: z.object({ plans: count, totalSeconds: seconds, deviationSeconds: seconds.nullable() }).nullable(),
  sharedBlocks: z.object({ hit: count, read: count, dirtied: count, written: count }),
  localBlocks: z.object({ hit: count, read: count, dirtied: count, written: count }),
  tempBlocks: z.object({ read: count, written: count }),
  /** Null unless `track_io_timing` is on. Before PostgreSQL 17 `shared` is with local blocks. */
  blockTimes: z
    .object({
      sharedReadSeconds: seconds,
      sharedWriteSeconds: seconds,
      localReadSeconds: seconds.nullable(),
      localWriteSeconds: seconds.nullable(),
      tempReadSeconds: seconds.nullable(),
      tempWriteSeconds: seconds.nullable(),
    })
    .nullable(),
  /** `buffersFull`: PostgreSQL 18 and newer tell. */
  wal: z.object({ bytes: count, records: count, fullPageImages: count, buffersFull: count.nullable() }),
  jit: jit.nullable(),
  /** Null before PostgreSQL 18. */
  parallelWorkers: z.object({ planned: count, launched: count }).nullable(),
  baseline: baseline.nullable(),
});

/** `GET /api/v1/statements`: those with the most executor time first. */
export const statementsAnswer = z.object({ windowSeconds: z.number(), statements: z.array(statementSummary) });

export type StatementSummary = z.infer<typeof statementSummary>;
export type StatementsAnswer = z.infer<typeof statementsAnswer>;
