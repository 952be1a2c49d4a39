import {
  type ClusterTarget,
  type Clock,
  type Config,
  type Deadline,
  Problem,
  problemFrom,
  quoteIdentifier,
  readFile,
  type Source,
} from '@submilli/core';
import type { Cluster } from './patroni/schema';
import { type ClusterSession, createClusterSession, type Primary } from './session/cluster-session';

/** What is known of a cluster at the start of a scrape. Each half may be missing, with the reason why. */
export type HaFacts = {
  readonly cluster: Cluster | Problem;
  readonly primary: Primary | Problem;
  readonly hasPatroni: boolean;
  readonly hasServers: boolean;
  readonly hasBackup: boolean;
};

export const haSource = (target: ClusterTarget, config: Config, clock: Clock): Source<ClusterSession, HaFacts> => {
  const endpoints = (ca: string | undefined) => target.patroni.map((url) => ({ url, address: new URL(url).host, ca }));
  const servers = target.postgres.flatMap((name) => config.postgres.find((server) => server.name === name) ?? []);
  const places = [...target.patroni, ...servers.map(({ host, port }) => `${host}:${port}`)];
  const where = `${target.name} (${places.join(', ')})`;
  return {
    where,
    open: () => {
      const ca =
        target.patroni_ca_file === undefined ? undefined : readFile(target.patroni_ca_file, where, 'patroni_ca_file');
      const limits = config.timeouts;
      const { backup } = target;
      const session = createClusterSession({ where, backup, endpoints: endpoints(ca), servers, limits, clock });
      return Promise.resolve({ session, isClosed: () => false, close: session.close });
    },
    facts: (session, deadline) => readFacts(session, deadline, where),
    plan: planHa,
  };
};

/** The cluster is up when anything of it answers; each collector says for itself what it misses. */
const readFacts = async (session: ClusterSession, deadline: Deadline, where: string): Promise<HaFacts> => {
  const asProblem = (error: unknown): Problem => problemFrom(error, where);
  const cluster = await session.cluster(deadline).catch(asProblem);
  const primary = await session.primary(cluster instanceof Problem ? undefined : cluster, deadline).catch(asProblem);
  if (cluster instanceof Problem && primary instanceof Problem && !isStandbyOnly(primary)) {
    throw session.endpoints.length > 0 ? cluster : primary;
  }
  return {
    ...{ cluster, primary, hasPatroni: session.endpoints.length > 0, hasServers: session.servers.length > 0 },
    hasBackup: session.backup !== undefined,
  };
};

/** Servers answered, but none is a primary. */
const isStandbyOnly = (problem: Problem): boolean => problem.what === 'none of the servers is a primary';

const planHa: Source<ClusterSession, HaFacts>['plan'] = (needs, facts) => {
  if (needs.configured === 'patroni' && !facts.hasPatroni) {
    return { reason: 'configuration', detail: 'the cluster has no Patroni address configured', remedy: null };
  }
  if (needs.configured === 'postgres' && !facts.hasServers) {
    return { reason: 'configuration', detail: 'the cluster has no server configured', remedy: null };
  }
  if (needs.configured === 'backup' && !facts.hasBackup) {
    return { reason: 'configuration', detail: 'the cluster has no backup configured', remedy: null };
  }
  const { primary } = facts;
  if (needs.privilege === 'pg_monitor' && !(primary instanceof Problem) && !primary.monitor) {
    const detail = `role ${primary.user} is not a member of pg_monitor`;
    return {
      reason: 'privilege',
      detail,
      remedy: `as a superuser: GRANT pg_monitor TO ${quoteIdentifier(primary.user)};`,
    };
  }
  return undefined;
};
