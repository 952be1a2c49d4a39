import { defineDerived, gauge } from '@submilli/core';
import { archive } from '../collectors/archive';
import { cluster } from '../collectors/cluster';
import { config } from '../collectors/config';
import { etcd } from '../collectors/etcd';
import { members } from '../collectors/members';
import { servers } from '../collectors/servers';
import { settings } from '../collectors/settings';
import { candidatesOf, lagOf, maximumLag } from '../readiness/candidates';
import { judge, type Readiness } from '../readiness/checks';
import { failovers } from '../samplers/failovers';
import type { HaFacts } from '../source';
import { topology } from './topology';

type Headroom = { readonly member: string; readonly bytes: number };
export type ReadinessData = { readonly readiness: Readiness; readonly headroom: readonly Headroom[] };

/** Would a failover go well if the primary were lost now? */
export const readiness = defineDerived({
  name: 'readiness',
  source: 'Patroni, the servers and etcd together',
  metrics: {
    ratio: gauge(
      'db_ha_ready_ratio',
      'Readiness for a failover: 1 if nothing is in its way, 0 if none would happen or none should; each reason takes its share (docs/failovers.md).',
    ),
    blocked: gauge(
      'db_ha_readiness_blocked',
      'Whether this reason stands in the way of a failover (1) or not (0); absent where nobody can tell.',
      ['reason'],
    ),
    headroom: gauge(
      'db_ha_failover_lag_headroom_bytes',
      'WAL that the standby may fall further behind before Patroni does not promote it (maximum_lag_on_failover); does not matter for a synchronous one.',
      ['member'],
    ),
  },
  derive: (snapshots, { facts }: { readonly facts: HaFacts }): ReadinessData | null => {
    const seen = snapshots.of(topology);
    if (seen === undefined) return null;
    const settled = snapshots.of(config);
    const split = snapshots.of(failovers)?.watch;
    return {
      readiness: judge({
        topology: seen,
        hasPatroni: facts.configured.patroni,
        cluster: snapshots.of(cluster),
        members: snapshots.of(members),
        servers: snapshots.of(servers),
        config: settled,
        etcd: snapshots.of(etcd),
        archive: snapshots.of(archive),
        settings: snapshots.of(settings),
        split: split === undefined ? undefined : split.doubt?.sure === true,
        now: facts.readAt,
      }),
      headroom: !seen.hasPatroni
        ? []
        : candidatesOf(seen, settled).flatMap(({ member, replica }) => {
            const lag = member.up ? lagOf(member, replica) : null;
            return lag === null ? [] : [{ member: member.name, bytes: maximumLag(settled) - lag }];
          }),
    };
  },
  publish: (data: ReadinessData | null, m) => [
    m.ratio({}, data?.readiness.ratio ?? null),
    ...(data?.readiness.blocked ?? []).map(({ reason }) => m.blocked({ reason }, 1)),
    ...(data?.readiness.clear ?? []).map((reason) => m.blocked({ reason }, 0)),
    ...(data?.headroom ?? []).map(({ member, bytes }) => m.headroom({ member }, bytes)),
  ],
});
