import { z } from 'zod';

/** One change of the primary, or one time that it was away. Moments are ISO 8601, times in seconds. */
export const failoverRecord = z.object({
  /** `failover`: another server, or another timeline. `return`: the same one goes on. */
  outcome: z.enum(['failover', 'return']),
  /** When a server could be written to again; of one that only Patroni's history tells, when it was noted there. */
  at: z.iso.datetime().nullable(),
  /** The last moment that a primary was seen before. */
  startedAt: z.iso.datetime().nullable(),
  detectedAt: z.iso.datetime().nullable(),
  /** How long none could be written to, between `low` and `high`; null if nobody looked. */
  seconds: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  timelineBefore: z.number().nullable(),
  timelineAfter: z.number().nullable(),
  planned: z.boolean().nullable(),
  /** switchover, restart, postmaster-crash, node-loss, hang, network, patroni-loss, dcs or unknown; null: not seen. */
  cause: z.string().nullable(),
  sure: z.enum(['high', 'medium', 'low']).nullable(),
  /** What the cause was told by. */
  evidence: z.array(z.string()),
  /** As the history of timelines has it; null if it does not. */
  reason: z.string().nullable(),
});

/** `GET /api/v1/failovers`: as our own looks saw them, and those of Patroni's history that nobody saw. Oldest first. */
export const failoversAnswer = z.object({
  /** Since when no server can be written to; null while one can, or before one was seen. */
  unwritableSince: z.iso.datetime().nullable(),
  failovers: z.array(failoverRecord),
  splitBrains: z.array(
    z.object({
      startedAt: z.iso.datetime(),
      /** Null while it goes on. */
      endedAt: z.iso.datetime().nullable(),
      seconds: z.number(),
      members: z.array(z.string()),
    }),
  ),
});

export type FailoverRecord = z.infer<typeof failoverRecord>;
export type FailoversAnswer = z.infer<typeof failoversAnswer>;
