import { at, closed, dashboardOf, section } from './lib/layout';
import { INSTANCE } from './lib/promql';
import { haVariables } from './lib/variables';
import * as backup from './signals/backup';
import * as ha from './signals/ha';
import * as health from './signals/health';
import * as replication from './signals/replication';

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
  at(108, [21, 0, 3, 4], ha.lastFailover),
  at(109, [0, 4, 12, 7], ha.memberTable),
  at(115, [12, 4, 12, 7], ha.blocked),
  at(111, [0, 11, 12, 8], replication.lagSeconds),
  at(116, [12, 11, 12, 8], ha.recovery),
);

const happened = section(
  600,
  'What happened: who led, and when nobody did',
  at(601, [0, 0, 4, 4], ha.failovers),
  at(602, [0, 4, 4, 4], ha.splitBrain),
  at(603, [4, 0, 10, 8], ha.unwritable),
  at(604, [14, 0, 10, 8], ha.interruptions),
  at(605, [0, 8, 24, 6], ha.roles),
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
  at(301, [0, 0, 8, 8], ha.store),
  at(302, [8, 0, 8, 8], ha.apis),
  at(303, [16, 0, 8, 8], ha.timelines),
  at(305, [0, 8, 4, 7], ha.storeMargin),
  at(306, [4, 8, 10, 7], ha.storeReads),
  at(307, [14, 8, 10, 7], ha.storeDisk),
  at(304, [0, 15, 24, 7], health.advice(INSTANCE, { exporters: ['ha'], target: '', most: 10 })),
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
  at(402, [12, 0, 8, 4], ha.patroniModes),
  at(403, [20, 0, 4, 4], ha.maximumLag),
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
