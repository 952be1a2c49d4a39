import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Measured } from '../part';

/** In the order in which they run and are told. */
export const parts = ['watching', 'latency', 'advice', 'scale', 'exposition'] as const;

/** The same as `Measured`, for what was kept. */
const measured: z.ZodType<Measured> = z.strictObject({
  part: z.enum(parts),
  title: z.string(),
  how: z.array(z.string()),
  goals: z.array(z.strictObject({ what: z.string(), target: z.string(), measured: z.string(), met: z.boolean() })),
  tables: z.array(
    z
      .strictObject({
        title: z.string(),
        columns: z.array(z.string()),
        rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
      })
      .refine(({ columns, rows }) => rows.every((row) => row.length === columns.length), {
        message: 'each row needs as many cells as there are columns',
      }),
  ),
  plots: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z0-9-]+$/),
      title: z.string(),
      kind: z.enum(['bars', 'lines']),
      x: z.string(),
      y: z.string(),
      isLogarithmic: z.boolean().optional(),
      series: z.array(
        z.strictObject({
          name: z.string(),
          points: z.array(z.tuple([z.union([z.string(), z.number()]), z.number()])),
        }),
      ),
    }),
  ),
  startedAt: z.iso.datetime(),
  seconds: z.number(),
  machine: z.strictObject({ processors: z.number(), model: z.string(), loadAverageBefore: z.number() }),
  node: z.string(),
});

export const readResult = (file: string): Measured => {
  const result = measured.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (result.success) return result.data;
  throw new Error(`${file} is not what a part of the bench writes:\n${z.prettifyError(result.error)}`);
};

/** All that there are, in their order. */
export const readResults = (folder: string): readonly Measured[] =>
  filesIn(folder, '.json')
    .map(readResult)
    .sort((a, b) => parts.indexOf(a.part) - parts.indexOf(b.part));

/** What people wrote about parts, by their names. */
export const readRemarks = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(filesIn(folder, '.md').map((file) => [basename(file, '.md'), readFileSync(file, 'utf8').trim()]));

const filesIn = (folder: string, ending: string): readonly string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};
