import { backupFaults, lostRepositories } from './backups';
import { pausedCluster, stoppedEtcd, stoppedPrimary, switchovers, twoPrimaries } from './cluster';
import { damagedPage, endingCertificate } from './damage';
import { cappedExporter, exporterFaults, forgottenExporter, forgottenExporters, misledExporters } from './exporters';
import type { Fault } from './fault';
import { objectFaults } from './objects';
import { crowdedPool, lostPool, manySessions, misledPool, pausedPool } from './pool';
import { slowedStatement } from './regression';
import { killedPatroni, pausedReplay, unreadSlot, unwatchedStandby } from './replication';
import { sessionFaults } from './sessions';

/** Faults by the time at which they are there together: none of an act disturbs another. */
export const acts = {
  /** Seen at the exporters' rounds, and waited for longest. */
  slow: [slowedStatement, endingCertificate, ...objectFaults],
  /** Seen once in a minute, and some of it is a matter of minutes even so. */
  backups: backupFaults,
  sessions: [...sessionFaults, ...exporterFaults, manySessions],
  pool: crowdedPool,
  replication: [forgottenExporter, unreadSlot, killedPatroni, pausedReplay, pausedPool, cappedExporter],
  unwatched: [unwatchedStandby],
  primary: [stoppedPrimary, lostPool],
  switchovers: [switchovers],
  store: [lostRepositories, damagedPage, misledPool, stoppedEtcd],
  leader: [pausedCluster],
  split: [twoPrimaries],
  misled: misledExporters,
  watching: [forgottenExporters],
} as const satisfies Readonly<Record<string, readonly Fault[]>>;

export const faults: readonly Fault[] = Object.values<readonly Fault[]>(acts).flat();

/** Alerts that no fault raises here, and why their proof by promtool stands alone. */
export const unreal: Readonly<Record<string, string>> = {
  BackupNeverVerified: 'takes a day without a rehearsal',
  BackupRepositoryDown:
    'is raised where all repositories are gone, and people are spared it; of one alone they would be told',
  BackupRestoreSlow: 'takes a restore of more than an hour',
  PatroniDrillOverdue: 'takes five weeks without a drill',
  PostgresTransactionIdWraparound: 'takes hundreds of millions of transactions',
  PostgresMultixactWraparound: 'takes hundreds of millions of rows locked by two transactions at once',
};
