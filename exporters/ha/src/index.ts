import type { ExporterDefinition } from '@submilli/core';
import { cluster } from './collectors/cluster';
import { config } from './collectors/config';
import { history } from './collectors/history';
import { members } from './collectors/members';
import { replication } from './collectors/replication';
import { servers } from './collectors/servers';
import { slots } from './collectors/slots';
import { compatPatroni } from './compatibility/patroni';
import { replicas } from './derived/replicas';
import { topology } from './derived/topology';
import { failovers } from './samplers/failovers';
import { clusterResource } from './resources/cluster';
import type { ClusterSession } from './session/cluster-session';
import { type HaFacts, haSource } from './source';

export const haExporter: ExporterDefinition<ClusterSession, HaFacts> = {
  name: 'ha',
  title: 'Submilli high-availability exporter',
  description: 'Patroni’s cluster, its members and failovers, and replication as the primary sees it, for Prometheus.',
  section: 'clusters',
  registry: {
    collectors: [cluster, members, servers, history, config, replication, slots],
    samplers: [failovers],
    surveys: [],
    derived: [topology, replicas, compatPatroni],
    rules: [],
  },
  targets: (all, clock) => all.clusters.map((target) => ({ name: target.name, source: haSource(target, all, clock) })),
  resources: [clusterResource],
};
