import type { ReadinessAnswer, RecoveryOfFault, Resource, TopologyAnswer, TopologyMember } from '@submilli/core';
import { cluster } from '../collectors/cluster';
import { config } from '../collectors/config';
import { etcd, type EtcdData, quorumMargin } from '../collectors/etcd';
import { readiness } from '../derived/readiness';
import { recovery, type Recovery } from '../derived/recovery';
import { topology, type Topology } from '../derived/topology';
import type { Cause } from '../failover/record';
import { momentOf } from '../patroni/members';
import { type Candidate, candidatesOf } from '../readiness/candidates';
import type { Readiness } from '../readiness/checks';
import { faults } from '../recovery/predict';
import { failovers } from '../samplers/failovers';
import type { HaFacts } from '../source';
import type { Member } from '../topology/members';

const memberOf = (member: Member, seen: Topology, candidates: readonly Candidate[]): TopologyMember => {
  const { name, up, writable, role, state, timeline, missing, api, server, listed, hasApi } = member;
  const replica = seen.replicas.find((one) => one.name === name);
  const versionNumber = api?.answer.server_version;
  return {
    ...{ name, up, writable, role, state, timeline, missing },
    patroni: hasApi ? api !== null : null,
    patroniVersion: api?.answer.patroni.version ?? null,
    serverVersion: server?.row.version ?? (versionNumber === undefined ? null : versionText(versionNumber)),
    pendingRestart: api?.answer.pending_restart ?? listed?.pending_restart ?? null,
    upstream: replica?.connected === true ? replica.upstream : null,
    sync: replica?.sync ?? null,
    lag: replica?.lag ?? null,
    notPromotable: candidates.find((one) => one.member.name === name)?.why ?? null,
  };
};

/** 150018 is 15.18. */
const versionText = (version: number): string => `${Math.floor(version / 10_000)}.${version % 10_000}`;

const readinessOf = ({ ratio, blocked, clear, unknown }: Readiness): ReadinessAnswer => ({
  ...{ ratio, blocked: [...blocked], clear: [...clear], unknown: [...unknown] },
});

/** Every fault that is predicted, and every cause that was measured. */
const recoveryOf = ({ predicted, measured }: Recovery): RecoveryOfFault[] => {
  const names = new Set<Cause>([...(predicted === null ? [] : faults), ...measured.keys()]);
  return [...names].map((fault) => {
    const told = predicted?.find((one) => one.fault === fault);
    const last = measured.get(fault);
    const { seconds, low, high } = last ?? { seconds: null, low: null, high: null };
    return {
      fault,
      predicted: told === undefined ? null : { seconds: told.seconds, low: told.low, high: told.high, how: told.how },
      measured:
        last === undefined || seconds === null || low === null || high === null
          ? null
          : { seconds, low, high, at: new Date(last.writableAt).toISOString() },
    };
  });
};

const etcdOf = (data: EtcdData): TopologyAnswer['etcd'] => ({
  quorumMargin: quorumMargin(data),
  voters: data.voters?.length ?? null,
  members: data.members.map(({ address, healthy, healthSeconds, status }) => ({
    ...{ address, healthy, readSeconds: healthSeconds },
    leader: status?.isLeader ?? null,
    version: status?.version ?? null,
  })),
});

export const topologyResource: Resource<HaFacts> = {
  path: 'topology',
  answer: ({ snapshots }): TopologyAnswer => {
    const seen = snapshots.of(topology);
    const listed = snapshots.of(cluster);
    const scheduled = momentOf(listed?.scheduled_switchover?.at);
    const candidates = seen === undefined ? [] : candidatesOf(seen, snapshots.of(config));
    const judged = snapshots.of(readiness);
    const told = snapshots.of(recovery);
    const store = snapshots.of(etcd);
    const watch = snapshots.of(failovers)?.watch;
    return {
      primary: seen?.primary ?? seen?.members.find(({ role, up }) => up && role === 'leader')?.name ?? null,
      paused: listed?.pause ?? null,
      scheduledSwitchover: scheduled === null ? null : new Date(scheduled * 1000).toISOString(),
      splitBrain: watch === undefined ? null : watch.doubt?.sure === true,
      members: seen === undefined ? [] : seen.members.map((member) => memberOf(member, seen, candidates)),
      readiness: judged === undefined || judged === null ? null : readinessOf(judged.readiness),
      recovery: {
        patroniVersion: told?.version ?? null,
        why: told === undefined ? 'nothing was read yet' : told.why,
        faults: told === undefined ? [] : recoveryOf(told),
      },
      etcd: store === undefined ? null : etcdOf(store),
    };
  },
};
