import type { ClusterAnswer, Resource } from '@submilli/core';
import { cluster, isUp, secondsOf } from '../collectors/cluster';
import { history } from '../collectors/history';
import { lagSeconds, replication } from '../collectors/replication';
import type { HaFacts } from '../source';

/** Most promotions shown, the latest. */
const MOST = 50;

export const clusterResource: Resource<HaFacts> = {
  path: 'cluster',
  answer: ({ snapshots }): ClusterAnswer => {
    const seen = snapshots.of(cluster);
    const streams = snapshots.of(replication);
    const names = new Set([...(seen?.expected ?? []), ...(streams?.expected ?? [])]);
    if (streams !== undefined) names.add(streams.primary);
    return {
      primary: streams?.primary ?? null,
      paused: seen?.cluster.pause ?? null,
      members: [...names].map((name) => {
        const member = seen?.cluster.members.find((one) => one.name === name);
        const replica = streams?.replicas.find((one) => one.replica === name);
        return {
          name,
          up: seen === undefined ? replica !== undefined || name === streams?.primary : isUp(member),
          role: member?.role ?? null,
          state: member?.state ?? replica?.state ?? null,
          timeline: typeof member?.timeline === 'number' ? member.timeline : null,
          replayLagBytes: replica?.replay_bytes ?? null,
          replayLagSeconds: replica === undefined ? null : lagSeconds(replica.replay_seconds, replica.replay_bytes),
        };
      }),
      failovers: (snapshots.of(history) ?? []).slice(-MOST).map(([timeline, , reason, at]) => {
        const seconds = secondsOf(at);
        return { timeline, reason, at: seconds === null ? null : new Date(seconds * 1000).toISOString() };
      }),
    };
  },
};
