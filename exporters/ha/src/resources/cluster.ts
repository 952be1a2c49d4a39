import type { ClusterAnswer, Resource } from '@submilli/core';
import { cluster } from '../collectors/cluster';
import { history } from '../collectors/history';
import { topology } from '../derived/topology';
import { momentOf } from '../patroni/members';
import type { HaFacts } from '../source';

/** Most promotions shown, the latest. */
const MOST = 50;

export const clusterResource: Resource<HaFacts> = {
  path: 'cluster',
  answer: ({ snapshots }): ClusterAnswer => {
    const seen = snapshots.of(topology);
    return {
      primary: seen?.primary ?? null,
      paused: snapshots.of(cluster)?.pause ?? null,
      members: (seen?.members ?? []).map(({ name, up, role, state, timeline }) => {
        const lag = seen?.replicas.find((one) => one.name === name)?.lag ?? null;
        return {
          ...{ name, up, role, state, timeline },
          replayLagBytes: lag?.replayBytes ?? null,
          replayLagSeconds: lag?.replaySeconds ?? null,
        };
      }),
      failovers: (snapshots.of(history) ?? []).slice(-MOST).map(([timeline, , reason, at]) => {
        const seconds = momentOf(at);
        return { timeline, reason, at: seconds === null ? null : new Date(seconds * 1000).toISOString() };
      }),
    };
  },
};
