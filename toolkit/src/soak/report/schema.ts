import { z } from 'zod';
import { units } from '../measures';

const number = z.number();
const text = z.string();

/** What a soak found, whole: pages and pictures are made of this. */
export const soakReport = z.object({
  version: z.literal(1),
  startedAt: text,
  seconds: number,
  /** What was asked for. */
  asked: z.object({
    minutes: number,
    seed: number,
    rate: number,
    processes: z.union([z.literal(1), z.literal(4)]),
    everySeconds: number,
  }),
  machine: z.object({
    ...{ cores: number, processor: text, memoryBytes: number, kernel: text, system: text, loadBefore: number },
  }),
  node: text,
  /** Whether all that was promised was kept. */
  passed: z.boolean(),
  checks: z.array(z.object({ name: text, promise: text, looked: text, judged: z.boolean(), findings: z.array(text) })),
  notJudged: z.array(text),
  bounds: z.object({ warmUpSeconds: number, stretchSeconds: number }),
  growth: z.array(
    z.object({
      ...{ title: text, of: text, unit: z.enum(units), seconds: number },
      ...{ perHour: number.nullable(), low: number.nullable(), high: number.nullable(), allowed: number },
      leaks: z.boolean(),
    }),
  ),
  faults: z.array(
    z.object({
      ...{ kind: text, what: text, at: number, mendedAt: number },
      ...{ wholeAt: number.nullable(), wellAt: number.nullable(), scrapes: number },
      ...{ trouble: text.nullable(), helped: z.array(text) },
    }),
  ),
  /** Figures over time, thinned out: what pictures are drawn of. */
  lines: z.array(
    z.object({
      ...{ measure: text, of: text, unit: z.enum(units), step: number },
      points: z.array(z.tuple([number, number])),
    }),
  ),
});
export type SoakReport = z.output<typeof soakReport>;
