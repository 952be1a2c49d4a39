import { recordings } from '@submilli/alert-rules';
import type { Lowered } from './hurry';

/** The objective's bound is in recorded series, one for each window. */
const ofObjective = recordings
  .filter(({ expr }) => expr.includes('le="0.0025"'))
  .map(({ record }): Lowered => ({
    ...{ rule: record, from: 'le="0.0025"', to: 'le="0.25"' },
    because: 'a machine that others share misses 2.5 ms by itself; the slow statements take 400 ms',
  }));

/** Thresholds that are times, or more than a small shared machine can do, and what takes their place. */
export const lowered: readonly Lowered[] = [
  { rule: 'PostgresRestarted', from: '< 300', to: '< 40', because: 'it is told for five minutes after each start' },
  { rule: 'PostgresIdleInTransaction', from: '> 300', to: '> 5', because: 'five minutes' },
  { rule: 'PostgresLongRunningTransaction', from: '> 900', to: '> 15', because: 'a quarter of an hour' },
  // Both at once, so that it can be seen that people are told of the worse one only.
  { rule: 'PostgresSessionsBlocked', from: '> 30', to: '> 5', because: 'half a minute' },
  { rule: 'PostgresSessionsBlocked', from: '> 300', to: '> 5', because: 'five minutes' },
  { rule: 'PostgresTempFilesHigh', from: '> 52428800', to: '> 1048576', because: '50 MiB a second fills a small disk' },
  { rule: 'PostgresCheckpointsRequested', from: '> 6', to: '> 3', because: 'each may take the disk ten seconds' },
  { rule: 'DatabaseReplicationLagHigh', from: '> 10', to: '> 3', because: 'ten seconds' },
  { rule: 'PostgresHealthScoreLow', from: '< 50', to: '< 40', because: 'a busy machine costs points by itself' },
  // Of 300 MB, past the half, where it is critical already.
  { rule: 'PostgresReplicationSlotWal', from: '> 10737418240', to: '> 167772160', because: '10 GiB' },
  { rule: 'PostgresWalArchiveFailing', from: '> 900', to: '> 5', because: 'a quarter of an hour' },
  // The stack's schedule makes a backup in a quarter of an hour, unless it is stopped.
  { rule: 'BackupStale', from: '> 93600', to: '> 240', because: 'a day and two hours' },
  { rule: 'BackupStale', from: '> 259200', to: '> 240', because: 'three days' },
  // Well past the minute in which the exporter looks at backups again, or it would never be seen to be over.
  { rule: 'BackupUnverified', from: '> 691200', to: '> 240', because: 'eight days' },
  { rule: 'PatroniFailover', from: '> 3', to: '> 1', because: 'four take more than a minute' },
  { rule: 'PatroniDcsUnreachable', from: '> 60', to: '> 15', because: 'a minute' },
  ...ofObjective,
];
