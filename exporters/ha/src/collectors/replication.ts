import { defineCollector, type Env, gauge, Problem } from '@submilli/core';
import type { Walsender } from '../servers/closer-look';
import type { ClusterSession } from '../session/cluster-session';
import type { HaFacts } from '../source';

export type ReplicationData = { readonly primary: string; readonly senders: readonly Walsender[] };

/** What the primary knows of those that stream from it; `replicas` says which members they are. */
export const replication = defineCollector({
  name: 'replication',
  source: 'pg_stat_replication',
  needs: { configured: 'postgres', privilege: 'pg_monitor' },
  metrics: {
    replicas: gauge('db_replication_replicas', 'Replicas that stream from the primary.'),
  },
  read: (_session: ClusterSession, { facts }: Env<HaFacts>): Promise<ReplicationData> => {
    const { primary, servers } = facts;
    if (primary instanceof Problem) return Promise.reject(primary);
    const row = servers.find(({ server }) => server === primary.server)?.row;
    if (row === undefined || row instanceof Problem) {
      return Promise.reject(row ?? new Problem('missing', { what: 'the primary was not asked' }));
    }
    return Promise.resolve({ primary: primary.name, senders: row.walsenders });
  },
  publish: ({ senders }: ReplicationData, m) => [
    m.replicas({}, senders.filter(({ state }) => state === 'streaming').length),
  ],
});
