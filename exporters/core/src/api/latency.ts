import { z } from 'zod';

/** A quantile (0 to 1) in seconds, with 95 % confidence bounds and the plain sample that would tell it as well. */
export const quantileEstimate = z.object({
  quantile: z.number(),
  seconds: z.number(),
  low: z.number(),
  high: z.number(),
  effectiveSamples: z.number(),
});

/** What the server's log tells of a kind of statement, over the window. */
export const loggedLatency = z.object({
  /** Statements in the window: counted by pg_stat_statements where both count the same, else estimated. */
  statements: z.number(),
  counted: z.boolean(),
  /** Durations that were logged. */
  lines: z.number(),
  /** Whether every duration from the 99th percentile up is logged. */
  tailComplete: z.boolean(),
  quantiles: z.array(quantileEstimate),
});

/** `GET /api/v1/latency`. Sources stand beside each other and are never mixed; null: this source says nothing. */
export const latencyAnswer = z.object({
  windowSeconds: z.number(),
  types: z.array(
    z.object({
      database: z.string(),
      queryType: z.string(),
      log: loggedLatency.nullable(),
      /** Executor time alone, modelled from means and deviations: an estimate, and of reads only. */
      estimate: z
        .object({ calls: z.number(), quantiles: z.array(z.object({ quantile: z.number(), seconds: z.number() })) })
        .nullable(),
    }),
  ),
  /** COMMIT of transactions that BEGIN, from the log: what it takes until it is durable, and on its standbys. */
  commits: z.array(z.object({ database: z.string(), log: loggedLatency.omit({ tailComplete: true }) })),
  /** The statements with the most logged time, from the log. */
  statements: z.array(
    z.object({
      database: z.string(),
      queryid: z.string(),
      queryType: z.string(),
      log: loggedLatency.omit({ tailComplete: true }),
    }),
  ),
  /** What is logged now, and what the log reader does. Null: the log is not read (see /api/v1/status). */
  log: z
    .object({
      readBy: z.enum(['file', 'sql']),
      thresholdSeconds: z.number().nullable(),
      sampleFromSeconds: z.number().nullable(),
      sampleRate: z.number(),
      behindBytes: z.number(),
      skippedBytes: z.number(),
    })
    .nullable(),
});

/** `GET /api/v1/slow`: the last slow statements of the log (thresholds.query_time_warning_ms), the newest first. */
export const slowAnswer = z.object({
  thresholdSeconds: z.number(),
  statements: z.array(
    z.object({
      endedAt: z.iso.datetime(),
      database: z.string(),
      pid: z.number(),
      queryid: z.string().nullable(),
      queryType: z.string(),
      phase: z.string(),
      seconds: z.number(),
      /** How often its session was looked at while it ran, and what it waited for then. */
      seen: z.number(),
      waits: z.array(z.object({ waitEventType: z.string(), waitEvent: z.string(), times: z.number() })),
      /** Process ids that held it up. */
      blockedBy: z.array(z.number()),
      /** Where the server's log has all of it. */
      logFile: z.string(),
      logOffset: z.number(),
    }),
  ),
});

export type LatencyAnswer = z.infer<typeof latencyAnswer>;
export type LoggedLatency = z.infer<typeof loggedLatency>;
export type SlowAnswer = z.infer<typeof slowAnswer>;
