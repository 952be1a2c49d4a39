import { counter, defineCollector, type Deadline, type Env, gauge, histogram, noLaterThan } from '@submilli/core';
import { askEtcd, type EtcdMember, type Listed, listEtcd, votersKnown } from '../etcd/ask';
import type { ClusterSession } from '../session/cluster-session';
import type { HaFacts } from '../source';

export type EtcdData = {
  readonly members: readonly EtcdMember[];
  /** The members by etcd's own account, learners left out: those that vote. Null if none tells. */
  readonly voters: readonly Pick<Listed, 'ID'>[] | null;
};

/** How many voters may be lost before nothing is decided any more. */
export const quorumMargin = ({ members, voters }: EtcdData): number | null => {
  if (voters === null) return null;
  const healthy = members.filter(({ healthy: isHealthy, status }) => isHealthy && status?.isLearner !== true).length;
  // Of those that the configuration does not name nobody can tell: they count as healthy.
  const unnamed = Math.max(0, voters.length - members.length);
  return healthy + unnamed - (Math.floor(voters.length / 2) + 1);
};

const labels = ['address'] as const;

/** The store that decides who leads, asked itself. */
export const etcd = defineCollector({
  name: 'etcd',
  source: 'etcd GET /health, GET /metrics, POST /v3/maintenance/status',
  needs: { configured: 'etcd' },
  metrics: {
    up: gauge('db_ha_etcd_up', 'Whether the etcd member is healthy (1): a quorum answers through it.', labels),
    health: gauge(
      'db_ha_etcd_read_seconds',
      'How long a read through etcd’s quorum took, network and TLS included: what Patroni waits for in each round.',
      labels,
    ),
    leader: gauge('db_ha_etcd_leader', 'Whether the etcd member leads (1) or follows (0).', labels),
    members: gauge('db_ha_etcd_members', 'Members of etcd that vote, by its own account.'),
    margin: gauge(
      'db_ha_etcd_quorum_margin',
      'Members of etcd that may still be lost before it decides nothing any more; below 0 it does not.',
    ),
    changes: counter('db_ha_etcd_leader_changes_total', 'Changes of etcd’s leader that the member has seen.', labels),
    heartbeats: counter(
      'db_ha_etcd_heartbeat_failures_total',
      'Heartbeats that the member sent late: its disk or its processor is overloaded.',
      labels,
    ),
    fsync: histogram('db_ha_etcd_wal_fsync_seconds', 'How long etcd’s WAL takes to reach the disk.', labels),
    commit: histogram('db_ha_etcd_commit_seconds', 'How long etcd’s store takes to commit.', labels),
    bytes: gauge('db_ha_etcd_database_bytes', 'Size of etcd’s store.', labels),
    quota: gauge('db_ha_etcd_quota_bytes', 'Size at which etcd takes no more writes.', labels),
    info: gauge('db_ha_etcd_info', 'Always 1; the version of etcd.', ['address', 'version']),
  },
  read: async (session: ClusterSession, _env: Env<HaFacts>, deadline: Deadline): Promise<EtcdData> => {
    const limit = noLaterThan(deadline, deadline.remainingMs() / 3, session.clock);
    const members = await Promise.all(session.etcd.map((endpoint) => askEtcd(endpoint, limit, session.clock)));
    const first = members.find(({ status }) => status !== null);
    const problem = members.find((member) => member.problem !== null)?.problem;
    if (first === undefined && problem !== undefined && problem !== null) throw problem;
    const teller = session.etcd.find(({ address }) => address === first?.address);
    const listed = teller === undefined ? null : await listEtcd(teller, limit).catch(() => null);
    return { members, voters: listed?.filter(({ isLearner }) => !isLearner) ?? votersKnown(members) };
  },
  publish: (data: EtcdData, m) => [
    m.members({}, data.voters?.length ?? null),
    m.margin({}, quorumMargin(data)),
    ...data.members.flatMap(({ address, healthy, healthSeconds, status, own }) => [
      m.up({ address }, Number(healthy)),
      m.health({ address }, healthSeconds),
      ...(status === null
        ? []
        : [
            m.leader({ address }, Number(status.isLeader)),
            m.bytes({ address }, status.dbBytes),
            m.info({ address, version: status.version }, 1),
          ]),
      m.changes({ address }, own?.leaderChanges ?? null),
      m.heartbeats({ address }, own?.heartbeatFailures ?? null),
      m.quota({ address }, own?.quotaBytes ?? null),
      ...(own?.fsync ? [m.fsync({ address }, own.fsync)] : []),
      ...(own?.commit ? [m.commit({ address }, own.commit)] : []),
    ]),
  ],
});
