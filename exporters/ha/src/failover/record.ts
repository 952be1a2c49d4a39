import { z } from 'zod';

/** Why a cluster was without its primary, as far as what still answered tells. */
export const causes = [
  'switchover',
  'restart',
  'postmaster-crash',
  'node-loss',
  'hang',
  'network',
  'patroni-loss',
  'dcs',
  'unknown',
] as const;

export type Cause = (typeof causes)[number];

/**
 * One time that the primary was lost or handed over, until a server could be written to again. Moments in milliseconds
 * since 1970.
 */
export const interruption = z.object({
  /** The last moment that a primary was seen; null if nobody looked then (the exporter was down or stood still). */
  startedAt: z.number().nullable(),
  /** When it was first seen to be gone. */
  detectedAt: z.number(),
  /** When a server was first seen that can be written to. */
  writableAt: z.number(),
  /**
   * How long none could be: between `low` (from first to last seen without) and `high` (from last to first seen with),
   * and in the middle as far as we know. Null if nobody looked all the time.
   */
  seconds: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  from: z.string(),
  to: z.string(),
  timelineBefore: z.number().nullable(),
  timelineAfter: z.number().nullable(),
  /** `failover`: another server, or another timeline of the same. `return`: the same one goes on. */
  outcome: z.enum(['failover', 'return']),
  /** Done on purpose; null if that can't be told. */
  planned: z.boolean().nullable(),
  cause: z.enum(causes),
  sure: z.enum(['high', 'medium', 'low']),
  /** What the cause was told by. */
  evidence: z.array(z.string()),
});

export type Interruption = z.infer<typeof interruption>;

/** A time that two servers could be written to at once. */
export const split = z.object({
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  seconds: z.number(),
  members: z.array(z.string()),
});

export type Split = z.infer<typeof split>;
