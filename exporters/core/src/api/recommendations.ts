import { z } from 'zod';

const evidence = z.object({ label: z.string(), value: z.union([z.string(), z.number()]), unit: z.string() });

/** What a rule says: what, why, on what evidence, what to do and what that will change. Nothing runs it by itself. */
export const advised = z.object({
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string(),
  why: z.string(),
  evidence: z.array(evidence),
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
});

/**
 * Where a recommendation stands. While it holds: open, or acknowledged, snoozed or dismissed by somebody. After the
 * change that it asks for: applied, then verified, no-effect or regressed, as far as its rule can tell. Otherwise
 * resolved (its rule looks, and finds it no more) or expired (nobody could look for a day).
 */
export const adviceState = z.enum([
  'open',
  'acknowledged',
  'snoozed',
  'dismissed',
  'applied',
  'verified',
  'no-effect',
  'regressed',
  'resolved',
  'expired',
]);

/** What somebody said about a recommendation. */
export const adviceNote = z.object({
  state: adviceState.extract(['acknowledged', 'snoozed', 'dismissed']),
  by: z.string(),
  why: z.string().nullable(),
  at: z.iso.datetime(),
  /** When it lapses by itself; null for never. It always does when the recommendation becomes more severe. */
  until: z.iso.datetime().nullable(),
});

/** One step of a recommendation's life: the state it came to, by whom (null: by what the rule saw), and why. */
export const adviceStep = z.object({
  at: z.iso.datetime(),
  state: adviceState,
  by: z.string().nullable(),
  why: z.string().nullable(),
  evidence: z.array(evidence),
});

export const recommendation = advised.extend({
  /** Stable fingerprint of rule and target: the same finding keeps its id. */
  id: z.string(),
  rule: z.string(),
  target: z.string(),
  state: adviceState,
  stateSince: z.iso.datetime(),
  note: adviceNote.nullable(),
  /** Oldest first; the last steps only. */
  history: z.array(adviceStep),
  firstSeen: z.iso.datetime(),
  lastSeen: z.iso.datetime(),
  docs: z.string(),
});

/**
 * `GET /api/v1/recommendations`. A rule without its input is listed under `notEvaluated`, never counted as fine.
 * `POST /api/v1/recommendations/{id}/{acknowledge|snooze|dismiss|reopen}` with an `adviceRequest` answers the
 * recommendation as it is then.
 */
export const recommendationsAnswer = z.object({
  /** What the rules find now. */
  recommendations: z.array(recommendation),
  /** What they found before, and either do not find now or cannot look for, as it was when it was last seen. */
  earlier: z.array(recommendation),
  evaluated: z.array(z.object({ rule: z.string(), target: z.string() })),
  notEvaluated: z.array(z.object({ rule: z.string(), target: z.string(), reason: z.string() })),
});

export const adviceActions = ['acknowledge', 'snooze', 'dismiss', 'reopen'] as const;

const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, 'a line of text');

/** What is said with an action: by whom (needed unless a user is logged in), why, and until when (for a snooze). */
export const adviceRequest = z.strictObject({
  by: line(100).optional(),
  why: line(500).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
});

export type Advised = z.infer<typeof advised>;
export type Evidence = z.infer<typeof evidence>;
export type AdviceState = z.infer<typeof adviceState>;
export type AdviceNote = z.infer<typeof adviceNote>;
export type AdviceAction = (typeof adviceActions)[number];
export type AdviceRequest = z.infer<typeof adviceRequest>;
export type Recommendation = z.infer<typeof recommendation>;
export type RecommendationsAnswer = z.infer<typeof recommendationsAnswer>;
