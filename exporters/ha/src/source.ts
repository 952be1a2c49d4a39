import {
  type ClusterTarget,
  type Clock,
  type Config,
  type Deadline,
  deadlineIn,
  noLaterThan,
  Problem,
  problemFrom,
  quoteIdentifier,
  type Source,
  type SqlSession,
} from '@submilli/core';
import { askMember, type MemberState, momentOf } from './patroni/members';
import { type Cluster, clusterAnswer } from './patroni/schema';
import { readCloser, type ServerRow } from './servers/closer-look';
import type { Server } from './servers/server';
import { type ClusterSession, createClusterSession } from './session/cluster-session';

/** One server of the configuration, as it answered, or why it did not. */
export type ServerState = { readonly server: string; readonly row: ServerRow | Problem };

/** The primary as we know it now. */
export type Primary = {
  /** As Patroni names it, or the configuration where it doesn't. */
  readonly name: string;
  readonly server: string;
  readonly monitor: boolean;
  readonly user: string;
  readonly query: SqlSession['query'];
};

/** What is known of a cluster at the start of a scrape. Each part may be missing, with the reason why. */
export type HaFacts = {
  readonly cluster: Cluster | Problem;
  readonly members: readonly MemberState[];
  readonly servers: readonly ServerState[];
  readonly primary: Primary | Problem;
  readonly configured: {
    readonly patroni: boolean;
    readonly postgres: boolean;
    readonly etcd: boolean;
    readonly backup: boolean;
    readonly drills: boolean;
    /** The watchdog's mode as the configuration tells it; null if it doesn't. */
    readonly watchdog: ClusterTarget['watchdog'] | null;
  };
  /** Milliseconds since 1970. */
  readonly readAt: number;
};

/** A session that knows what it is for: a sampler reads its own facts at each beat. */
type Used = ClusterSession & { readonly purpose: 'scrape' | 'sample' };

export const haSource = (target: ClusterTarget, config: Config, clock: Clock): Source<ClusterSession, HaFacts> => {
  const servers = target.postgres.flatMap((name) => config.postgres.find((server) => server.name === name) ?? []);
  const places = [...target.patroni, ...servers.map(({ host, port }) => `${host}:${port}`)];
  const where = `${target.name} (${places.join(', ')})`;
  // Both purposes share it: each server gets one connection from us, however many ask.
  let shared: { readonly session: ClusterSession; users: number } | undefined;
  return {
    where,
    open: (purpose) => {
      shared ??= {
        session: createClusterSession({ where, target, servers, limits: config.timeouts, clock }),
        users: 0,
      };
      const mine = shared;
      mine.users += 1;
      const session: Used = { ...mine.session, purpose: purpose === 'sample' ? 'sample' : 'scrape' };
      const close = async (): Promise<void> => {
        mine.users -= 1;
        if (mine.users > 0) return;
        if (shared === mine) shared = undefined;
        await mine.session.close();
      };
      return Promise.resolve({ session, isClosed: () => false, close });
    },
    facts: (session, deadline) =>
      (session as Used).purpose === 'sample' ? Promise.resolve(noFacts(session)) : readFacts(session, deadline, config),
    plan: planHa,
  };
};

const configuredOf = ({ patroni, servers, etcd, backup, drills, watchdog }: ClusterSession): HaFacts['configured'] => ({
  watchdog: watchdog ?? null,
  patroni: patroni.length > 0,
  postgres: servers.length > 0,
  etcd: etcd.length > 0,
  backup: backup !== undefined,
  drills: drills !== undefined,
});

const noFacts = (session: ClusterSession): HaFacts => {
  const unasked = new Problem('missing', { what: 'not asked for', where: session.where });
  const configured = configuredOf(session);
  const readAt = session.clock.wall();
  return { cluster: unasked, members: [], servers: [], primary: unasked, configured, readAt };
};

/** All are asked at once, so that one that hangs takes none of the others' time; and half the time is left for the rest. */
const readFacts = async (session: ClusterSession, deadline: Deadline, config: Config): Promise<HaFacts> => {
  const { where, clock } = session;
  const limit = noLaterThan(deadline, deadline.remainingMs() / 2, clock);
  const readAt = clock.wall();
  const [cluster, members, servers] = await Promise.all([
    session.askAny('/cluster', clusterAnswer, limit).catch((error: unknown) => problemFrom(error, where)),
    Promise.all(session.patroni.map((endpoint) => askMember(endpoint, limit))),
    Promise.all(session.servers.map((server) => stateOf(server, limit, config, clock))),
  ]);
  if (!(cluster instanceof Problem)) {
    const at = momentOf(cluster.scheduled_switchover?.at);
    session.note({ listed: cluster.members, scheduledAt: at === null ? undefined : at * 1000 });
  }
  learnFrom(session, members, servers);
  const anyone = [cluster, ...members.map(({ answer }) => answer), ...servers.map(({ row }) => row)];
  const configured = configuredOf(session);
  // The cluster is up when anything of it answers; each collector says for itself what it misses.
  if (anyone.every((one) => one instanceof Problem)) throw reasonOf(configured.patroni, cluster, servers);
  return { cluster, members, servers, primary: primaryOf(session, cluster, servers), configured, readAt };
};

