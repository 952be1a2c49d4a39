import { defineCollector, type Env, gauge, Problem } from '@submilli/core';
import type { Cluster, ClusterMember } from '../patroni/schema';
import type { ClusterSession } from '../session/cluster-session';
import type { HaFacts } from '../source';

export type ClusterData = {
  readonly cluster: Cluster;
  /** Every member there is, or was since the exporter began. */
  readonly expected: readonly string[];
};

const roles = ['leader', 'standby_leader', 'sync_standby', 'quorum_standby', 'replica'] as const;

/** Patroni says `running` of a leader, and of a replica either that or, from 3.1, `streaming` and the like. */
export const isUp = (member: ClusterMember | undefined): boolean =>
  member !== undefined && ['running', 'streaming', 'in archive recovery'].includes(member.state);

const timelineOf = (member: ClusterMember | undefined): number | null =>
  typeof member?.timeline === 'number' ? member.timeline : null;

export const cluster = defineCollector({
  name: 'cluster',
  source: 'Patroni GET /cluster',
  needs: { configured: 'patroni' },
  metrics: {
    members: gauge('db_ha_members', 'Members that Patroni lists.'),
    up: gauge(
      'db_ha_member_up',
      'Whether the member runs (1) or not (0). One that disappears stays at 0 until the exporter restarts.',
      ['member'],
    ),
    role: gauge('db_ha_member_role', 'Which role the member has: 1 for it, 0 for the others.', ['member', 'role']),
    timeline: gauge('db_ha_member_timeline', 'Timeline the member is on.', ['member']),
    lag: gauge('db_ha_member_lag_bytes', 'Replication lag by Patroni’s account; absent when it does not know.', [
      'member',
    ]),
    pendingRestart: gauge('db_ha_member_pending_restart', 'Whether a changed setting waits for a restart.', ['member']),
    leader: gauge('db_ha_leader_present', 'Whether the cluster has a running leader (1) or not (0).'),
    paused: gauge('db_ha_paused', 'Whether automatic failover is paused (1) or not (0).'),
    switchover: gauge('db_ha_scheduled_switchover_timestamp_seconds', 'When a switchover is scheduled.'),
  },
  read: (session: ClusterSession, { facts }: Env<HaFacts>): Promise<ClusterData> => {
    if (facts.cluster instanceof Problem) return Promise.reject(facts.cluster);
    const expected = session.remember(
      'member',
      facts.cluster.members.map(({ name }) => name),
    );
    return Promise.resolve({ cluster: facts.cluster, expected });
  },
  publish: ({ cluster: { members, pause, scheduled_switchover }, expected }: ClusterData, m) => [
    m.members({}, members.length),
    m.leader({}, members.some((one) => one.role.endsWith('leader') && isUp(one)) ? 1 : 0),
    m.paused({}, pause ? 1 : 0),
    m.switchover({}, secondsOf(scheduled_switchover?.at)),
    ...expected.flatMap((name) => {
      const member = members.find((one) => one.name === name);
      return [
        m.up({ member: name }, isUp(member) ? 1 : 0),
        ...roles.map((role) => m.role({ member: name, role }, member?.role === role ? 1 : 0)),
        m.timeline({ member: name }, timelineOf(member)),
        m.lag({ member: name }, member?.lag ?? null),
        m.pendingRestart({ member: name }, member === undefined ? null : Number(member.pending_restart)),
      ];
    }),
  ],
});

/** A timestamp as Patroni writes it, in seconds since the epoch; null for none. */
export const secondsOf = (text: string | null | undefined): number | null => {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? null : ms / 1000;
};
