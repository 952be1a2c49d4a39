import { z } from 'zod';

const work = z.object({ calls: z.number(), seconds: z.number(), blocks: z.number() });
const key = z.object({
  column: z.string().nullable(),
  expression: z.string().nullable(),
  descending: z.boolean(),
  nullsFirst: z.boolean(),
  defaultClass: z.boolean(),
});
const structure = z.object({
  ...{ oid: z.string(), name: z.string(), method: z.string(), unique: z.boolean(), required: z.boolean() },
  ...{ valid: z.boolean(), keys: z.array(key), include: z.array(z.string()), predicate: z.string().nullable() },
  ...{ definition: z.string(), bytes: z.number(), scans: z.number() },
});

/** What the state file holds of each database. */
export const savedSchema = z.array(
  z.object({
    database: z.string(),
    at: z.number(),
    tracked: z.array(
      z.object({
        ...{ definition: z.string(), schema: z.string(), table: z.string(), structure },
        ...{ statements: z.array(z.string()), firstAdvised: z.number(), lastAdvised: z.number() },
        before: z.record(z.string(), work),
        appeared: z.object({ at: z.number(), name: z.string() }).nullable(),
        after: z.record(z.string(), work),
        verdict: z.enum(['confirmed', 'no effect', 'regressed']).nullable(),
      }),
    ),
  }),
);
