import { z } from 'zod';
import { readPlan } from '../explain/plan';

/** Where a plan that was run met far more rows than it expected, per execution of the node. */
export type Underestimate = {
  readonly node: string;
  /** schema.table, or null above the tables. */
  readonly table: string | null;
  readonly expected: number;
  readonly actual: number;
};

/** What is kept of a plan that auto_explain logged: no condition, since they hold literals. */
export type ExplainedPlan = { readonly shape: string; readonly underestimate: Underestimate | null };

type Node = {
  readonly 'Node Type': string;
  readonly Schema?: string | undefined;
  readonly 'Relation Name'?: string | undefined;
  readonly 'Plan Rows': number;
  readonly 'Actual Rows'?: number | undefined;
  readonly Plans?: readonly Node[] | undefined;
};

const node: z.ZodType<Node> = z.lazy(() =>
  z.object({
    'Node Type': z.string(),
    Schema: z.string().optional(),
    'Relation Name': z.string().optional(),
    'Plan Rows': z.number(),
    'Actual Rows': z.number().optional(),
    Plans: z.array(node).optional(),
  }),
);
const logged = z.object({ Plan: node });

/** Planning is worse than this only where something is wrong; fewer rows than that cost nothing. */
const FACTOR = 100;
const LEAST_ROWS = 1000;

/** A longer plan is not worth the time to read it. */
const LONGEST_PLAN = 200_000;

/**
 * A plan in JSON, as auto_explain logs it with log_format = json (and log_analyze, for the rows); nothing if it is none.
 * Only too few rows are told: that a node met fewer than it expected may be a LIMIT's doing.
 */
export const readExplained = (text: string): ExplainedPlan | undefined => {
  if (text.length > LONGEST_PLAN || !text.trimStart().startsWith('{')) return undefined;
  try {
    const json: unknown = JSON.parse(text);
    const { shape } = readPlan([json]);
    // What is wrong at a table is wrong in all that is above it.
    const isAbove = ({ table }: Underestimate): number => Number(table === null);
    const [worst] = underestimates(logged.parse(json).Plan).sort(
      (a, b) => isAbove(a) - isAbove(b) || factorOf(b) - factorOf(a),
    );
    return { shape, underestimate: worst ?? null };
  } catch {
    return undefined;
  }
};

const factorOf = ({ expected, actual }: Underestimate): number => actual / Math.max(1, expected);

const underestimates = (one: Node): Underestimate[] => {
  const { 'Plan Rows': expected, 'Actual Rows': actual, 'Relation Name': relation } = one;
  const own =
    actual !== undefined && actual >= LEAST_ROWS && actual >= FACTOR * Math.max(1, expected)
      ? [
          {
            node: one['Node Type'],
            table: relation === undefined ? null : nameOf(one.Schema, relation),
            expected,
            actual,
          },
        ]
      : [];
  return [...own, ...(one.Plans ?? []).flatMap(underestimates)];
};

const nameOf = (schema: string | undefined, relation: string): string =>
  schema === undefined ? relation : `${schema}.${relation}`;
