import { type ExporterDefinition, type PostgresFacts, postgresSource, type SqlSession } from '@submilli/core';
import { activity } from './collectors/activity';
import { blockingResource, xminHorizonResource } from './resources/blocking';
import { blocking } from './collectors/blocking';
import { locks } from './collectors/locks';
import { prepared } from './collectors/prepared';
import { xminHorizon } from './collectors/xmin-horizon';
import { sessionActivity } from './samplers/session-activity';
import { backends } from './collectors/backends';
import { hba } from './collectors/hba';
import { settingsFiles } from './collectors/settings-files';
import { tls } from './collectors/tls';
import { settings } from './samplers/settings';
import { settingsResource } from './resources/settings';
import { databaseRules } from './advice';
import { walReceiver } from './collectors/wal-receiver';
import { decoding } from './collectors/decoding';
import { tempLive } from './collectors/temp-live';
import { bgwriter } from './collectors/bgwriter';
import { checkpointer } from './collectors/checkpointer';
import { conflicts } from './collectors/conflicts';
import { database } from './collectors/database';
import { server } from './collectors/server';
import { size } from './surveys/size';
import { wal } from './collectors/wal';
import { wraparound } from './collectors/wraparound';
import { walDirectory } from './collectors/wal-directory';
import { vacuum } from './collectors/vacuum';
import { slru } from './collectors/slru';
import { slots } from './collectors/slots';
import { standbys } from './collectors/standbys';
import { io } from './collectors/io';
import { archiveStatus } from './collectors/archive-status';
import { archiver } from './collectors/archiver';
import { compatibilityCollectors, compatibilityReports } from './compatibility';
import { bufferHit } from './derived/buffer-hit';
import { shownDatabases } from './derived/shown-databases';
import { databaseWindow } from './samplers/database-window';
import { serverWindow } from './samplers/server-window';
import { scoreResource } from './resources/score';
import { performanceScore } from './score/performance-score';
import { shareRoom } from './share';
import { indexesResource } from './resources/indexes';
import { tablesResource } from './resources/tables';
import { bloat } from './surveys/bloat';
import { certificate } from './surveys/certificate';
import { foreignKeys } from './surveys/foreign-keys';
import { indexActivity } from './surveys/index-activity';
import { indexes } from './surveys/indexes';
import { maintenance } from './surveys/maintenance';
import { sequences } from './surveys/sequences';
import { sizes } from './surveys/sizes';
import { tables } from './surveys/tables';

export { curve } from './score/curve';
export { LEAST_BLOCKS, LEAST_ROWS, LEAST_TRANSACTIONS } from './score/gather';
export * from './score/hysteresis';
export { performanceScore, type DatabaseScore } from './score/performance-score';
export * from './score/replay';
export { FIRE, HARD_CAP, FAILSAFE_AGE } from './score/scoring';
export * from './score/signals';

export const databaseExporter: ExporterDefinition<SqlSession, PostgresFacts> = {
  name: 'database',
  title: 'Submilli database exporter',
  description: 'PostgreSQL activity, transactions, I/O, WAL, sizes and a health score for Prometheus.',
  section: 'postgres',
  registry: {
    collectors: [
      server,
      activity,
      backends,
      blocking,
      locks,
      prepared,
      xminHorizon,
      database,
      conflicts,
      checkpointer,
      bgwriter,
      wal,
      walDirectory,
      io,
      slru,
      archiver,
      archiveStatus,
      slots,
      standbys,
      vacuum,
      wraparound,
      ...compatibilityCollectors,
      tls,
      hba,
      settingsFiles,
      walReceiver,
      decoding,
      tempLive,
    ],
    samplers: [databaseWindow, sessionActivity, settings, serverWindow],
    surveys: [size, certificate, tables, indexActivity, maintenance, sizes, indexes, sequences, foreignKeys, bloat],
    derived: [shownDatabases, bufferHit, performanceScore],
    rules: databaseRules,
    shownDatabases,
    reports: compatibilityReports,
  },
  targets: (config, clock) =>
    config.postgres.map((address) => ({
      name: address.name,
      source: postgresSource(address, 'database', config, clock),
    })),
  share: shareRoom,
  resources: [blockingResource, xminHorizonResource, settingsResource, scoreResource, tablesResource, indexesResource],
};

/** How many sessions a server takes, and who holds up whom, for the toolkit. */
export { activity } from './collectors/activity';
export { blocking, type Blocking } from './collectors/blocking';
/** Whether the value of a setting may hold a password or a key. */
export { holdsSecret } from './settings/watched';
