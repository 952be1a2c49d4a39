import { z } from 'zod';

/** One statement over the window. Never its text: statements are known by their `queryid`. Times in seconds. */
export const statementSummary = z.object({
  database: z.string(),
  queryid: z.string(),
  queryType: z.string(),
  calls: z.number(),
  totalSeconds: z.number(),
  meanSeconds: z.number(),
  /** Null when the cumulative figures no longer resolve it. */
  deviationSeconds: z.number().nullable(),
  rows: z.number(),
  /** Share of the executor time of all statements in the window, 0 to 1. */
  timeShare: z.number(),
});

/** `GET /api/v1/statements`: those with the most executor time first. */
export const statementsAnswer = z.object({ windowSeconds: z.number(), statements: z.array(statementSummary) });

export type StatementSummary = z.infer<typeof statementSummary>;
export type StatementsAnswer = z.infer<typeof statementsAnswer>;
