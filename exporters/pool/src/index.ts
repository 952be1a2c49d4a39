import type { ExporterDefinition, SqlSession } from '@submilli/core';
import { databases } from './collectors/databases';
import { limits } from './collectors/limits';
import { lists } from './collectors/lists';
import { pools } from './collectors/pools';
import { state } from './collectors/state';
import { stats } from './collectors/stats';
import { version } from './collectors/version';
import { type PoolFacts, poolSource } from './source';

export const poolExporter: ExporterDefinition<SqlSession, PoolFacts> = {
  name: 'pool',
  title: 'Submilli pool exporter',
  description: 'PgBouncer’s pools, queues and traffic for Prometheus.',
  section: 'pgbouncer',
  registry: {
    collectors: [version, state, stats, pools, databases, lists, limits],
    samplers: [],
    surveys: [],
    derived: [],
    rules: [],
  },
  targets: (config, clock) =>
    config.pgbouncer.map((target) => ({ name: target.name, source: poolSource(target, config.timeouts, clock) })),
  resources: [],
};
