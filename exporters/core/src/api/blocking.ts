import { z } from 'zod';

const session = z.object({
  /** 0: a prepared transaction, which has no session. */
  pid: z.number(),
  database: z.string().nullable(),
  user: z.string().nullable(),
  application: z.string().nullable(),
  state: z.string().nullable(),
  /** As PostgreSQL writes it: type and event. */
  waitEvent: z.string().nullable(),
  /** Of its running or last statement, where the server computes one; never its text. */
  queryid: z.string().nullable(),
  /** How long it has been waiting for the lock, in seconds; null for who does not wait. */
  waitingSeconds: z.number().nullable(),
  transactionSeconds: z.number().nullable(),
  /** The lock it waits for: mode and what it is on. */
  lock: z.object({ mode: z.string(), type: z.string(), relation: z.string().nullable() }).nullable(),
});

export type BlockedSession = z.infer<typeof session> & { readonly blocks: readonly BlockedSession[] };

const blockedSession: z.ZodType<BlockedSession> = session.extend({
  get blocks() {
    return z.array(blockedSession);
  },
});

export const blockingTree = z.object({
  root: blockedSession,
  /** Sessions that wait for the root, directly or not. */
  victims: z.number(),
  /** Steps from the root to its farthest victim. */
  depth: z.number(),
  longestSeconds: z.number(),
});

export type BlockingTree = z.infer<typeof blockingTree>;

/** `GET /api/v1/blocking`: who holds up whom, the root with most victims first. */
export const blockingAnswer = z.object({
  /** Null when it could not be read. */
  asOf: z.iso.datetime().nullable(),
  waiting: z.number(),
  /** Waiters beyond what is looked at. */
  leftOut: z.number(),
  trees: z.array(blockingTree),
});

export type BlockingAnswer = z.infer<typeof blockingAnswer>;

/** `GET /api/v1/xmin-horizon`: who keeps dead rows from being removed, the oldest first. */
export const xminHorizonAnswer = z.object({
  /** Null when it could not be read. */
  asOf: z.iso.datetime().nullable(),
  holders: z.array(
    z.object({
      holder: z.enum(['backend', 'replication_slot', 'prepared_transaction', 'standby']),
      name: z.string(),
      pid: z.number().nullable(),
      age: z.number(),
      seconds: z.number().nullable(),
    }),
  ),
});

export type XminHorizonAnswer = z.infer<typeof xminHorizonAnswer>;
