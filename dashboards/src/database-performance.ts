import { at, closed, dashboardOf, section } from './lib/layout';
import { CLUSTER, DATABASE } from './lib/promql';
import { serverVariables } from './lib/variables';
import * as health from './signals/health';
import * as latency from './signals/latency';
import * as replication from './signals/replication';
import * as server from './signals/server';
import * as sessions from './signals/sessions';
import * as storage from './signals/storage';

const isHealthy = section(
  100,
  'Is it healthy?',
  at(101, [0, 0, 8, 9], health.scores(DATABASE, 'cluster, target, database', 'gauges-and-components')),
  at(102, [8, 0, 4, 3], latency.quantileStat(0.99, DATABASE)),
  at(103, [12, 0, 4, 3], latency.commitStat(DATABASE)),
  at(104, [16, 0, 4, 3], latency.kept(DATABASE)),
  at(105, [20, 0, 4, 3], latency.statementRate(DATABASE)),
  at(106, [8, 3, 4, 3], sessions.connectionsUsed),
  at(107, [12, 3, 4, 3], sessions.longestBlock),
  at(108, [16, 3, 4, 3], sessions.oldestTransaction),
  at(109, [20, 3, 4, 3], sessions.rollbacks),
  at(110, [8, 6, 4, 3], server.cacheHits),
  at(111, [12, 6, 4, 3], server.transactionIds),
  at(112, [16, 6, 4, 3], storage.pendingRestart),
  at(113, [20, 6, 4, 3], health.firing(CLUSTER)),
  at(114, [0, 9, 12, 9], latency.quantilesAgainstPromise(DATABASE)),
  at(115, [12, 9, 12, 9], latency.distribution(DATABASE)),
);

const whatIsWrong = section(
  200,
  'What is wrong?',
  at(
    201,
    [0, 0, 8, 9],
    health.advice('cluster=~"$cluster",target=~"$target"', { exporters: [], target: '$target', most: 8 }),
  ),
  at(202, [8, 0, 8, 9], sessions.sessionsDo),
  at(203, [16, 0, 8, 9], health.components(DATABASE)),
);

const writing = section(
  300,
  'Writing: executed is not durable',
  at(301, [0, 0, 8, 8], latency.writeLatency(DATABASE)),
  at(302, [8, 0, 8, 8], latency.commitTime(DATABASE)),
  at(303, [16, 0, 8, 8], latency.commitWaits(DATABASE)),
  at(304, [0, 8, 8, 7], server.walFlush),
  at(305, [8, 8, 8, 7], server.walBytes),
  at(306, [16, 8, 8, 7], server.walBuffersFull),
);

const where = section(
  400,
  'Where: sessions and locks',
  at(401, [0, 0, 12, 8], sessions.topWaits),
  at(402, [12, 0, 12, 8], sessions.blocking),
  at(403, [0, 8, 8, 7], sessions.byState),
  at(404, [8, 8, 8, 7], sessions.utilizationOverTime),
  at(405, [16, 8, 8, 7], sessions.idleInTransaction),
  at(406, [0, 15, 12, 7], sessions.deadlocks),
  at(407, [12, 15, 12, 7], server.errors),
);

const work = section(
  500,
  'How much work there is',
  at(501, [0, 0, 8, 8], server.transactions),
  at(502, [8, 0, 8, 8], server.rowsMoved),
  at(503, [16, 0, 8, 8], latency.byKind(DATABASE)),
);

const memoryAndDisk = section(
  600,
  'Why: memory and disk',
  at(601, [0, 0, 8, 7], server.blocksRead),
  at(602, [8, 0, 8, 7], server.ioTime),
  at(603, [16, 0, 8, 7], server.temporaryFiles),
  at(604, [0, 7, 8, 7], server.checkpoints),
  at(605, [8, 7, 8, 7], server.checkpointTime),
  at(606, [16, 7, 8, 7], server.ioByBackend),
  at(607, [0, 14, 8, 7], server.walDirectory),
  at(608, [8, 14, 8, 7], server.slotRoom),
  at(609, [16, 14, 8, 7], server.archiving),
);

const tables = section(
  700,
  'Why: tables and vacuum',
  at(701, [0, 0, 24, 9], storage.largestTables),
  at(702, [0, 9, 8, 7], storage.deadRows),
  at(703, [8, 9, 8, 7], storage.horizon),
  at(704, [16, 9, 8, 7], storage.overdue),
  at(705, [0, 16, 8, 7], storage.wraparound),
  at(706, [8, 16, 8, 7], storage.autovacuum),
  at(707, [16, 16, 8, 7], storage.sizes),
  at(708, [0, 23, 8, 7], storage.indexProblems),
  at(709, [8, 23, 8, 7], storage.sequences),
  at(710, [16, 23, 8, 7], replication.receivers),
);

const settings = section(
  800,
  'Settings',
  at(801, [0, 0, 8, 3], storage.uptime),
  at(802, [8, 0, 8, 3], storage.settingErrors),
  at(803, [16, 0, 8, 3], storage.certificate),
  at(804, [0, 3, 12, 10], storage.settings),
  at(805, [12, 3, 12, 10], storage.wordSettings),
);

export const databasePerformance = dashboardOf({
  uid: 'database-performance',
  title: 'Database performance',
  description: 'For whoever runs a database: is it healthy, and if not, what is wrong, where, and why.',
  variables: serverVariables,
  pages: [
    ['health', 'Health in the app'],
    ['latency', 'Latency in the app'],
  ],
  sections: [isHealthy, whatIsWrong, writing, where, work, memoryAndDisk, closed(tables), closed(settings)],
});
