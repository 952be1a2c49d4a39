import { at, closed, dashboardOf, section } from './lib/layout';
import { INSTANCE } from './lib/promql';
import { poolVariables } from './lib/variables';
import * as health from './signals/health';
import * as pool from './signals/pool';
import * as details from './signals/pool-details';

const isHealthy = section(
  100,
  'Does anybody wait for a connection?',
  at(101, [0, 0, 3, 4], pool.waiting),
  at(102, [3, 0, 3, 4], pool.longestWait),
  at(103, [6, 0, 3, 4], pool.meanWait),
  at(104, [9, 0, 3, 4], pool.fullest),
  at(105, [12, 0, 3, 4], pool.clientsUsed),
  at(106, [15, 0, 3, 4], pool.withoutServer),
  at(107, [18, 0, 3, 4], pool.paused),
  at(108, [21, 0, 3, 4], pool.throughput),
  at(109, [0, 4, 8, 8], pool.limits),
  at(110, [8, 4, 8, 8], pool.clients),
  at(111, [16, 4, 8, 8], pool.servers),
  at(112, [0, 12, 8, 7], pool.waitOverTime),
  at(113, [8, 12, 8, 7], pool.saturation),
  at(114, [16, 12, 8, 7], health.advice(INSTANCE, { exporters: ['pool'], target: '', most: 6 })),
);

const where = section(
  200,
  'Where: who waits, and for which server',
  at(201, [0, 0, 8, 8], details.applications),
  at(202, [8, 0, 8, 8], pool.queueHeatmap),
  at(203, [16, 0, 8, 8], details.addresses),
);

const why = section(
  300,
  'Why: what connections are held for',
  at(301, [0, 0, 8, 8], details.times),
  at(302, [8, 0, 8, 8], details.perSecond),
  at(303, [16, 0, 8, 8], details.acquire),
  at(304, [0, 8, 8, 7], details.ages),
  at(305, [8, 8, 8, 7], details.stale),
  at(306, [16, 8, 8, 7], details.prepared),
  at(307, [0, 15, 8, 7], pool.waitedOnAverage),
  at(308, [8, 15, 8, 7], details.bytes),
  at(309, [16, 15, 8, 7], details.memory),
);

const settings = section(
  400,
  'Settings',
  at(401, [0, 0, 24, 6], details.poolModes),
  at(402, [0, 6, 12, 10], details.poolSettings),
  at(403, [12, 6, 12, 10], details.poolTimeouts),
);

export const connectionPool = dashboardOf({
  uid: 'connection-pool',
  title: 'Connection pool',
  description: 'For whoever runs PgBouncer: does anybody wait for a connection, who, for which limit, and why.',
  variables: poolVariables,
  pages: [['advice', 'Advice in the app']],
  sections: [isHealthy, where, why, closed(settings)],
});
