import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertThresholds } from '@submilli/catalogue';
import { lines, stat } from '../lib/panels';
import { CLUSTER } from '../lib/promql';
import { over } from '../lib/targets';
import { above, notAbove, notBelow } from '../lib/thresholds';
import { units } from '../lib/units';

const NONE = 'no backups are configured';
const byRepository = (metric: string): string => `max by (cluster, repository) (${metric}{${CLUSTER}})`;

export const age: Panel = lines({
  title: 'Age of the last backup',
  description: 'Time since the last backup of each repository ended. A restore replays all WAL since then.',
  unit: units.seconds,
  targets: {
    age: over(`time() - ${byRepository('db_backup_last_timestamp_seconds')}`, '{{cluster}} repository {{repository}}'),
  },
  thresholds: above(alertThresholds.backupStaleSeconds, alertThresholds.backupLostSeconds),
  noValue: NONE,
});

export const repositories: Panel = stat({
  title: 'Backup repositories',
  description: 'Repositories that pgBackRest can use, of the cluster that has fewest.',
  unit: units.count,
  targets: { value: over(`min(sum by (cluster) (db_backup_repository_up{${CLUSTER}}))`) },
  thresholds: notBelow(1),
  noValue: NONE,
});

export const verified: Panel = stat({
  title: 'Restore rehearsed',
  description:
    'Time since a restore was last rehearsed with success (submilli backup verify), of the cluster where that was longest ago.',
  unit: units.seconds,
  targets: { value: over(`max(time() - db_backup_verified_timestamp_seconds{${CLUSTER}})`) },
  thresholds: notAbove(alertThresholds.backupUnverifiedSeconds),
  noValue: 'never, as far as is known',
});

export const restore: Panel = stat({
  title: 'Restore takes',
  description: 'How long the last successful rehearsal took until the restored server took connections.',
  unit: units.seconds,
  targets: { value: over(`max(db_backup_restore_seconds{${CLUSTER}})`) },
  thresholds: notAbove(alertThresholds.restoreObjectiveSeconds),
  noValue: 'never rehearsed',
});

export const damaged: Panel = stat({
  title: 'Damaged backups',
  description: 'Backups in whose files pgBackRest found pages with a wrong checksum: so has the server they came from.',
  unit: units.count,
  targets: { value: over(`sum(db_backup_damaged{${CLUSTER}})`) },
  thresholds: notAbove(0),
  noValue: NONE,
});
