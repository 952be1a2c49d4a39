import { at, closed, dashboardOf, section } from './lib/layout';
import { INSTANCE } from './lib/promql';
import { haVariables } from './lib/variables';
import * as backup from './signals/backup';
import * as failovers from './signals/failovers';
import * as ha from './signals/ha';
import * as health from './signals/health';
import * as replication from './signals/replication';
import * as store from './signals/store';

const isSafe = section(
  100,
  'Would it survive the loss of its primary?',
  at(113, [0, 0, 3, 4], ha.ready),
  at(101, [3, 0, 3, 4], ha.leader),
  at(102, [6, 0, 3, 4], ha.primaries),
  at(103, [9, 0, 3, 4], ha.members),
  at(104, [12, 0, 3, 4], ha.automatic),
  at(105, [15, 0, 3, 4], replication.synchronousStandbys),
  at(106, [18, 0, 3, 4], replication.replayDelay),
  at(108, [21, 0, 3, 4], failovers.lastFailover),
  at(109, [0, 4, 12, 7], ha.memberTable),
  at(115, [12, 4, 12, 7], ha.blocked),
  at(111, [0, 11, 12, 8], replication.lagSeconds),
  at(116, [12, 11, 12, 8], failovers.recovery),
);

const happened = section(
  600,
  'What happened: who led, and when nobody did',
  at(601, [0, 0, 4, 4], failovers.failovers),
  at(602, [4, 0, 4, 4], failovers.lastDuration),
  at(605, [8, 0, 8, 8], failovers.unwritable),
  at(606, [16, 0, 8, 8], failovers.interruptions),
  at(603, [0, 4, 4, 4], failovers.splitBrain),
  at(604, [4, 4, 4, 4], failovers.downtime),
  at(607, [0, 8, 24, 6], ha.roles),
  at(608, [0, 14, 24, 7], failovers.drills),
);

const standbys = section(
  200,
  'Where: standbys and their slots',
  at(207, [0, 0, 12, 8], replication.lagInBytes),
  at(206, [12, 0, 12, 8], ha.headroom),
  at(201, [0, 8, 8, 8], replication.standbys),
  at(202, [8, 8, 8, 8], replication.receivers),
  at(203, [16, 8, 8, 8], replication.conflicts),
  at(204, [0, 16, 12, 7], replication.slots),
  at(205, [12, 16, 12, 7], replication.retained),
);

const why = section(
  300,
  'Why: the store, the members, the advice',
  at(301, [0, 0, 8, 8], store.reached),
  at(302, [8, 0, 8, 8], ha.apis),
  at(303, [16, 0, 8, 8], ha.timelines),
  at(310, [0, 8, 24, 6], ha.memberDetails),
  at(305, [0, 14, 4, 6], store.margin),
  at(308, [4, 14, 20, 6], store.members),
  at(306, [0, 20, 8, 7], store.reads),
  at(307, [8, 20, 8, 7], store.disk),
  at(309, [16, 20, 8, 7], store.unrest),
  at(304, [0, 27, 24, 7], health.advice(INSTANCE, { exporters: ['ha'], target: '', most: 10 })),
);

const backups = section(
  500,
  'Backups: could we restore',
  at(501, [0, 0, 8, 8], backup.age),
  at(502, [8, 0, 4, 4], backup.repositories),
  at(503, [12, 0, 6, 4], backup.verified),
  at(504, [18, 0, 6, 4], backup.restore),
  at(505, [8, 4, 4, 4], backup.damaged),
);

const settings = section(
  400,
  'Settings',
  at(401, [0, 0, 12, 4], ha.patroniTimes),
  at(404, [12, 0, 12, 4], ha.effectiveTimes),
  at(402, [0, 4, 8, 4], ha.patroniModes),
  at(403, [8, 4, 5, 4], ha.maximumLag),
  at(405, [13, 4, 5, 4], ha.drift),
  at(406, [18, 4, 6, 4], ha.scheduled),
);

export const highAvailability = dashboardOf({
  uid: 'high-availability',
  title: 'High availability',
  description:
    'For whoever is called at night: is there one primary, would a standby take over, and what would be lost.',
  variables: haVariables,
  pages: [['high-availability', 'High availability in the app']],
  sections: [isSafe, happened, standbys, why, backups, closed(settings)],
});
