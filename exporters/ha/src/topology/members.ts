import type { MembersData, NamedMember } from '../collectors/members';
import type { NamedServer, ServersData } from '../collectors/servers';
import type { Cluster, ClusterMember } from '../patroni/schema';
import { isSameStart } from './nodes';
import { momentOf } from '../patroni/members';
import type { Replica } from './replicas';

/** One member of the cluster, by all that is known of it. Null is "not known". */
export type Member = {
  readonly name: string;
  /** Whether its PostgreSQL runs. */
  readonly up: boolean;
  /** Whether it can be written to. */
  readonly writable: boolean | null;
  readonly role: string | null;
  readonly state: string | null;
  readonly timeline: number | null;
  /** Neither listed by Patroni (or there is none) nor answering, though it should be there. */
  readonly missing: boolean | null;
  readonly listed: ClusterMember | null;
  readonly server: NamedServer | null;
  readonly api: NamedMember | null;
  /** Patroni's API of this member is configured; whether it answered is in `api`. */
  readonly hasApi: boolean;
};

export type Known = {
  readonly cluster: Cluster | undefined;
  readonly members: MembersData | undefined;
  readonly servers: ServersData;
  readonly replicas: readonly Replica[];
  readonly primary: string | null;
};

/** Patroni says `running` of a leader, and of a replica either that or, from 3.0.4, `streaming` and the like. */
const isRunning = (state: string | undefined): boolean =>
  state !== undefined && ['running', 'streaming', 'in archive recovery'].includes(state);

/** "master" until Patroni 3, "primary" since. */
export const isPrimaryApi = ({ answer }: NamedMember): boolean =>
  ['master', 'primary'].includes(answer.role) && answer.state === 'running';

/**
 * Asked directly, a member that was killed is down at once; Patroni's store remembers it until its lease is over. Where
 * nothing of it can be asked directly, that account is all there is.
 */
const isUp = (
  listed: ClusterMember | null,
  server: NamedServer | null,
  api: NamedMember | null,
  replica: Replica | undefined,
  asked: boolean,
): boolean => {
  if (server !== null) return true;
  if (api !== null) return isRunning(api.answer.state);
  if (asked) return false;
  return isRunning(listed?.state) || replica?.connected === true;
};

const SYNC_ROLES: Readonly<Record<string, string>> = { sync: 'sync_standby', quorum: 'quorum_standby' };

/** By Patroni's account; without one, by the servers' own. */
const roleOf = (
  listed: ClusterMember | null,
  hasCluster: boolean,
  writable: boolean | null,
  isPrimary: boolean,
  replica: Replica | undefined,
): string | null => {
  if (hasCluster) return listed?.role ?? null;
  if (isPrimary) return 'leader';
  if (writable === true || (writable === null && replica === undefined)) return null;
  return SYNC_ROLES[replica?.sync ?? ''] ?? 'replica';
};

/** All members there should be: of the configuration, of Patroni's list, of the streams, and of `remembered`. */
export const membersOf = (known: Known, remembered: readonly string[]): readonly Member[] => {
  const { cluster, members, servers, replicas, primary } = known;
  const listedNames = cluster?.members.map(({ name }) => name) ?? [];
  const names = new Set([...listedNames, ...servers.nodes.map(({ name }) => name)]);
  for (const { name, connected } of replicas) if (connected) names.add(name);
  for (const name of remembered) names.add(name);
  return [...names].map((name): Member => {
    const node = servers.nodes.find((one) => one.name === name);
    const listed = cluster?.members.find((one) => one.name === name) ?? null;
    const server = servers.answered.find(({ member }) => member === name) ?? null;
    const api = members?.answered.find(({ member }) => member === name) ?? null;
    const replica = replicas.find((one) => one.name === name);
    const asked = (node?.api ?? null) !== null || (node?.server ?? null) !== null;
    const up = isUp(listed, server, api, replica, asked);
    const writable = server === null ? apiWritable(api, servers) : !server.row.in_recovery;
    const timeline = server?.row.timeline ?? api?.answer.timeline ?? listed?.timeline;
    return {
      ...{ name, up, writable, listed, server, api },
      role: roleOf(listed, cluster !== undefined, writable, name === primary, replica),
      state: listed?.state ?? api?.answer.state ?? replica?.state ?? (server === null ? null : 'running'),
      timeline: typeof timeline === 'number' ? timeline : null,
      missing: cluster === undefined && (node?.api ?? null) !== null ? null : !up && listed === null,
      hasApi: (node?.api ?? null) !== null,
    };
  });
};

/**
 * By its API, where we do not ask the server itself. Where servers are configured, only if it is none of them under
 * another name: one server must not count as two primaries.
 */
const apiWritable = (api: NamedMember | null, { answered, silent }: ServersData): boolean | null => {
  if (api === null) return null;
  if (!isPrimaryApi(api)) return false;
  const started = momentOf(api.answer.postmaster_start_time) ?? undefined;
  if (answered.length + silent.length === 0) return true;
  return started !== undefined && !answered.some(({ row }) => isSameStart(row.started, started)) && silent.length === 0
    ? true
    : null;
};
