import type { DynamicConfig } from '../patroni/schema';
import { DEFAULTS } from '../patroni/defaults';
import type { Member } from '../topology/members';
import type { Replica } from '../topology/replicas';
import type { Topology } from '../derived/topology';

/** A standby, and why it may not be promoted, if it may not. */
export type Candidate = { readonly member: Member; readonly replica: Replica | undefined; readonly why: string | null };

export const maximumLag = (config: DynamicConfig | undefined): number =>
  config?.maximum_lag_on_failover ?? DEFAULTS.maximum_lag_on_failover;

/** Bytes behind by Patroni's account, which is the one it goes by; else by ours. */
export const lagOf = (member: Member, replica: Replica | undefined): number | null =>
  member.listed?.lag ?? replica?.lag?.replayBytes ?? null;

/** All members but the one that leads. */
export const candidatesOf = (topology: Topology, config: DynamicConfig | undefined): readonly Candidate[] => {
  const { members, replicas, hasPatroni, primary } = topology;
  const isLeader = ({ name, role }: Member): boolean => name === primary || role?.endsWith('leader') === true;
  const newest = Math.max(0, ...members.filter(isLeader).map(({ timeline }) => timeline ?? 0));
  const standbys = members.filter((member) => !isLeader(member));
  // Also while there is none: then Patroni lets nobody but the last leader lead.
  const onlySynchronous = config?.synchronous_mode === true;
  return standbys.map((member): Candidate => {
    const replica = replicas.find(({ name }) => name === member.name);
    const why = hasPatroni
      ? whyNot(member, lagOf(member, replica), newest, maximumLag(config), onlySynchronous)
      : whyNotAlone(member, replica);
    return { member, replica, why };
  });
};

/** By the rules of Patroni's leader race (patroni/ha.py). */
const whyNot = (
  member: Member,
  lag: number | null,
  newest: number,
  maximum: number,
  onlySynchronous: boolean,
): string | null => {
  const { up, listed, api, hasApi, timeline, role } = member;
  const tags = api?.answer.tags ?? listed?.tags ?? {};
  if (!up) return 'does not run';
  if (listed === null) return 'is not in Patroni’s list';
  if (hasApi && api === null) return 'runs without a Patroni that answers';
  if (tags.nofailover === true || tags.failover_priority === 0) return 'is tagged nofailover';
  if (api?.answer.watchdog_failed === true) return 'requires a watchdog that it can’t use';
  if (timeline !== null && timeline < newest) return `is on timeline ${timeline}, the leader on ${newest}`;
  if (onlySynchronous && role !== 'sync_standby' && role !== 'quorum_standby') {
    return 'is not a synchronous standby in Patroni’s list, and in synchronous mode only such may lead';
  }
  if (!onlySynchronous && lag !== null && lag > maximum) {
    return `is ${lag} bytes behind, more than maximum_lag_on_failover (${maximum})`;
  }
  return null;
};

const whyNotAlone = ({ up }: Member, replica: Replica | undefined): string | null => {
  if (!up) return 'does not run';
  return replica?.connected === true ? null : 'does not stream';
};
