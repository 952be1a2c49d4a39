import type { Clock } from '../clock';
import type { Config, ExporterName } from '../config/schema';
import type { Source } from '../collector/source';
import { connectSql, whereOf, type SqlAddress, type SqlSession } from './connect';
import { planPostgres, readPostgresFacts, type PostgresFacts } from './facts';

/** A PostgreSQL server as something to collect from. Sessions carry `application_name = submilli/<exporter>`. */
export const postgresSource = (
  address: SqlAddress,
  exporter: ExporterName,
  limits: Config['timeouts'],
  clock: Clock,
): Source<SqlSession, PostgresFacts> => ({
  where: whereOf(address),
  open: (_purpose, deadline) =>
    connectSql({ address, limits, applicationName: `submilli/${exporter}`, dialect: 'postgres', clock }, deadline),
  facts: readPostgresFacts,
  plan: planPostgres,
});
