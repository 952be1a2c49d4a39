import { defineCollector, type Env, gauge, Problem } from '@submilli/core';
import { momentOf } from '../patroni/members';
import type { Cluster } from '../patroni/schema';
import type { ClusterSession } from '../session/cluster-session';
import type { HaFacts } from '../source';

export const cluster = defineCollector({
  name: 'cluster',
  source: 'Patroni GET /cluster',
  needs: { configured: 'patroni' },
  metrics: {
    members: gauge('db_ha_members', 'Members that Patroni lists.'),
    lag: gauge('db_ha_member_lag_bytes', 'Replication lag by Patroni’s account; absent when it does not know.', [
      'member',
    ]),
    pendingRestart: gauge('db_ha_member_pending_restart', 'Whether a changed setting waits for a restart.', ['member']),
    paused: gauge('db_ha_paused', 'Whether automatic failover is paused (1) or not (0).'),
    switchover: gauge('db_ha_scheduled_switchover_timestamp_seconds', 'When a switchover is scheduled.'),
  },
  read: (_session: ClusterSession, { facts }: Env<HaFacts>): Promise<Cluster> =>
    facts.cluster instanceof Problem ? Promise.reject(facts.cluster) : Promise.resolve(facts.cluster),
  publish: ({ members, pause, scheduled_switchover }: Cluster, m) => [
    m.members({}, members.length),
    m.paused({}, pause ? 1 : 0),
    m.switchover({}, momentOf(scheduled_switchover?.at)),
    ...members.flatMap(({ name, lag, pending_restart }) => [
      m.lag({ member: name }, lag ?? null),
      m.pendingRestart({ member: name }, Number(pending_restart)),
    ]),
  ],
});
