import { z } from 'zod';

/** What a drill can do to a cluster. */
export const drillKinds = [
  'switchover',
  'postmaster-kill',
  'node-loss',
  'power-off',
  'hang',
  'postgres-hang',
  'partition',
  'patroni-kill',
  'etcd-leader',
  'etcd-quorum',
  'standby-loss',
  'full-disk',
] as const;
export type DrillKind = (typeof drillKinds)[number];

/** How a client gets to the primary: through the pool, by trying the members, or always at the address it once had. */
export const drillPaths = ['pool', 'multi-host', 'old-primary'] as const;
export type DrillPath = (typeof drillPaths)[number];

/** Times are in seconds since the run began, durations in seconds; null is "not known" or "did not happen". */
const seconds = z.number();
const interval = z.object({ from: seconds, to: seconds });

export const drillErrors = z.object({
  /** As a client would tell them apart: "ECONNREFUSED", "57P01", "no answer". */
  class: z.string(),
  count: z.number().int().positive(),
  first: seconds,
  last: seconds,
  example: z.string(),
});

export const drillPathOutcome = z.object({
  path: z.enum(drillPaths),
  /** From the last acknowledged write before the outage to the first after it. */
  recoverySeconds: seconds.nullable(),
  /** The longest that a write which was acknowledged in the end had waited since it was due. */
  longestStallSeconds: seconds.nullable(),
  acknowledged: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  /** Due while all sessions were busy, and so never sent. */
  unsent: z.number().int().nonnegative(),
  /** Acknowledged, and in the end not there. */
  lost: z.number().int().nonnegative(),
  /** There more than once. */
  duplicates: z.number().int().nonnegative(),
  errors: z.array(drillErrors),
});

/** What a picture of the run is drawn from. */
export const drillTimeline = z.object({
  /** Width of one count. */
  binSeconds: seconds,
  paths: z.array(
    z.object({
      path: z.enum(drillPaths),
      acknowledged: z.array(z.number().int().nonnegative()),
      failed: z.array(z.number().int().nonnegative()),
      lost: z.array(z.number().int().nonnegative()),
    }),
  ),
  members: z.array(
    z.object({
      name: z.string(),
      segments: z.array(
        interval.extend({
          /** As the member says itself; `silent` does not answer, `down` refuses. */
          role: z.enum(['primary', 'standby', 'silent', 'down']),
          timeline: z.number().int().nullable(),
        }),
      ),
    }),
  ),
  events: z.array(z.object({ at: seconds, who: z.string(), what: z.string() })),
});

export const drillRun = z.object({
  startedAt: z.iso.datetime(),
  lastsSeconds: seconds,
  fault: z.object({
    what: z.string(),
    member: z.string().nullable(),
    from: seconds,
    /** When it was taken back; null where the cluster heals by itself. */
    to: seconds.nullable(),
  }),
  primary: z.object({ before: z.string(), after: z.string() }),
  postgresTimeline: z.object({ before: z.number().int(), after: z.number().int() }),
  paths: z.array(drillPathOutcome),
  /** From the end of the fault to when the member it was done to streams as synchronous standby again, or leads. */
  rejoinSeconds: seconds.nullable(),
  /** What somebody had to do for the cluster to get whole. */
  helped: z.array(z.string()),
  /** Two members acknowledged writes that were sent to them in the same time. */
  splitBrain: z.array(interval.extend({ members: z.array(z.string()) })),
  /** Two members were out of recovery; harmless as long as one of them acknowledges nothing. */
  twoPrimaries: z.array(interval.extend({ members: z.array(z.string()) })),
  timeline: drillTimeline,
});

const spread = z.object({ min: seconds, median: seconds, max: seconds, runs: z.number().int().positive() });

export const drillReport = z.object({
  version: z.literal(1),
  id: z.string(),
  kind: z.enum(drillKinds),
  cluster: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  software: z.object({
    patroni: z.string().nullable(),
    postgresql: z.string().nullable(),
    pgbouncer: z.string().nullable(),
    etcd: z.string().nullable(),
  }),
  configuration: z.object({
    ttl: seconds,
    loopWait: seconds,
    retryTimeout: seconds,
    primaryStartTimeout: seconds,
    synchronousMode: z.boolean(),
    synchronousModeStrict: z.boolean(),
    failsafeMode: z.boolean(),
    members: z.number().int(),
    etcdMembers: z.number().int(),
    /** What stands in the way of losing writes besides Patroni itself; null if nothing does. */
    fence: z.string().nullable(),
  }),
  client: z.object({
    everySeconds: seconds,
    /** At most so many at once on each path. */
    sessions: z.record(z.enum(drillPaths), z.number().int()),
    /** How long a write is waited for. */
    patienceSeconds: z.record(z.enum(drillPaths), seconds),
  }),
  /** Synchronous mode promises that no acknowledged write is lost. */
  promisesLossless: z.boolean(),
  runs: z.array(drillRun),
  summary: z.object({
    paths: z.array(
      z.object({
        path: z.enum(drillPaths),
        recovery: spread.nullable(),
        stall: spread.nullable(),
        errors: z.object({ min: z.number(), median: z.number(), max: z.number() }),
        lost: z.number().int().nonnegative(),
      }),
    ),
    rejoin: spread.nullable(),
    acknowledged: z.number().int().nonnegative(),
    lost: z.number().int().nonnegative(),
    duplicates: z.number().int().nonnegative(),
    splitBrains: z.number().int().nonnegative(),
  }),
  verdict: z.object({ passed: z.boolean(), findings: z.array(z.string()) }),
});

export type DrillErrors = z.infer<typeof drillErrors>;
export type DrillPathOutcome = z.infer<typeof drillPathOutcome>;
export type DrillTimeline = z.infer<typeof drillTimeline>;
export type DrillRun = z.infer<typeof drillRun>;
export type DrillReport = z.infer<typeof drillReport>;
