import { pausedCluster, stoppedEtcd, stoppedPrimary, switchovers, twoPrimaries } from './cluster';
import { damagedPage, endingCertificate, failingArchive } from './damage';
import { cappedExporter, exporterFaults, forgottenExporter, forgottenExporters } from './exporters';
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
  sessions: [...sessionFaults, ...exporterFaults, manySessions],
  pool: crowdedPool,
  replication: [forgottenExporter, unreadSlot, killedPatroni, pausedReplay, pausedPool, cappedExporter],
  unwatched: [unwatchedStandby],
  primary: [stoppedPrimary, lostPool],
  switchovers: [switchovers],
  store: [failingArchive, damagedPage, misledPool, stoppedEtcd],
  leader: [pausedCluster],
  split: [twoPrimaries],
  watching: [forgottenExporters],
} as const satisfies Readonly<Record<string, readonly Fault[]>>;

export const faults: readonly Fault[] = Object.values<readonly Fault[]>(acts).flat();

const noBackups = 'no act breaks backups: backup.test.ts does, and sees what is published of it';

/** Alerts that no fault raises here, and why their proof by promtool stands alone. */
export const unreal: Readonly<Record<string, string>> = {
  BackupDamaged: noBackups,
  BackupMissing: noBackups,
  BackupNeverVerified: noBackups,
  BackupRepositoriesDown: noBackups,
  BackupRepositoryDown: noBackups,
  BackupRestoreSlow: noBackups,
  BackupStale: noBackups,
  BackupUnverified: noBackups,
  BackupVerificationFailed: noBackups,
  PatroniDrillOverdue: 'takes five weeks without a drill',
  PostgresTransactionIdWraparound: 'takes hundreds of millions of transactions',
  PostgresMultixactWraparound: 'takes hundreds of millions of rows locked by two transactions at once',
};
