import { alertThresholds as t } from '@submilli/catalogue';
import type { Alert } from '../define';

const at = 'cluster="c",instance="db:9094",job="submilli"';
const ofCluster = { component: 'backup', by: ['cluster'], dashboard: 'high-availability', advice: 'backup' } as const;
const ofRepository = { ...ofCluster, by: ['cluster', 'repository'] } as const;
const first = { cluster: 'c', repository: '1' } as const;
const both = (one: number, other: number) => ({
  [`db_backup_repository_up{${at},repository="1"}`]: [1, one] as const,
  [`db_backup_repository_up{${at},repository="2"}`]: [1, other] as const,
});
const hours = (seconds: number): number => seconds / 3600;
const days = (seconds: number): number => seconds / 86_400;

/** Backups are only as good as their last restore. */
export const backupAlerts: readonly Alert[] = [
  {
    ...ofRepository,
    name: 'BackupStale',
    summary: 'The last backup of {{ $labels.cluster }} in repository {{ $labels.repository }} is old',
    levels: [
      {
        severity: 'warning',
        for: '10m',
        expr: `time() - max by (cluster, repository) (db_backup_last_timestamp_seconds) > ${t.backupStaleSeconds}`,
        description: `The last backup of {{ $labels.cluster }} in repository {{ $labels.repository }} ended {{ $value | humanizeDuration }} ago (threshold ${hours(t.backupStaleSeconds)} h): a restore takes longer with every hour, and a failing schedule is seen late.`,
      },
      {
        severity: 'critical',
        for: '10m',
        expr: `time() - max by (cluster, repository) (db_backup_last_timestamp_seconds) > ${t.backupLostSeconds}`,
        description: `The last backup of {{ $labels.cluster }} in repository {{ $labels.repository }} ended {{ $value | humanizeDuration }} ago (threshold ${hours(t.backupLostSeconds)} h).`,
      },
    ],
    proofs: [
      {
        step: '1m',
        well: '2h',
        series: {
          [`db_backup_last_timestamp_seconds{${at},repository="1",backup_type="full"}`]: [(now) => now, -88_000],
        },
        labels: first,
        summary: 'The last backup of c in repository 1 is old',
        says: {
          warning:
            'The last backup of c in repository 1 ended 1d 2h 36m 40s ago (threshold 26 h): a restore takes longer with every hour, and a failing schedule is seen late.',
        },
      },
      {
        level: 1,
        step: '1m',
        well: '2h',
        series: {
          [`db_backup_last_timestamp_seconds{${at},repository="1",backup_type="full"}`]: [(now) => now, -288_000],
        },
        labels: first,
        summary: 'The last backup of c in repository 1 is old',
        says: {
          warning:
            'The last backup of c in repository 1 ended 3d 10h 10m 0s ago (threshold 26 h): a restore takes longer with every hour, and a failing schedule is seen late.',
          critical: 'The last backup of c in repository 1 ended 3d 10h 10m 0s ago (threshold 72 h).',
        },
      },
    ],
  },
  {
    ...ofRepository,
    name: 'BackupMissing',
    summary: 'Repository {{ $labels.repository }} of {{ $labels.cluster }} has no backup',
    levels: [
      {
        severity: 'warning',
        for: '1h',
        expr: 'sum by (cluster, repository) (db_backup_backups) == 0',
        description:
          'Repository {{ $labels.repository }} of {{ $labels.cluster }} has been there for an hour and holds no backup: nothing can be restored from it.',
      },
    ],
    proofs: [
      {
        step: '1m',
        series: { [`db_backup_backups{${at},repository="1",backup_type="full"}`]: [1, 0] },
        labels: first,
        summary: 'Repository 1 of c has no backup',
        says: {
          warning: 'Repository 1 of c has been there for an hour and holds no backup: nothing can be restored from it.',
        },
      },
    ],
  },
  {
    ...ofCluster,
    name: 'BackupRepositoriesDown',
    summary: 'No backup repository of {{ $labels.cluster }} can be used',
    levels: [
      {
        severity: 'critical',
        for: '10m',
        expr: 'max by (cluster) (db_backup_repository_up) == 0',
        description:
          'pgBackRest can use no repository of {{ $labels.cluster }}: WAL piles up on the primary, and nothing can be restored.',
      },
    ],
    proofs: [
      {
        step: '1m',
        series: both(0, 0),
        labels: { cluster: 'c' },
        summary: 'No backup repository of c can be used',
        says: {
          critical: 'pgBackRest can use no repository of c: WAL piles up on the primary, and nothing can be restored.',
        },
      },
    ],
  },
  {
    ...ofRepository,
    name: 'BackupRepositoryDown',
    summary: 'A backup repository of {{ $labels.cluster }} cannot be used',
    levels: [
      {
        severity: 'warning',
        for: '10m',
        expr: 'min by (cluster, repository) (db_backup_repository_up) == 0',
        description:
          'pgBackRest cannot use repository {{ $labels.repository }} of {{ $labels.cluster }}: no WAL gets there, and nothing can be restored from it.',
      },
    ],
    proofs: [
      {
        step: '1m',
        series: both(0, 1),
        labels: first,
        summary: 'A backup repository of c cannot be used',
        says: {
          warning: 'pgBackRest cannot use repository 1 of c: no WAL gets there, and nothing can be restored from it.',
        },
      },
    ],
  },
  {
    ...ofRepository,
    name: 'BackupDamaged',
    summary: 'A backup of {{ $labels.cluster }} has damaged pages',
    levels: [
      {
        severity: 'critical',
        for: '5m',
        expr: 'max by (cluster, repository) (db_backup_damaged) > 0',
        description:
          '{{ $value }} backups of {{ $labels.cluster }} in repository {{ $labels.repository }} have pages whose checksum is wrong (threshold 0): the server they came from has them, too.',
      },
    ],
    proofs: [
      {
        step: '1m',
        series: { [`db_backup_damaged{${at},repository="1"}`]: [0, 1] },
        labels: first,
        summary: 'A backup of c has damaged pages',
        says: {
          critical:
            '1 backups of c in repository 1 have pages whose checksum is wrong (threshold 0): the server they came from has them, too.',
        },
      },
    ],
  },
  {
    ...ofCluster,
    name: 'BackupUnverified',
    summary: 'No restore of {{ $labels.cluster }} was rehearsed lately',
    levels: [
      {
        severity: 'warning',
        for: '1h',
        expr: `time() - max by (cluster) (db_backup_verified_timestamp_seconds) > ${t.backupUnverifiedSeconds}`,
        description: `The last successful rehearsal of a restore of {{ $labels.cluster }} was {{ $value | humanizeDuration }} ago (threshold ${days(t.backupUnverifiedSeconds)} days). Run: submilli backup verify`,
      },
    ],
    proofs: [
      {
        step: '1m',
        series: { [`db_backup_verified_timestamp_seconds{${at}}`]: [(now) => now, -700_000] },
        labels: { cluster: 'c' },
        summary: 'No restore of c was rehearsed lately',
        says: {
          warning:
            'The last successful rehearsal of a restore of c was 8d 3h 36m 40s ago (threshold 8 days). Run: submilli backup verify',
        },
      },
    ],
  },
  {
    ...ofCluster,
    name: 'BackupNeverVerified',
    summary: 'No restore of {{ $labels.cluster }} was ever rehearsed',
    levels: [
      {
        severity: 'warning',
        for: '1d',
        expr: 'group by (cluster) (db_backup_repository_up) unless group by (cluster) (db_backup_verified_timestamp_seconds)',
        description:
          'There are backups of {{ $labels.cluster }}, and nobody knows whether they can be restored. Run: submilli backup verify',
      },
    ],
    proofs: [
      {
        step: '4m',
        series: {
          [`db_backup_repository_up{${at},repository="1"}`]: [1, 1],
          [`db_backup_verified_timestamp_seconds{${at}}`]: [1, 'absent'],
        },
        labels: { cluster: 'c' },
        summary: 'No restore of c was ever rehearsed',
        says: {
          warning: 'There are backups of c, and nobody knows whether they can be restored. Run: submilli backup verify',
        },
      },
    ],
  },
  {
    ...ofCluster,
    name: 'BackupVerificationFailed',
    summary: 'The rehearsal of a restore of {{ $labels.cluster }} failed',
    levels: [
      {
        severity: 'critical',
        for: '1m',
        expr: 'min by (cluster) (db_backup_verification_success) == 0',
        description:
          'The last rehearsal of a restore of {{ $labels.cluster }} failed: submilli backup status says which check. Until one succeeds, count on no backup.',
      },
    ],
    proofs: [
      {
        step: '1m',
        series: { [`db_backup_verification_success{${at}}`]: [1, 0] },
        labels: { cluster: 'c' },
        summary: 'The rehearsal of a restore of c failed',
        says: {
          critical:
            'The last rehearsal of a restore of c failed: submilli backup status says which check. Until one succeeds, count on no backup.',
        },
      },
    ],
  },
  {
    ...ofCluster,
    name: 'BackupRestoreSlow',
    summary: 'A restore of {{ $labels.cluster }} takes longer than it may',
    levels: [
      {
        severity: 'warning',
        for: '1m',
        expr: `max by (cluster) (db_backup_restore_seconds) > ${t.restoreObjectiveSeconds}`,
        description: `The last rehearsed restore of {{ $labels.cluster }} took {{ $value | humanizeDuration }} (threshold ${hours(t.restoreObjectiveSeconds)} h).`,
      },
    ],
    proofs: [
      {
        step: '1m',
        series: { [`db_backup_restore_seconds{${at}}`]: [100, 4000] },
        labels: { cluster: 'c' },
        summary: 'A restore of c takes longer than it may',
        says: { warning: 'The last rehearsed restore of c took 1h 6m 40s (threshold 1 h).' },
      },
    ],
  },
];
