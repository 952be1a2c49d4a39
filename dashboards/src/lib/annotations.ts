import type { AnnotationQuery } from '@grafana/grafana-foundation-sdk/dashboard';
import { CLUSTER } from './promql';
import { datasource } from './targets';

const GRAFANA = { type: 'grafana', uid: '-- Grafana --' };

/** Timestamps in seconds that become marks at just that time; Grafana wants milliseconds. */
const fromTimestamp = (name: string, iconColor: string, expr: string, titleFormat: string): AnnotationQuery =>
  ({
    ...{ name, datasource, enable: true, hide: false, iconColor },
    ...{ expr: `${expr} * 1000`, useValueForTime: true, titleFormat, textFormat: '', tagKeys: 'cluster', step: '' },
  }) satisfies AnnotationQuery;

export const annotations: AnnotationQuery[] = [
  fromTimestamp(
    'Failovers',
    'red',
    `max by (cluster) (db_ha_last_failover_timestamp_seconds{${CLUSTER}})`,
    'Promotion in {{cluster}}',
  ),
  fromTimestamp(
    'Settings',
    'blue',
    `max by (cluster, target) (db_settings_changed_timestamp_seconds{${CLUSTER}})`,
    'Settings of {{target}} changed',
  ),
  {
    ...{ name: 'Deploys', datasource: GRAFANA, enable: true, hide: false, iconColor: 'purple' },
    target: { limit: 100, matchAny: false, tags: ['deploy'], type: 'tags' } as unknown as NonNullable<
      AnnotationQuery['target']
    >,
  },
];
