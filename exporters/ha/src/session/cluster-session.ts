import {
  type BackupSettings,
  type Clock,
  type ClusterTarget,
  type Config,
  type Deadline,
  noLaterThan,
  type PostgresTarget,
  Problem,
  problemFrom,
} from '@submilli/core';
import type { z } from 'zod';
import { createObserver, type Observer } from '../failover/observer';
import { etcdEndpoints, patroniEndpoints } from '../http/endpoints';
import { type Endpoint, getJson } from '../http/get';
import type { ClusterMember, DynamicConfig } from '../patroni/schema';
import { createServer, type Server } from '../servers/server';
import { type Api, learn, noLinks, type Node, nodesOf, type ServerOf } from '../topology/nodes';

/** What was last heard of the cluster as a whole; both the scrape and the sampler go by it. */
export type Known = {
  readonly listed: readonly ClusterMember[] | undefined;
  readonly config: DynamicConfig | undefined;
  /** When a switchover is scheduled, in milliseconds since 1970. */
  readonly scheduledAt: number | undefined;
};

/** One cluster: Patroni's members and etcd over HTTP, each server over one SQL connection. */
export type ClusterSession = {
  readonly name: string;
  readonly where: string;
  readonly clock: Clock;
  readonly patroni: readonly Endpoint[];
  readonly etcd: readonly Endpoint[];
  readonly servers: readonly Server[];
  readonly backup: BackupSettings | undefined;
  /** Where `submilli drill` leaves its reports. */
  readonly drills: string | undefined;
  readonly watchdog: ClusterTarget['watchdog'];
  /** Asks members in turn, beginning with the one that answered last, until one answers as it should. */
  readonly askAny: <T>(path: string, shape: z.ZodType<T>, deadline: Deadline) => Promise<T>;
  readonly known: () => Known;
  readonly note: (news: Partial<Known>) => void;
  /** Learns which API and which server belong together. */
  readonly learn: (apis: readonly Api[], starts: ReadonlyMap<string, number>) => void;
  readonly nodes: () => readonly Node[];
  readonly observer: Observer;
  readonly close: () => Promise<void>;
};

export type SessionOptions = {
  readonly where: string;
  readonly target: ClusterTarget;
  readonly servers: readonly PostgresTarget[];
  readonly limits: Config['timeouts'];
  readonly clock: Clock;
};

export const createClusterSession = (options: SessionOptions): ClusterSession => {
  const { where, target, limits, clock } = options;
  const patroni = patroniEndpoints(target);
  const servers = options.servers.map((one) => createServer(one, limits, clock));
  const places: readonly ServerOf[] = options.servers.map(({ name, host, port }) => ({ name, host, port }));
  let known: Known = { listed: undefined, config: undefined, scheduledAt: undefined };
  let links = noLinks;
  let preferred = 0;

  const askAny: ClusterSession['askAny'] = async (path, shape, deadline) => {
    let failure: Problem | undefined;
    for (let i = 0; i < patroni.length; i += 1) {
      const index = (preferred + i) % patroni.length;
      const endpoint = patroni[index];
      if (endpoint === undefined) continue;
      try {
        const share = deadline.remainingMs() / (patroni.length - i);
        const answer = shape.parse(await getJson(endpoint, path, noLaterThan(deadline, share, clock)));
        preferred = index;
        return answer;
      } catch (error) {
        failure ??= problemFrom(error, `Patroni ${endpoint.address}${path}`);
      }
    }
    throw failure ?? new Problem('missing', { what: 'no Patroni address is configured', where });
  };

  const session: Omit<ClusterSession, 'observer'> = {
    ...{ name: target.name, where, clock, patroni, servers, askAny, watchdog: target.watchdog },
    ...{ backup: target.backup, drills: target.drills_directory },
    etcd: etcdEndpoints(target),
    known: () => known,
    note: (news) => {
      known = { ...known, ...news };
    },
    learn: (apis, starts) => {
      const started = places.map((place) => ({ ...place, started: starts.get(place.name) }));
      links = learn(links, apis, started, known.listed ?? []);
    },
    nodes: () =>
      nodesOf(
        links,
        patroni.map(({ address }) => address),
        places,
        known.listed ?? [],
      ),
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
  return { ...session, observer: createObserver(session, limits) };
};
