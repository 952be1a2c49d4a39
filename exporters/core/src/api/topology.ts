import { z } from 'zod';

/** How far behind a replica is: bytes and seconds; null is "not known". */
const lag = z.object({
  writeBytes: z.number().nullable(),
  flushBytes: z.number().nullable(),
  replayBytes: z.number().nullable(),
  writeSeconds: z.number().nullable(),
  flushSeconds: z.number().nullable(),
  replaySeconds: z.number().nullable(),
});

/** One member of a cluster, by all that is known of it. */
export const topologyMember = z.object({
  name: z.string(),
  /** Its PostgreSQL runs. */
  up: z.boolean(),
  /** It can be written to; null if nobody could ask. */
  writable: z.boolean().nullable(),
  /** leader, standby_leader, sync_standby, quorum_standby or replica. */
  role: z.string().nullable(),
  state: z.string().nullable(),
  timeline: z.number().nullable(),
  /** It should be there, and is gone; null if nobody can tell. */
  missing: z.boolean().nullable(),
  /** Patroni's API of it answers; null if its address is not configured. */
  patroni: z.boolean().nullable(),
  patroniVersion: z.string().nullable(),
  serverVersion: z.string().nullable(),
  pendingRestart: z.boolean().nullable(),
  /** The member that it streams from; null if it streams from none. */
  upstream: z.string().nullable(),
  /** async, potential, sync or quorum, by the primary's account. */
  sync: z.string().nullable(),
  lag: lag.nullable(),
  /** Why it may not be promoted now; null if it may, or leads. */
  notPromotable: z.string().nullable(),
});

export const readinessAnswer = z.object({
  /** 0 to 1. */
  ratio: z.number(),
  blocked: z.array(z.object({ reason: z.string(), share: z.number(), sentence: z.string() })),
  clear: z.array(z.string()),
  unknown: z.array(z.object({ reason: z.string(), why: z.string() })),
});

/** What the timers predict for a fault, and what it last took. Seconds. */
export const recoveryOfFault = z.object({
  fault: z.string(),
  predicted: z
    .object({
      /** Null: no end can be told. */
      seconds: z.number().nullable(),
      low: z.number().nullable(),
      high: z.number().nullable(),
      how: z.string(),
    })
    .nullable(),
  measured: z.object({ seconds: z.number(), low: z.number(), high: z.number(), at: z.iso.datetime() }).nullable(),
});

/** `GET /api/v1/topology`: the cluster as it is now, and whether a failover would go well. */
export const topologyAnswer = z.object({
  /** The server that can be written to; of several the one on the highest timeline. */
  primary: z.string().nullable(),
  /** Null without Patroni. */
  paused: z.boolean().nullable(),
  scheduledSwitchover: z.iso.datetime().nullable(),
  splitBrain: z.boolean().nullable(),
  members: z.array(topologyMember),
  /** Null before anything was read. */
  readiness: readinessAnswer.nullable(),
  recovery: z.object({
    /** Whose timers they are; null with the reason where nothing can be predicted. */
    patroniVersion: z.string().nullable(),
    why: z.string().nullable(),
    faults: z.array(recoveryOfFault),
  }),
  /** Null where etcd is not configured, or does not answer. */
  etcd: z
    .object({
      quorumMargin: z.number().nullable(),
      voters: z.number().nullable(),
      members: z.array(
        z.object({
          address: z.string(),
          healthy: z.boolean(),
          leader: z.boolean().nullable(),
          version: z.string().nullable(),
          readSeconds: z.number().nullable(),
        }),
      ),
    })
    .nullable(),
});

export type TopologyAnswer = z.infer<typeof topologyAnswer>;
export type TopologyMember = z.infer<typeof topologyMember>;
export type ReadinessAnswer = z.infer<typeof readinessAnswer>;
export type RecoveryOfFault = z.infer<typeof recoveryOfFault>;
