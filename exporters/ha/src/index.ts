import type { ExporterDefinition } from '@submilli/core';
import { backupsAtRisk } from './advice/backups';
import { backups } from './collectors/backups';
import { cluster } from './collectors/cluster';
import { config } from './collectors/config';
import { history } from './collectors/history';
import { members } from './collectors/members';
import { replication } from './collectors/replication';
import { slots } from './collectors/slots';
import { compatPatroni } from './compatibility/patroni';
import { clusterResource } from './resources/cluster';
import type { ClusterSession } from './session/cluster-session';
import { type HaFacts, haSource } from './source';

export const haExporter: ExporterDefinition<ClusterSession, HaFacts> = {
  name: 'ha',
  title: 'Submilli high-availability exporter',
  description: 'Patroni’s cluster, its members and failovers, and replication as the primary sees it, for Prometheus.',
  section: 'clusters',
  registry: {
    collectors: [cluster, members, history, config, replication, slots, backups],
    samplers: [],
    surveys: [],
    derived: [compatPatroni],
    rules: [backupsAtRisk],
  },
  targets: (all, clock) => all.clusters.map((target) => ({ name: target.name, source: haSource(target, all, clock) })),
  resources: [clusterResource],
};

export * from './backup/info';
export { backupProblems, type BackupProblem, windowSince } from './backup/problems';
export { commonArguments } from './backup/pgbackrest';
export { readVerifications } from './backup/verified';
