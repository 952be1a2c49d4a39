import { setTimeout as sleep } from 'node:timers/promises';
import type { Topology } from '../drill/topology';
import type { Lives } from './lives';
import { callsOfServer, ownOfPool, ownOfServer, type OwnCounters } from './own-counters';
import type { Mirror } from './recording';
import { isUp, scrape } from './scrape';

/** What the query exporter shows is as old as its last beat. */
const BEAT_SECONDS = 12;

/** Shown between two readings of the server's own; only what both of them have. */
export const between = (
  at: number,
  source: string,
  before: OwnCounters,
  shown: OwnCounters,
  after: OwnCounters,
): Mirror[] =>
  [...before].flatMap(([key, first]) => {
    const [seen, last] = [shown.get(key), after.get(key)];
    return last === undefined || seen === undefined
      ? []
      : [{ at, what: `${source}: ${key}`, before: first, shown: seen, after: last }];
  });

/** All a mirrored counter can be is between what its server said before and after. */
export const isOff = ({ before, shown, after }: Mirror): boolean => shown < before || shown > after;

/** What one look found of calls, which begin at zero when the exporter does: only their growth can be compared. */
type Calls = {
  readonly at: number;
  readonly life: string;
  readonly before: OwnCounters;
  readonly shown: OwnCounters;
  readonly after: OwnCounters;
};

export type Mirrors = { readonly look: () => Promise<readonly Mirror[]> };

export const watchMirrors = (options: {
  readonly topology: Topology;
  readonly lives: Lives;
  readonly service: string;
  readonly now: () => number;
  /** The exporter has lost its connection to this target since: its own counts began anew. */
  readonly lostSince: (target: string, at: number) => boolean;
  readonly signal: AbortSignal;
}): Mirrors => {
  const { topology, lives, service, now, lostSince, signal } = options;
  const calls = new Map<string, Calls>();
  const lifeOf = (server: string): string =>
    `${lives.of(service)} ${lives.of('exporters-reloaded')} ${lives.of(server)}`;

  const lookAtCalls = async (name: string): Promise<readonly Mirror[]> => {
    const member = topology.members.find((one) => one.name === name);
    if (member === undefined) return [];
    const isFirst = topology.members[0]?.name === name;
    const [at, life] = [now(), lifeOf(name)];
    const before = await callsOfServer(member, topology);
    await sleep(BEAT_SECONDS * 1000, undefined, { signal });
    const answer = await scrape('query', name, isFirst);
    const after = await callsOfServer(member, topology);
    const look: Calls = { at, life, before, shown: answer.values, after };
    const last = calls.get(name);
    if (!isUp(answer) || life !== lifeOf(name)) return [];
    if (last?.life !== life || lostSince(name, last.at)) {
      calls.set(name, look);
      return [];
    }
    const grown = (later: OwnCounters, then: OwnCounters): OwnCounters =>
      new Map([...later].flatMap(([key, value]) => (then.has(key) ? [[key, value - (then.get(key) ?? 0)]] : [])));
    return between(
      now(),
      `query ${name}, growth`,
      grown(look.before, last.after),
      grown(look.shown, last.shown),
      grown(look.after, last.before),
    );
  };

  const lookAtServer = async (
    exporter: 'database' | 'pool',
    name: string,
    isFirst: boolean,
  ): Promise<readonly Mirror[]> => {
    const member = topology.members.find((one) => one.name === name);
    const own = (): Promise<OwnCounters> =>
      member === undefined ? ownOfPool(topology) : ownOfServer(member, topology);
    const server = member?.name ?? 'pgbouncer';
    const life = lifeOf(server);
    const before = await own();
    // Who asks while a collection is under way shares it: only the one after it has begun after our reading.
    await scrape(exporter, name, isFirst);
    const answer = await scrape(exporter, name, isFirst);
    const after = await own();
    if (!isUp(answer) || life !== lifeOf(server)) return [];
    return between(now(), `${exporter} ${name}`, before, answer.values, after);
  };

  return {
    look: async () => {
      const members = topology.members.map(({ name }) => name);
      const found: Mirror[] = [];
      for (const [i, name] of members.entries()) found.push(...(await lookAtServer('database', name, i === 0)));
      found.push(...(await lookAtServer('pool', 'pool', true)));
      for (const calls of await Promise.all(members.map((name) => lookAtCalls(name)))) found.push(...calls);
      return found;
    },
  };
};
