import { z } from 'zod';

/** `GET /api/v1/status`: what each collector of each target last did, and why not. Times in seconds. */
export const collectorStatus = z.object({
  name: z.string(),
  kind: z.enum(['collector', 'sampler', 'survey', 'probe', 'derived']),
  /** The view, command or endpoint it reads. */
  source: z.string(),
  /** Minimum interval of a collector (0: each scrape), the beat of a sampler, or the rounds of a survey. */
  everySeconds: z.number(),
  state: z.enum(['pending', 'ok', 'failed', 'skipped']),
  /** ISO 8601; when the last success was, if the last run was one. */
  lastSuccess: z.iso.datetime().nullable(),
  ageSeconds: z.number().nullable(),
  durationSeconds: z.number().nullable(),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  remedy: z.string().nullable(),
  /** How a survey fared in each database in its last round; empty for all others. */
  databases: z.array(
    z.object({ database: z.string(), state: z.enum(['read', 'skipped', 'failed']), detail: z.string().nullable() }),
  ),
});

export const targetStatus = z.object({
  name: z.string(),
  address: z.string(),
  up: z.boolean(),
  /** Null before the first scrape. */
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
  facts: z.record(z.string(), z.unknown()).nullable(),
  collectors: z.array(collectorStatus),
});

export const statusAnswer = z.object({
  exporter: z.string(),
  version: z.string(),
  configLoadedAt: z.iso.datetime(),
  lastReloadError: z.string().nullable(),
  targets: z.array(targetStatus),
});

export type CollectorStatus = z.infer<typeof collectorStatus>;
export type TargetStatus = z.infer<typeof targetStatus>;
export type StatusAnswer = z.infer<typeof statusAnswer>;
