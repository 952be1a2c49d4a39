import {
  type BackupSettings,
  type Clock,
  type Config,
  connectSql,
  createLink,
  type Deadline,
  type Link,
  noLaterThan,
  type PostgresTarget,
  Problem,
  problemFrom,
  type SqlSession,
  whereOf,
} from '@submilli/core';
import { z } from 'zod';
import { type Endpoint, getJson } from '../patroni/http';
import { type Cluster, clusterAnswer } from '../patroni/schema';

/** The primary as we know it now, with a session on it. */
export type Primary = {
  readonly name: string;
  readonly monitor: boolean;
  readonly user: string;
  readonly sql: SqlSession;
};

/** One cluster: its Patroni members over HTTP, its primary over one SQL connection that moves when the primary does. */
export type ClusterSession = {
  /** What it is called in errors. */
  readonly where: string;
  readonly backup: BackupSettings | undefined;
  readonly endpoints: readonly Endpoint[];
  readonly servers: readonly PostgresTarget[];
  readonly askAny: (path: string, deadline: Deadline) => Promise<unknown>;
  readonly cluster: (deadline: Deadline) => Promise<Cluster>;
  readonly primary: (cluster: Cluster | undefined, deadline: Deadline) => Promise<Primary>;
  /** Names met in the life of this process, so that one that goes missing is shown as lost. */
  readonly remember: (kind: 'member' | 'replica', names: readonly string[]) => readonly string[];
  readonly close: () => Promise<void>;
};

export type SessionOptions = {
  readonly where: string;
  readonly backup: BackupSettings | undefined;
  readonly endpoints: readonly Endpoint[];
  readonly servers: readonly PostgresTarget[];
  readonly limits: Config['timeouts'];
  readonly clock: Clock;
};

const MAX_NAMES = 100;

const selfRow = z.object({ in_recovery: z.boolean(), monitor: z.boolean(), role_name: z.string() });
const selfSql = `SELECT pg_catalog.pg_is_in_recovery() AS in_recovery,
                        pg_catalog.pg_has_role('pg_monitor', 'USAGE') AS monitor, current_user::text AS role_name`;

export const createClusterSession = (options: SessionOptions): ClusterSession => {
  const { where, endpoints, servers, limits, clock } = options;
  const seen = { member: new Set<string>(), replica: new Set<string>() };
  let current: { readonly server: PostgresTarget; readonly link: Link<SqlSession> } | undefined;

  /** Members are asked in turn, beginning with the one that answered last. */
  let preferred = 0;
  const askAny = async (path: string, deadline: Deadline): Promise<unknown> => {
    let failure: Problem | undefined;
    for (let i = 0; i < endpoints.length; i += 1) {
      const index = (preferred + i) % endpoints.length;
      const endpoint = endpoints[index];
      if (endpoint === undefined) continue;
      try {
        const share = deadline.remainingMs() / (2 * endpoints.length);
        const answer = await getJson(endpoint, path, noLaterThan(deadline, share, clock));
        preferred = index;
        return answer;
      } catch (error) {
        failure ??= problemFrom(error, where);
      }
    }
    throw failure ?? new Problem('missing', { what: 'no Patroni address is configured', where });
  };

  const linkTo = (server: PostgresTarget): Link<SqlSession> =>
    createLink({
      where: whereOf(server),
      open: (deadline) =>
        connectSql({ address: server, limits, applicationName: 'submilli/ha', dialect: 'postgres', clock }, deadline),
      clock,
      random: Math.random,
    });

  const tryServer = async (server: PostgresTarget, deadline: Deadline): Promise<Primary | undefined> => {
    if (current?.server !== server) {
      await current?.link.close();
      current = { server, link: linkTo(server) };
    }
    const sql = await current.link.use(deadline);
    const [self] = selfRow.array().parse(await sql.query(selfSql, [], deadline));
    if (self === undefined || self.in_recovery) return undefined;
    return { name: server.name, monitor: self.monitor, user: self.role_name, sql };
  };

  const primary = async (cluster: Cluster | undefined, deadline: Deadline): Promise<Primary> => {
    const order = byLikelihood(servers, cluster, current?.server);
    const problems: Problem[] = [];
    for (const [i, server] of order.entries()) {
      const share = Math.max(0, deadline.remainingMs()) / (order.length - i);
      try {
        const found = await tryServer(server, noLaterThan(deadline, share, clock));
        if (found !== undefined) return found;
      } catch (error) {
        problems.push(problemFrom(error, whereOf(server)));
      }
    }
    const [first] = problems;
    if (first !== undefined) throw first;
    throw new Problem('missing', {
      what: servers.length === 0 ? 'no server is configured' : 'none of the servers is a primary',
      where,
      hint: servers.length === 0 ? 'Name the cluster’s servers under clusters: postgres.' : 'Is a failover under way?',
    });
  };

  return {
    where,
    backup: options.backup,
    endpoints,
    servers,
    askAny,
    cluster: async (deadline) => clusterAnswer.parse(await askAny('/cluster', deadline)),
    primary,
    remember: (kind, names) => {
      for (const name of names) if (seen[kind].size < MAX_NAMES) seen[kind].add(name);
      return [...seen[kind]];
    },
    close: async () => {
      await current?.link.close();
    },
  };
};

/** The leader that Patroni names first, then the server that was primary until now, then the rest. */
const byLikelihood = (
  servers: readonly PostgresTarget[],
  cluster: Cluster | undefined,
  current: PostgresTarget | undefined,
): PostgresTarget[] => {
  const leader = cluster?.members.find(({ role }) => role === 'leader' || role === 'standby_leader');
  const isLeader = (server: PostgresTarget): boolean =>
    leader !== undefined &&
    (server.name === leader.name || (server.host === leader.host && server.port === leader.port));
  const rank = (server: PostgresTarget): number => (isLeader(server) ? 0 : server === current ? 1 : 2);
  return [...servers].sort((a, b) => rank(a) - rank(b));
};
