import { z } from 'zod';

/** One signal against its thresholds. Values, thresholds and unit belong together ("%" is 0 to 100). */
export const scoreCheck = z.object({
  signal: z.string(),
  /** Null when it is not known; `sentence` says why. */
  value: z.number().nullable(),
  unit: z.string(),
  /** Its points, 0 to 100: all at the warning value or better, none at the critical one or worse. */
  points: z.number().nullable(),
  warning: z.number(),
  critical: z.number(),
  /** Where the two come from: a key under `thresholds` of the configuration, or null for a fixed number. */
  thresholds: z.object({ warning: z.string().nullable(), critical: z.string().nullable() }),
  state: z.enum(['known', 'unknown', 'not-applicable']),
  /** The view or command that was read. */
  source: z.string(),
  sentence: z.string(),
});

export const scoreComponent = z.object({
  component: z.string(),
  weight: z.number(),
  /** Those of its worst signal; null when none is known. */
  points: z.number().nullable(),
  /** What the score would be if this component had all its points: how much it is worth to see to it. */
  scoreIfWell: z.number().nullable(),
  /** The signal that gives the component its points; null when none is known. */
  signal: z.string().nullable(),
  sentence: z.string(),
  evidence: z.array(scoreCheck),
});

export const databaseScore = z.object({
  database: z.string(),
  /** As published: falls at once, recovers slowly. 0 to 100. */
  value: z.number().nullable(),
  /** What the signals say now, without memory. */
  now: z.number().nullable(),
  grade: z.enum(['good', 'fair', 'poor', 'critical', 'unknown']),
  coverage: z.number(),
  /** What holds the score below the weighted mean of its components, if anything does. */
  cap: z.object({ at: z.number(), component: z.string(), why: z.string() }).nullable(),
  /** What would raise the score most; null when nothing would. */
  raise: z.object({ component: z.string(), to: z.number(), sentence: z.string() }).nullable(),
  components: z.array(scoreComponent),
});

/** `GET /api/v1/score`: how the health score of each database comes about. The lowest first. */
export const scoreAnswer = z.object({
  /** Changes when the same signals give another score. */
  model: z.literal(1),
  databases: z.array(databaseScore),
});

export type ScoreCheck = z.infer<typeof scoreCheck>;
export type ScoreComponent = z.infer<typeof scoreComponent>;
export type ScoreOfDatabase = z.infer<typeof databaseScore>;
export type ScoreAnswer = z.infer<typeof scoreAnswer>;
