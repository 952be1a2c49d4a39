import { z } from 'zod';

/** One piece of advice: what, why, on what evidence, what to do and what that will change. Nothing runs it by itself. */
export const recommendation = z.object({
  /** Stable fingerprint of rule and target: the same finding keeps its id. */
  id: z.string(),
  rule: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  target: z.string(),
  title: z.string(),
  why: z.string(),
  evidence: z.array(z.object({ label: z.string(), value: z.union([z.string(), z.number()]), unit: z.string() })),
  action: z.object({
    kind: z.enum(['sql', 'config', 'command']),
    text: z.string(),
    reversible: z.boolean(),
    /** The lock the action takes, in PostgreSQL's words; null for none. */
    lock: z.string().nullable(),
    needsRestart: z.boolean(),
  }),
  impact: z.object({
    what: z.string(),
    before: z.string().nullable(),
    after: z.string().nullable(),
    confidence: z.enum(['low', 'medium', 'high']),
    measured: z.string(),
  }),
  firstSeen: z.iso.datetime(),
  lastSeen: z.iso.datetime(),
  docs: z.string(),
});

/** `GET /api/v1/recommendations`. A rule without its input is listed under `notEvaluated`, never counted as fine. */
export const recommendationsAnswer = z.object({
  recommendations: z.array(recommendation),
  evaluated: z.array(z.object({ rule: z.string(), target: z.string() })),
  notEvaluated: z.array(z.object({ rule: z.string(), target: z.string(), reason: z.string() })),
});

export type Recommendation = z.infer<typeof recommendation>;
export type RecommendationsAnswer = z.infer<typeof recommendationsAnswer>;
