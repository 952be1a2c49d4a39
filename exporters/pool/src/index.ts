import type { ExporterDefinition, SqlSession } from '@submilli/core';
import { poolRules } from './advice';
import { poolWindow } from './samplers/pool-window';
import { clients } from './collectors/clients';
import { databases } from './collectors/databases';
import { dns } from './collectors/dns';
import { limits } from './collectors/limits';
import { lists } from './collectors/lists';
import { memory } from './collectors/memory';
import { peerPools } from './collectors/peer-pools';
import { peers } from './collectors/peers';
import { pools } from './collectors/pools';
import { servers } from './collectors/servers';
import { state } from './collectors/state';
import { stats } from './collectors/stats';
import { users } from './collectors/users';
import { version } from './collectors/version';
import { compatibility } from './compatibility';
import { applications } from './derived/applications';
import { connectionAge } from './derived/connection-age';
import { health } from './derived/health';
import { peaks } from './derived/peaks';
import { saturation } from './derived/saturation';
import { serverRooms } from './derived/server-rooms';
import { probe } from './probe/probe';
import { queue } from './samplers/queue';
import { sharePools } from './share';
import { type PoolFacts, poolSource } from './source';

export const poolExporter: ExporterDefinition<SqlSession, PoolFacts> = {
  name: 'pool',
  title: 'Submilli pool exporter',
  description: 'PgBouncer’s pools, queues and traffic for Prometheus.',
  section: 'pgbouncer',
  registry: {
    collectors: [
      ...[version, state, stats, pools, databases, lists, limits],
      ...[users, memory, peers, peerPools, dns, clients, servers],
    ],
    samplers: [queue, poolWindow],
    surveys: [],
    probes: [probe],
    derived: [applications, connectionAge, saturation, health, serverRooms, peaks, ...compatibility.derived],
    reports: compatibility.reports,
    rules: poolRules,
  },
  targets: (config, clock) =>
    config.pgbouncer.map((target) => ({ name: target.name, source: poolSource(target, config.timeouts, clock) })),
  share: sharePools,
  resources: [],
};

/** Where databases lead to, for the toolkit. */
export { databases } from './collectors/databases';
