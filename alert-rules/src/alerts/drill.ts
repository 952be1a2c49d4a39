import { alertThresholds as t } from '@submilli/catalogue';
import type { Alert } from '../define';
import { cluster } from '../labels';

const at = 'cluster="c",instance="db:9094",job="submilli"';
const days = t.drillOverdueSeconds / 86_400;

/** A failover that is not rehearsed is a hope. */
export const drillAlerts: readonly Alert[] = [
  {
    ...{ component: 'patroni', by: cluster, dashboard: 'high-availability' },
    name: 'PatroniDrillOverdue',
    summary: 'No failover of {{ $labels.cluster }} was rehearsed lately',
    levels: [
      {
        severity: 'warning',
        for: '1h',
        expr: `time() - max by (cluster) (db_ha_drill_timestamp_seconds and db_ha_drill_success == 1) > ${t.drillOverdueSeconds}`,
        description: `The last drill that {{ $labels.cluster }} passed was {{ $value | humanizeDuration }} ago (threshold ${days} days). Run: submilli drill switchover`,
      },
    ],
    proofs: [
      {
        step: '1m',
        series: {
          [`db_ha_drill_timestamp_seconds{${at},kind="switchover"}`]: [(now) => now, -3_100_000],
          [`db_ha_drill_success{${at},kind="switchover"}`]: [1, 1],
        },
        labels: { cluster: 'c' },
        summary: 'No failover of c was rehearsed lately',
        says: {
          warning:
            'The last drill that c passed was 35d 22h 16m 40s ago (threshold 35 days). Run: submilli drill switchover',
        },
      },
    ],
  },
];
