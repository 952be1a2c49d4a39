import { z } from 'zod';

const effect = z.object({
  queryid: z.string(),
  callsPerSecond: z.number(),
  /** In the planner's units per call. */
  before: z.number(),
  after: z.number(),
  /** Of the time of all statements, 0 to 1. */
  timeShare: z.number(),
});

/** `GET /api/v1/index-advice`: which indexes the statements want, by database; only if `index_advice.enabled`. */
export const indexAdviceAnswer = z.object({
  enabled: z.boolean(),
  databases: z.array(
    z.object({
      database: z.string(),
      lookedAt: z.iso.datetime(),
      /** Whether a planner was asked about indexes that aren't there (HypoPG); else all is estimated from statistics. */
      plannerChecked: z.boolean(),
      /** The standby whose planner was asked; null: the server's own. */
      askedOn: z.string().nullable(),
      /** Why a standby that is there could not be asked; null if it was, or there is none. */
      standbyProblem: z.string().nullable(),
      explains: z.number(),
      seconds: z.number(),
      overBudget: z.boolean(),
      bytes: z.number(),
      storageBytes: z.number(),
      indexes: z.array(
        z.object({
          name: z.string(),
          definition: z.string(),
          create: z.string(),
          drop: z.string(),
          sizeBytes: z.object({ low: z.number(), expected: z.number(), high: z.number() }),
          confidence: z.enum(['low', 'medium', 'high']),
          measured: z.string(),
          warnings: z.array(z.string()),
          /** Null where the server does not count writes. */
          entriesPerSecond: z.number().nullable(),
          walBytesPerSecond: z.number().nullable(),
          effects: z.array(effect),
        }),
      ),
      /** Statements that got none, each with the reasons. */
      without: z.array(
        z.object({ queryid: z.string(), reasons: z.array(z.object({ reason: z.string(), detail: z.string() })) }),
      ),
      /** What may help, and takes building it to know. */
      trials: z.array(z.object({ queryid: z.string(), create: z.string(), why: z.string() })),
      drops: z.array(
        z.object({
          name: z.string(),
          table: z.string(),
          bytes: z.number(),
          instead: z.string(),
          proof: z.enum(['hidden', 'structure']),
          drop: z.string(),
          undo: z.string(),
        }),
      ),
      /** Advised indexes that are there now: their statements' mean seconds and blocks per call before and since. */
      built: z.array(
        z.object({
          name: z.string(),
          definition: z.string(),
          since: z.iso.datetime(),
          verdict: z.enum(['pending', 'confirmed', 'no effect', 'regressed']),
          statements: z.array(
            z.object({
              queryid: z.string(),
              before: z.object({ calls: z.number(), seconds: z.number(), blocks: z.number() }).nullable(),
              since: z.object({ calls: z.number(), seconds: z.number(), blocks: z.number() }).nullable(),
            }),
          ),
        }),
      ),
    }),
  ),
});

export type IndexAdviceAnswer = z.infer<typeof indexAdviceAnswer>;
