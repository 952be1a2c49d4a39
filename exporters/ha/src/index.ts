import type { ExporterDefinition } from '@submilli/core';
import { haRules } from './advice';
import { archive } from './collectors/archive';
import { cluster } from './collectors/cluster';
import { config } from './collectors/config';
import { drills } from './collectors/drills';
import { etcd } from './collectors/etcd';
import { history } from './collectors/history';
import { members } from './collectors/members';
import { replication } from './collectors/replication';
import { servers } from './collectors/servers';
import { settings } from './collectors/settings';
import { slots } from './collectors/slots';
import { compatPatroni } from './compatibility/patroni';
import { readiness } from './derived/readiness';
import { recovery } from './derived/recovery';
import { replicas } from './derived/replicas';
import { topology } from './derived/topology';
import { backups } from './samplers/backups';
import { failovers } from './samplers/failovers';
import { failoversResource } from './resources/failovers';
import { topologyResource } from './resources/topology';
import type { ClusterSession } from './session/cluster-session';
import { type HaFacts, haSource } from './source';

export const haExporter: ExporterDefinition<ClusterSession, HaFacts> = {
  name: 'ha',
  title: 'Submilli high-availability exporter',
  description:
    'The cluster’s members, replication, readiness for a failover, and every failover with its time and cause, for Prometheus.',
  section: 'clusters',
  registry: {
    collectors: [cluster, members, servers, history, config, replication, slots, etcd, archive, settings, drills],
    samplers: [failovers, backups],
    surveys: [],
    derived: [topology, replicas, recovery, readiness, compatPatroni],
    rules: haRules,
  },
  targets: (all, clock) => all.clusters.map((target) => ({ name: target.name, source: haSource(target, all, clock) })),
  resources: [topologyResource, failoversResource],
};

export * from './backup/info';
export { backupProblems, type BackupProblem, windowSince } from './backup/problems';
export { commonArguments } from './backup/pgbackrest';
export { readVerifications } from './backup/verified';
