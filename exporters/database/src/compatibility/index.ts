import { compatConflicts } from './conflicts';
import { compatDatabase } from './database';
import { compatLocks } from './locks';
import { compatProgressVacuum } from './progress-vacuum';
import { compatReplication } from './replication';
import { compatReplicationSlots } from './replication-slots';
import { compatRoles } from './roles';
import { compatSettings } from './settings';
import { compatStatActivity } from './stat-activity';
import { compatStatArchiver } from './stat-archiver';
import { compatStatBgwriter } from './stat-bgwriter';
import { compatStatDatabase } from './stat-database';
import { compatStatReplication } from './stat-replication';
import { compatStatUserTables } from './stat-user-tables';
import { compatStatic } from './static';
import { compatStatioUserTables } from './statio-user-tables';
import { compatUp } from './up';
import { compatWal } from './wal';

/** postgres_exporter's view: what it has on by default. */
export const compatibilityCollectors = [
  compatStatic,
  compatDatabase,
  compatLocks,
  compatReplication,
  compatReplicationSlots,
  compatRoles,
  compatSettings,
  compatStatActivity,
  compatStatArchiver,
  compatStatBgwriter,
  compatStatDatabase,
  compatConflicts,
  compatProgressVacuum,
  compatStatReplication,
  compatStatUserTables,
  compatStatioUserTables,
  compatWal,
];

export const compatibilityReports = [compatUp];
