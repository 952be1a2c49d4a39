import { z } from 'zod';
import { failures } from '../measure/log-line';
import { parts } from '../measure/where-time-went';

export const vias = ['direct', 'pool'] as const;
export type Via = (typeof vias)[number];

const count = z.number().int().nonnegative();
const seconds = z.number();
/** Null: too few transactions beyond it to tell. */
const atQuantile = z.object({ quantile: z.number(), seconds: seconds.nullable() });
export const promised = z.object({ quantile: z.number(), seconds });

const distribution = z.object({
  count,
  mean: seconds.nullable(),
  max: seconds.nullable(),
  quantiles: z.array(atQuantile),
});

const pathReport = z.object({
  via: z.enum(vias),
  /** From when a transaction was sent, or with a rate from when it was due, to its end. */
  latency: distribution,
  /** With a rate: the part of it that it was due and its client still busy; null without one. */
  lag: distribution.nullable(),
  /** Done per second. */
  throughput: z.number(),
  failed: z.object(
    Object.fromEntries(failures.map((word) => [word, count])) as Record<(typeof failures)[number], typeof count>,
  ),
  retries: count,
  /** Clients that gave up and did not come back, and what they were told. */
  clientsLost: count,
  complaints: z.array(z.object({ why: z.string(), count })),
  errorRatio: z.number(),
  /** With a rate: transactions that were due and never sent; null without one. */
  unsent: count.nullable(),
  connectSeconds: seconds.nullable(),
  scripts: z.array(z.object({ name: z.string(), failed: count, latency: distribution })),
  /** The share of transactions (0 to 1) that took no longer. */
  curve: z.array(z.tuple([z.number(), seconds])),
  timeline: z.object({
    stretchSeconds: seconds,
    stretches: z.array(
      z.object({
        ...{ at: seconds, count, failed: count },
        ...{ p50: seconds.nullable(), p99: seconds.nullable(), max: seconds.nullable() },
      }),
    ),
  }),
  time: z.object({
    shares: z.array(z.object({ part: z.enum(parts), seconds })),
    absent: z.array(z.string()),
  }),
});

export const loadReport = z.object({
  version: z.literal(1),
  id: z.string(),
  startedAt: z.iso.datetime(),
  profile: z.object({ name: z.string(), does: z.string() }),
  ...{ clients: count, threads: count, seconds, warmupSeconds: seconds, rate: z.number().nullable() },
  protocol: z.enum(['simple', 'extended', 'prepared']),
  machine: z.object({
    ...{ cores: count, processor: z.string(), memoryBytes: z.number(), kernel: z.string(), system: z.string() },
    loadBefore: z.number(),
    /** Whether clients and server share it. */
    shared: z.boolean(),
  }),
  software: z.object({ pgbench: z.string(), postgresql: z.string(), pgbouncer: z.string().nullable() }),
  settings: z.record(z.string(), z.string()),
  paths: z.array(pathReport),
  promises: z.object({ latency: z.array(promised), errorRatio: z.number() }),
  verdict: z.object({ kept: z.boolean(), findings: z.array(z.string()), notJudged: z.array(z.string()) }),
});

export type LoadReport = z.infer<typeof loadReport>;
export type PathReport = LoadReport['paths'][number];
export type Promises = LoadReport['promises'];
export type ReportedDistribution = z.infer<typeof distribution>;
