import { type Config, messageOf, type Shared, SubmilliError } from '@submilli/core';
import type { Facts, PoolFacts, ServerFacts } from './facts';
import type { Finding } from './finding';
import { judge } from './judge/judge';
import { RULES } from './judge/pools';
import type { Limits } from './judge/sessions';
import { lookAtServer } from './look/server';
import { configFor, stay, type WatchedPool, watchPool } from './look/pool';

/** Eyes that stay open over several rounds. */
export type Doctor = {
  readonly round: () => Promise<Diagnosis>;
  readonly close: () => Promise<void>;
};

export type Diagnosis = {
  readonly facts: Facts;
  readonly findings: readonly Finding[];
  /** Who could not be asked, and what could not be judged. */
  readonly blind: Facts['blind'];
};

/** Opens eyes on every pool and server of the configuration. What needs a window is judged once one has been watched. */
export const openDoctor = (config: Config, limits: Limits): Doctor => {
  if (config.pgbouncer.length + config.postgres.length === 0) {
    throw new SubmilliError({ what: 'there is no patient: nothing under pgbouncer and postgres in the configuration' });
  }
  let rooms: readonly Shared[] = [];
  const pools = config.pgbouncer.map((target): readonly [string, WatchedPool] => [
    target.name,
    watchPool(target, config, () => rooms),
  ]);
  return {
    round: async () => {
      const seenServers = await Promise.all(
        config.postgres.map((target) => seen(target.name, lookAtServer(target, config))),
      );
      rooms = seenServers.flatMap((one) => ('found' in one ? roomOf(one.found) : []));
      const seenPools = await Promise.all(pools.map(([name, pool]) => seen(name, pool.look())));
      const facts = factsOf(seenPools, seenServers);
      return { facts, findings: judge(facts, config.thresholds, limits), blind: [...facts.blind, ...unjudged(facts)] };
    },
    close: async () => {
      await Promise.all(pools.map(([, pool]) => pool.close()));
    },
  };
};

const roomOf = ({ host, port, room }: ServerFacts): Shared[] =>
  room === null ? [] : [{ kind: 'server-room', host, port, limit: room }];

type Seen<T> = { readonly found: T } | { readonly where: string; readonly why: string };

const seen = async <T>(where: string, look: Promise<T>): Promise<Seen<T>> => {
  try {
    return { found: await look };
  } catch (error) {
    return { where, why: messageOf(error) };
  }
};

const factsOf = (pools: readonly Seen<PoolFacts>[], servers: readonly Seen<ServerFacts>[]): Facts => ({
  pools: pools.flatMap((one) => ('found' in one ? [one.found] : [])),
  servers: servers.flatMap((one) => ('found' in one ? [one.found] : [])),
  blind: [...pools, ...servers].flatMap((one) => ('found' in one ? [] : [one])),
});

const unjudged = ({ pools }: Facts): Facts['blind'] =>
  pools.flatMap(({ name, notEvaluated }) =>
    notEvaluated
      .filter(({ rule }) => RULES.has(rule))
      .map(({ rule, reason }) => ({ where: name, why: `${rule} is not judged: ${reason}` })),
  );

/** One look: long enough to see how pools are used, and no longer. */
export const examine = async (
  config: Config,
  limits: Limits,
  {
    seconds,
    signal,
    say,
  }: { readonly seconds: number; readonly signal: AbortSignal; readonly say: (detail: string) => void },
): Promise<Diagnosis> => {
  const doctor = openDoctor(configFor(config, seconds), limits);
  try {
    if (config.pgbouncer.length > 0) await stay(seconds, signal, say);
    return await doctor.round();
  } finally {
    await doctor.close();
  }
};
