import { z } from 'zod';

const place = { database: z.string(), schema: z.string(), table: z.string() };

/** `GET /api/v1/indexes`: what is wrong with indexes, the largest first, and foreign keys that none serves. */
export const indexesAnswer = z.object({
  databases: z.array(
    z.object({
      database: z.string(),
      indexes: z.number(),
      /** Since when scans are counted; null when the server doesn't say. */
      countedSince: z.iso.datetime().nullable(),
    }),
  ),
  problems: z.array(
    z.object({
      ...place,
      problem: z.enum(['unused', 'duplicate', 'redundant', 'invalid']),
      index: z.string(),
      /** Key columns in order; null stands for an expression. */
      columns: z.array(z.string().nullable()),
      unique: z.boolean(),
      partial: z.boolean(),
      bytes: z.number(),
      scans: z.number(),
      /** The index that does the same work. */
      instead: z.string().nullable(),
    }),
  ),
  foreignKeys: z.array(
    z.object({ ...place, constraint: z.string(), columns: z.array(z.string()), rows: z.number(), parent: z.string() }),
  ),
});

export type IndexesAnswer = z.infer<typeof indexesAnswer>;
