import { at, closed, dashboardOf, section } from './lib/layout';
import { CLUSTER } from './lib/promql';
import { fleetVariables } from './lib/variables';
import * as fleet from './signals/fleet';
import * as health from './signals/health';

const OF = `${CLUSTER},database=~"$database"`;

const isHealthy = section(
  100,
  'Which of all is not well?',
  at(101, [0, 0, 3, 4], fleet.lowest),
  at(102, [3, 0, 3, 4], fleet.unhealthy),
  at(103, [6, 0, 3, 4], health.firing(CLUSTER)),
  at(104, [9, 0, 3, 4], fleet.servers),
  at(105, [12, 0, 3, 4], fleet.leaderless),
  at(106, [15, 0, 3, 4], fleet.slowest),
  at(107, [18, 0, 3, 4], fleet.fullestServer),
  at(108, [21, 0, 3, 4], fleet.furthestBehind),
  at(109, [0, 4, 16, 8], fleet.databases),
  at(110, [16, 4, 8, 8], fleet.alertsNow),
  at(111, [0, 12, 16, 8], health.scoreOverTime(OF)),
  at(112, [16, 12, 8, 8], health.advice(CLUSTER, { exporters: [], target: '', most: 8 })),
);

const where = section(
  200,
  'Where: one line for each',
  at(201, [0, 0, 12, 8], fleet.latencyByDatabase),
  at(202, [12, 0, 12, 8], fleet.commitByCluster),
  at(203, [0, 8, 12, 8], fleet.rateByDatabase),
  at(204, [12, 8, 12, 8], fleet.connectionsByDatabase),
  at(205, [0, 16, 12, 8], fleet.lagByCluster),
  at(206, [12, 16, 12, 8], fleet.poolsByCluster),
);

const watching = section(
  300,
  'Advice, and the watchers themselves',
  at(301, [0, 0, 12, 9], fleet.adviceByRule),
  at(302, [12, 0, 12, 9], fleet.collectors),
  at(303, [0, 9, 12, 7], fleet.watching),
  at(304, [12, 9, 12, 7], fleet.scrapes),
);

export const fleetOverview = dashboardOf({
  uid: 'fleet-overview',
  title: 'Fleet overview',
  description: 'For whoever answers for all of them: which cluster and database needs somebody now, and for what.',
  variables: fleetVariables,
  pages: [['overview', 'Overview in the app']],
  sections: [isHealthy, where, closed(watching)],
});
