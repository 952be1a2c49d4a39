import { z } from 'zod';

/** Shapes of Patroni's REST answers (https://patroni.readthedocs.io/en/latest/rest_api.html), 3.0 to 4.1. */

/** Bytes, or "unknown". */
const lag = z.union([z.number(), z.string()]).transform((value) => (typeof value === 'number' ? value : null));

export const clusterMember = z.object({
  name: z.string(),
  /** leader, standby_leader, sync_standby, quorum_standby or replica. */
  role: z.string(),
  state: z.string(),
  api_url: z.string().optional(),
  host: z.string().optional(),
  port: z.number().optional(),
  timeline: z.union([z.number(), z.string()]).optional(),
  lag: lag.optional(),
  pending_restart: z.boolean().default(false),
  tags: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

/** `GET /cluster`. */
export const clusterAnswer = z.object({
  members: z.array(clusterMember),
  pause: z.boolean().default(false),
  scheduled_switchover: z
    .object({ at: z.string().optional(), from: z.string().optional(), to: z.string().optional() })
    .optional(),
});

export type Cluster = z.output<typeof clusterAnswer>;
export type ClusterMember = z.output<typeof clusterMember>;

/** `GET /history`: [timeline, LSN, reason, when?, new leader?] for each switch of timelines. */
export const historyAnswer = z.array(
  z.tuple([z.number(), z.union([z.number(), z.string()]), z.string()]).rest(z.union([z.string(), z.null()])),
);

export type History = z.output<typeof historyAnswer>;

/** Of these at least one is in every configuration that a Patroni has written. */
const KNOWN = ['ttl', 'loop_wait', 'retry_timeout', 'maximum_lag_on_failover', 'postgresql', 'synchronous_mode'];

/** A number, or its digits, as Patroni takes them; no time and no size is larger. Anything else is as good as left out. */
const number = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\s*-?\d+(\.\d+)?\s*$/)
      .transform(Number),
  ])
  .pipe(z.number().min(-1e15).max(1e15))
  .optional()
  .catch(undefined);

/** As Patroni's `parse_bool`, and the mode that came with 4.0. */
const [ON, OFF] = [/^(on|true|yes|1|quorum)$/i, /^(off|false|no|0)$/i];
const flag = z
  .union([z.boolean(), z.string(), z.number()])
  .transform((value) => (ON.test(String(value)) ? true : OFF.test(String(value)) ? false : undefined))
  .optional()
  .catch(undefined);

/** `GET /config`: the dynamic configuration. What it leaves out has Patroni's default. */
export const configAnswer = z
  .looseObject({
    ttl: number,
    loop_wait: number,
    retry_timeout: number,
    maximum_lag_on_failover: number,
    primary_start_timeout: number,
    master_start_timeout: number,
    synchronous_mode: flag,
    synchronous_mode_strict: flag,
    failsafe_mode: flag,
    synchronous_node_count: number,
    standby_cluster: z.unknown().optional(),
  })
  .refine((config) => KNOWN.some((key) => key in config), 'none of Patroni’s settings is in it');

/** With whatever else is in it, known to Patroni or not. */
export type DynamicConfig = z.output<typeof configAnswer>;

/** Where the WAL is: of a leader where it writes, of a replica how far it has come. */
const xlog = z.object({
  location: z.number().optional(),
  received_location: z.number().nullish(),
  replayed_location: z.number().nullish(),
  replayed_timestamp: z.string().nullish(),
  paused: z.boolean().nullish(),
});

/** `GET /patroni`: one member about itself. The role "master" became "primary" with 4.0. */
export const memberAnswer = z.object({
  state: z.string(),
  role: z.string().default('unknown'),
  server_version: z.number().optional(),
  // For the compatibility view alone: whatever is in them, the member has answered.
  postmaster_start_time: z.string().nullish().catch(null),
  xlog: xlog.optional().catch(undefined),
  replication_state: z.string().optional().catch(undefined),
  sync_standby: z.boolean().catch(false),
  quorum_standby: z.boolean().catch(false),
  cluster_unlocked: z.boolean().catch(false),
  pause: z.boolean().catch(false),
  tags: z.record(z.string(), z.unknown()).optional().catch(undefined),
  timeline: z.number().nullish(),
  dcs_last_seen: z.number().optional(),
  failsafe_mode_is_active: z.boolean().default(false),
  /** Said only where the watchdog is required and can't be used. */
  watchdog_failed: z.boolean().catch(false),
  pending_restart: z.boolean().default(false),
  patroni: z.object({ version: z.string(), scope: z.string(), name: z.string().optional() }),
});

export type MemberAnswer = z.output<typeof memberAnswer>;
