import { type ExporterDefinition, type PostgresFacts, postgresSource, type SqlSession } from '@submilli/core';
import { statementsResource } from './resources/statements';
import { statements } from './samplers/statements';

export const queryExporter: ExporterDefinition<SqlSession, PostgresFacts> = {
  name: 'query',
  title: 'Submilli query exporter',
  description: 'Statements, their calls, time and blocks, and how long reads take, for Prometheus.',
  section: 'postgres',
  registry: { collectors: [], samplers: [statements], surveys: [], derived: [], rules: [] },
  targets: (config, clock) =>
    config.postgres.map((address) => ({
      name: address.name,
      source: postgresSource(address, 'query', config, clock),
    })),
  resources: [statementsResource],
};
