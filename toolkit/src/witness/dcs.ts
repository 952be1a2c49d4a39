import { z } from 'zod';
import type { KeyValue, Txn } from './etcd/txn';
import type { Keys } from './keys';
import { isOff, isOn, word } from './words';

/** What etcd holds about one cluster, all read at the same moment. */
export type Dcs = {
  readonly leader: { readonly name: string; readonly revision: string; readonly lease: string | null } | null;
  readonly config: DynamicConfig | null;
  readonly sync: {
    readonly revision: string;
    readonly leader: string | null;
    readonly standbys: readonly string[];
  } | null;
  /** `pending`: somebody wants a switchover or failover, now or later. */
  readonly failover: { readonly revision: string; readonly pending: boolean } | null;
  readonly members: ReadonlyMap<string, Member>;
  /** Where the leader's WAL was when it last said. */
  readonly lsn: number | null;
  readonly votes: readonly Vote[];
  /** Who removed a leader key a short while ago. */
  readonly removed: string | null;
};

export type DynamicConfig = {
  readonly revision: string;
  readonly synchronous: 'off' | 'on' | 'quorum';
  readonly paused: boolean;
  readonly standbyCluster: boolean;
  /** Seconds; bytes. */
  readonly loopWait: number;
  readonly maximumLag: number;
};

export type Member = {
  readonly postgres: { readonly host: string; readonly port: number } | null;
  readonly patroni: string | null;
  readonly timeline: number | null;
};

/** A witness has seen this leader, the owner of the key as of this revision, dead `checks` times in a row. */
export type Ballot = { readonly leader: string; readonly revision: string; readonly checks: number };
export type Vote = Ballot & {
  readonly witness: string;
  /** All witnesses, as the voter knows them. */
  readonly witnesses: readonly string[];
  /** The revision of the vote itself: it moves each time the vote is given again. */
  readonly own: string;
};

export const readTxn = (keys: Keys): Txn => ({
  compare: [],
  then: [
    ...[keys.leader, keys.config, keys.sync, keys.failover, keys.status, keys.removed].map((key) => ({
      op: 'get' as const,
      key,
    })),
    { op: 'getAll', prefix: keys.members },
    { op: 'getAll', prefix: keys.votes },
  ],
});

/** Throws where a key of Patroni's can't be understood: what isn't understood is not acted on. */
export const dcsOf = (keys: Keys, found: readonly KeyValue[]): Dcs => {
  const by = new Map(found.map((kv) => [kv.key, kv]));
  const parse = <T>(key: string, shape: z.ZodType<T>): (T & { readonly revision: string }) | null => {
    const kv = by.get(key);
    if (kv === undefined) return null;
    try {
      return { ...shape.parse(JSON.parse(kv.value === '' ? '{}' : kv.value)), revision: kv.revision };
    } catch (cause) {
      throw new Error(`etcd’s ${key} is not what Patroni writes there`, { cause });
    }
  };
  const leader = by.get(keys.leader);
  const failover = by.get(keys.failover);
  return {
    leader: leader === undefined ? null : { name: leader.value, revision: leader.revision, lease: leader.lease },
    config: parse(keys.config, config),
    sync: parse(keys.sync, sync),
    failover:
      failover === undefined
        ? null
        : { revision: failover.revision, pending: !/^\s*(\{\s*\})?\s*$/.test(failover.value) },
    members: new Map(
      found
        .filter(({ key }) => key.startsWith(keys.members))
        .map((kv) => [kv.key.slice(keys.members.length), memberOf(kv)]),
    ),
    lsn: parse(keys.status, status)?.optime ?? null,
    votes: votesOf(keys, found),
    removed: by.get(keys.removed)?.value ?? null,
  };
};

const config = z
  .object({
    synchronous_mode: word,
    pause: word,
    standby_cluster: z.unknown().optional(),
    loop_wait: z.coerce.number().positive().default(10),
    maximum_lag_on_failover: z.coerce.number().nonnegative().default(1_048_576),
  })
  .transform((raw) => ({
    synchronous: synchronousOf(raw.synchronous_mode),
    // In doubt it is paused.
    paused: !isOff(raw.pause),
    standbyCluster: raw.standby_cluster !== undefined && raw.standby_cluster !== null,
    loopWait: raw.loop_wait,
    maximumLag: raw.maximum_lag_on_failover,
  }));

const synchronousOf = (mode: string): DynamicConfig['synchronous'] =>
  mode === 'quorum' ? 'quorum' : isOn(mode) ? 'on' : 'off';

const sync = z.object({ leader: z.string().nullish(), sync_standby: z.string().nullish() }).transform((raw) => ({
  leader: raw.leader ?? null,
  standbys: (raw.sync_standby ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
}));

const status = z.object({ optime: z.coerce.number().optional() });

const member = z.object({
  conn_url: z.string().optional(),
  api_url: z.string().optional(),
  timeline: z.number().optional().catch(undefined),
});

export const NOBODY: Member = { postgres: null, patroni: null, timeline: null };

/** A member that says nothing understandable of itself can't be asked, and so is never found dead. */
const memberOf = ({ value }: KeyValue): Member => {
  try {
    const { conn_url, api_url, timeline } = member.parse(JSON.parse(value));
    return { postgres: addressOf(conn_url), patroni: api_url ?? null, timeline: timeline ?? null };
  } catch {
    return NOBODY;
  }
};

const addressOf = (connUrl: string | undefined): Member['postgres'] => {
  if (connUrl === undefined || !URL.canParse(connUrl)) return null;
  const { hostname, port } = new URL(connUrl);
  return hostname === '' ? null : { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 5432 : Number(port) };
};

export const vote = z.object({
  leader: z.string(),
  revision: z.string(),
  checks: z.number().int(),
  witnesses: z.array(z.string()),
  /** When the voter first found the leader dead, by its own wall clock: for people. */
  since: z.string(),
});

/** What is no vote doesn't count. */
export const votesOf = (keys: Keys, found: readonly KeyValue[]): Vote[] =>
  found
    .filter(({ key }) => key.startsWith(keys.votes))
    .flatMap((kv) => {
      try {
        const { leader, revision, checks, witnesses } = vote.parse(JSON.parse(kv.value));
        return [{ witness: kv.key.slice(keys.votes.length), own: kv.revision, leader, revision, checks, witnesses }];
      } catch {
        return [];
      }
    });
