import { z } from 'zod';
import { loadReport, vias } from '../load/report/schema';

const clients = z.number().int().positive();

export const stressReport = loadReport
  .pick({
    ...{ version: true, id: true, startedAt: true, profile: true, protocol: true },
    ...{ machine: true, software: true, settings: true, promises: true, warmupSeconds: true },
  })
  .extend({
    via: z.enum(vias),
    stepSeconds: z.number(),
    steps: z.array(z.object({ clients, broken: z.array(z.string()), path: loadReport.shape.paths.element })),
    /** Null: not reached with as many clients as were asked for. */
    knee: z.object({ clients, throughput: z.number() }).nullable(),
    breaking: z.object({ clients, why: z.array(z.string()) }).nullable(),
    /** Why there was no further step. */
    ended: z.string(),
    recovery: z.object({
      /** With so many clients, as at first. */
      clients,
      /** Since the last step ended; null: not seen within. */
      seconds: z.number().nullable(),
      withinSeconds: z.number(),
      path: loadReport.shape.paths.element,
    }),
    verdict: z.object({ kept: z.boolean(), findings: z.array(z.string()) }),
  });

export type StressReport = z.infer<typeof stressReport>;
export type StressStep = StressReport['steps'][number];
