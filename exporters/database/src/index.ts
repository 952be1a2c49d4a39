import { type ExporterDefinition, postgresSource, type PostgresFacts, type SqlSession } from '@submilli/core';
import { activity } from './collectors/activity';

export const databaseExporter: ExporterDefinition<SqlSession, PostgresFacts> = {
  name: 'database',
  title: 'Submilli database exporter',
  description: 'PostgreSQL activity, transactions, I/O, WAL, sizes and a health score for Prometheus.',
  section: 'postgres',
  registry: { collectors: [activity], samplers: [], derived: [] },
  targets: (config, clock) =>
    config.postgres.map((address) => ({
      name: address.name,
      source: postgresSource(address, 'database', config.timeouts, clock),
    })),
  resources: [],
};