const stateOf = async (server: Server, limit: Deadline, config: Config, clock: Clock): Promise<ServerState> => {
  const { scrape_ms } = config.timeouts;
  const row = await server
    .use((session) => readCloser(session, deadlineIn(scrape_ms, clock)), limit)
    .catch((error: unknown) => problemFrom(error, server.target.name));
  return { server: server.target.name, row };
};

const learnFrom = (session: ClusterSession, members: readonly MemberState[], servers: readonly ServerState[]): void => {
  const apis = members.map(({ address, answer }) => ({
    address,
    ...(answer instanceof Problem
      ? {}
      : { name: answer.patroni.name, started: momentOf(answer.postmaster_start_time) ?? undefined }),
  }));
  const starts = servers.flatMap(({ server, row }) => (row instanceof Problem ? [] : [[server, row.started] as const]));
  session.learn(apis, new Map(starts));
};

const reasonOf = (hasPatroni: boolean, cluster: unknown, servers: readonly ServerState[]): Problem => {
  const first = servers[0]?.row;
  if (!hasPatroni && first instanceof Problem) return first;
  return cluster instanceof Problem ? cluster : new Problem('connection', { what: 'nothing of the cluster answers' });
};

/**
 * The server that can be written to; of several the one on the highest timeline, since an old primary that came back is
 * on an older one, then the one that Patroni calls leader.
 */
const primaryOf = (
  session: ClusterSession,
  cluster: Cluster | Problem,
  servers: readonly ServerState[],
): Primary | Problem => {
  const nodes = session.nodes();
  const leader = cluster instanceof Problem ? undefined : cluster.members.find(({ role }) => role.endsWith('leader'));
  const nameOf = (server: string): string => nodes.find((node) => node.server === server)?.name ?? server;
  const [first] = servers
    .flatMap(({ server, row }) => (row instanceof Problem || row.in_recovery ? [] : [{ server, row }]))
    .sort(
      (a, b) =>
        (b.row.timeline ?? 0) - (a.row.timeline ?? 0) ||
        Number(nameOf(b.server) === leader?.name) - Number(nameOf(a.server) === leader?.name),
    );
  if (first === undefined) return noPrimary(session, servers);
  const { server, row } = first;
  return {
    ...{ name: nameOf(server), server, monitor: row.monitor, user: row.role_name },
    query: (text, values, deadline) => {
      const found = session.servers.find(({ target }) => target.name === server);
      if (found === undefined) throw new Problem('missing', { what: 'is not configured', where: server });
      return found.use((sql) => sql.query(text, values, deadline), deadline);
    },
  };
};

const noPrimary = (session: ClusterSession, servers: readonly ServerState[]): Problem => {
  const failed = servers.find(({ row }) => row instanceof Problem)?.row;
  if (failed instanceof Problem) return failed;
  return new Problem('missing', {
    what: servers.length === 0 ? 'no server is configured' : 'none of the servers is a primary',
    where: session.where,
    hint: servers.length === 0 ? 'Name the cluster’s servers under clusters: postgres.' : 'Is a failover under way?',
  });
};

const planHa: Source<ClusterSession, HaFacts>['plan'] = (needs, facts) => {
  const { configured, primary } = facts;
  if (needs.configured === 'patroni' && !configured.patroni) {
    return { reason: 'configuration', detail: 'the cluster has no Patroni address configured', remedy: null };
  }
  if (needs.configured === 'postgres' && !configured.postgres) {
    return { reason: 'configuration', detail: 'the cluster has no server configured', remedy: null };
  }
  if (needs.configured === 'backup' && !configured.backup) {
    return { reason: 'configuration', detail: 'the cluster has no backup configured', remedy: null };
  }
  if (needs.configured === 'drills' && !configured.drills) {
    return { reason: 'configuration', detail: 'the cluster has no drills_directory configured', remedy: null };
  }
  if (needs.configured === 'etcd' && !configured.etcd) {
    return { reason: 'configuration', detail: 'the cluster has no etcd address configured', remedy: null };
  }
  if (needs.privilege === 'pg_monitor' && !(primary instanceof Problem) && !primary.monitor) {
    const detail = `role ${primary.user} is not a member of pg_monitor`;
    const remedy = `as a superuser: GRANT pg_monitor TO ${quoteIdentifier(primary.user)};`;
    return { reason: 'privilege', detail, remedy };
  }
  return undefined;
};
