import type { Clock } from '../clock';
import type { Config, ExporterName, PostgresTarget } from '../config/schema';
import type { Source } from '../collector/source';
import { connectSql, whereOf, type SqlSession } from './connect';
import { listDatabases } from './databases';
import { planPostgres, readPostgresFacts, type PostgresFacts } from './facts';

/** A PostgreSQL server as something to collect from. Sessions carry `application_name = submilli/<exporter>`. */
export const postgresSource = (
  target: PostgresTarget,
  exporter: ExporterName,
  { timeouts, limits }: Pick<Config, 'timeouts' | 'limits'>,
  clock: Clock,
): Source<SqlSession, PostgresFacts> => {
  const options = { limits: timeouts, applicationName: `submilli/${exporter}`, dialect: 'postgres', clock } as const;
  const filter = { ...target.databases, limit: limits.surveyed_databases };
  return {
    where: whereOf(target),
    // A survey's connection is closed before it would ask again.
    open: (purpose, deadline) => connectSql({ ...options, address: target, prepares: purpose !== 'survey' }, deadline),
    facts: async (session, deadline) => ({
      ...(await readPostgresFacts(session, deadline)),
      address: `${target.host}:${target.port}`,
    }),
    plan: planPostgres,
    databases: {
      list: (session, deadline) => listDatabases(session, filter, deadline),
      open: (database, deadline) => connectSql({ ...options, address: { ...target, database } }, deadline),
    },
  };
};
