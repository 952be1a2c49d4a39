import { z } from 'zod';

const seconds = z.number();

/** A time during which a statement had one plan. */
const period = z.object({
  /** Equal for plans that do the same in the same order, whatever their estimates. */
  shape: z.string(),
  cost: z.number(),
  firstSeen: z.iso.datetime(),
  lastSeen: z.iso.datetime(),
  /** Of the calls that were seen while it had this plan; null before there were any. */
  meanSeconds: seconds.nullable(),
  blocksPerCall: z.number().nullable(),
  /** As EXPLAIN prints it; older ones are kept without. */
  outline: z.string().nullable(),
});

export const planFindingKinds = [
  'selective_seq_scan',
  'nested_seq_scan',
  'sort_spill',
  'hash_spill',
  'function_on_index',
  'cast_on_index',
  'estimate_off',
] as const;

const finding = z.object({
  kind: z.enum(planFindingKinds),
  /** The table it is about, as schema.table; null for a sort or hash. */
  table: z.string().nullable(),
  /** What was seen, in numbers of the plan. */
  detail: z.string(),
});

/** `GET /api/v1/plans`: generic plans of the statements with the most time, by database; only if `plans.enabled`. */
export const plansAnswer = z.object({
  enabled: z.boolean(),
  /** The last plans that auto_explain logged as JSON, whether `plans.enabled` or not. */
  logged: z.array(
    z.object({
      database: z.string(),
      queryid: z.string(),
      shape: z.string(),
      seconds,
      times: z.number(),
      /** Where it met far more rows than it expected; null: nowhere, or rows were not logged (log_analyze). */
      underestimate: z
        .object({ node: z.string(), table: z.string().nullable(), expected: z.number(), actual: z.number() })
        .nullable(),
    }),
  ),
  statements: z.array(
    z.object({
      database: z.string(),
      queryid: z.string(),
      /** Whose search_path it was planned with. */
      role: z.string().nullable(),
      /** Why there is no plan now. */
      reason: z.object({ reason: z.string(), detail: z.string(), remedy: z.string().nullable() }).nullable(),
      /** The latest first. */
      periods: z.array(period),
      findings: z.array(finding),
    }),
  ),
});

export type PlanFindingKind = (typeof planFindingKinds)[number];
export type PlanFinding = z.infer<typeof finding>;
export type PlansAnswer = z.infer<typeof plansAnswer>;
