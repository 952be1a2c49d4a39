import { messageOf } from '@submilli/core';
import { z } from 'zod';
import { ask, withSession } from '../drill/ask';
import { isPrimaryRole, type Patroni } from '../drill/patroni';
import type { Access, DeployPool } from './cluster';

/** How a cluster is, as far as a deploy must leave it so. */
export const health = z.object({
  leader: z.string().nullable(),
  paused: z.boolean(),
  /** By name: that it runs. */
  members: z.record(z.string(), z.object({ runs: z.boolean(), state: z.string() })),
  /** Standbys that stream from the leader, and those of them that commits wait for; or why the leader does not say. */
  streaming: z.array(z.string()),
  synchronous: z.array(z.string()),
  unasked: z.string().nullable(),
  /** By name: null, or why clients are not served. */
  pools: z.record(z.string(), z.string().nullable()),
});
export type Health = z.output<typeof health>;

const LOOK = { timeoutMs: 4000 } as const;
const ANSWER_MS = 3000;

const standbysSql = `SELECT application_name AS name, sync_state IN ('sync', 'quorum') AS synchronous
                       FROM pg_catalog.pg_stat_replication WHERE state = 'streaming'`;
const writableSql = 'SELECT NOT pg_catalog.pg_is_in_recovery() AS writable';

/** Looks once. Never throws: whoever does not answer is not well. */
export const lookAt = async (access: Access, patroni: Patroni): Promise<Health> => {
  const cluster = await patroni.cluster().catch(() => undefined);
  const leader = cluster?.members.find(({ role }) => isPrimaryRole(role))?.name ?? null;
  const [members, standbys, pools] = await Promise.all([
    Promise.all(access.members.map((member) => patroni.status(member).catch(() => undefined))),
    standbysOf(access, leader).catch((error: unknown) => messageOf(error)),
    Promise.all(access.pools.map((pool) => poolProblem(pool, access))),
  ]);
  const stateOf = (i: number): { runs: boolean; state: string } => {
    const state = members[i]?.state ?? 'without an answer from Patroni';
    return { runs: state === 'running', state };
  };
  return {
    ...{ leader, paused: cluster?.pause === true },
    members: Object.fromEntries(access.members.map(({ name }, i) => [name, stateOf(i)])),
    ...(typeof standbys === 'string'
      ? { streaming: [], synchronous: [], unasked: standbys }
      : {
          streaming: standbys.map(({ name }) => name).sort(),
          synchronous: standbys.flatMap(({ name, synchronous }) => (synchronous ? [name] : [])).sort(),
          unasked: null,
        }),
    pools: Object.fromEntries(access.pools.map(({ name }, i) => [name, pools[i] ?? null])),
  };
};

type Standby = { readonly name: string; readonly synchronous: boolean };

const standbysOf = async ({ members, watcher }: Access, leader: string | null): Promise<Standby[]> => {
  const member = members.find(({ name }) => name === leader);
  if (member === undefined) return [];
  return withSession(member, watcher, (client) => ask<Standby>(client, standbysSql, ANSWER_MS), LOOK);
};

const poolProblem = async (pool: DeployPool, { application }: Access): Promise<string | undefined> => {
  try {
    const writable = await withSession(
      pool,
      application,
      async (client) => (await ask<{ writable: boolean }>(client, writableSql, ANSWER_MS))[0]?.writable,
      { ...LOOK, through: 'pool' },
    );
    return writable === true ? undefined : 'it leads to a standby';
  } catch (error) {
    return `clients are not served: ${messageOf(error)}`;
  }
};

/** What is wrong with a cluster by itself: nothing is deployed on top of another trouble. */
export const troubles = (now: Health, hasStandbys: boolean): string[] => [
  ...(now.leader === null ? ['there is no leader'] : []),
  ...(now.paused ? ['Patroni is paused: nobody would fail over'] : []),
  ...Object.entries(now.members).flatMap(([name, { runs, state }]) => (runs ? [] : [`${name} is ${state}`])),
  ...unaskedOf(now),
  ...(hasStandbys && now.leader !== null && now.unasked === null && now.streaming.length === 0
    ? ['no standby streams from the leader']
    : []),
  ...Object.entries(now.pools).flatMap(([name, why]) => (why === null ? [] : [`${name}: ${why}`])),
];

const unaskedOf = ({ unasked }: Health): string[] =>
  unasked === null ? [] : [`the leader can’t be asked: ${unasked}`];

/** What is worse than it was. Who leads may have changed. */
export const worseThan = (before: Health, now: Health): string[] => [
  ...(now.leader === null && before.leader !== null ? ['there is no leader'] : []),
  ...Object.entries(now.members).flatMap(([name, { runs, state }]) =>
    runs || before.members[name]?.runs !== true ? [] : [`${name} is ${state}`],
  ),
  ...unaskedOf(now),
  ...(now.unasked === null && now.streaming.length < before.streaming.length
    ? [`${now.streaming.length} of ${before.streaming.length} standbys stream`]
    : []),
  ...(now.unasked === null && now.synchronous.length < before.synchronous.length
    ? ['commits wait for fewer standbys than before']
    : []),
  ...Object.entries(now.pools).flatMap(([name, why]) =>
    why === null || before.pools[name] !== null ? [] : [`${name}: ${why}`],
  ),
];
