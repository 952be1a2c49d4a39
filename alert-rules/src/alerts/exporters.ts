import type { Alert } from '../define';

const at = 'cluster="c",instance="db:9091",job="submilli-servers",target="pg1"';
const shared = { component: 'exporter', by: ['cluster', 'instance', 'target'], dashboard: 'fleet-overview' } as const;
const down = 'cluster="c",instance="db:9091",job="submilli-servers",target="pg2"';
const self = { cluster: 'c', instance: 'db:9091', target: 'pg1' } as const;

/** Those who watch: silence must never mean that all is well. */
export const exporterAlerts: readonly Alert[] = [
  {
    ...shared,
    name: 'SubmilliExporterDown',
    by: ['cluster', 'instance'],
    summary: 'The exporter at {{ $labels.instance }} does not answer',
    levels: [
      {
        severity: 'warning',
        for: '1m',
        expr: 'max by (cluster, instance) (up{job=~"submilli.*"}) == 0',
        description:
          'Prometheus has had no answer from {{ $labels.instance }} of {{ $labels.cluster }} for a minute. Alerts that rest on it can neither fire nor be believed.',
      },
    ],
    proofs: [
      {
        series: { [`up{${at}}`]: [1, 0], 'up{cluster="c",instance="db:9100",job="node"}': [1, 0] },
        labels: { cluster: 'c', instance: 'db:9091' },
        summary: 'The exporter at db:9091 does not answer',
        says: {
          warning:
            'Prometheus has had no answer from db:9091 of c for a minute. Alerts that rest on it can neither fire nor be believed.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'SubmilliAbsent',
    by: [],
    summary: 'Prometheus watches no exporter of Submilli',
    levels: [
      {
        severity: 'critical',
        for: '5m',
        expr: 'absent(up{job=~"submilli.*"})',
        description:
          'There is no target whose job begins with submilli: none of these alerts can fire. Its configuration was changed, or service discovery gives nothing.',
      },
    ],
    proofs: [
      {
        absenceFires: true,
        series: { [`up{${at}}`]: [1, 'absent'], 'up{instance="db:9100",job="node"}': [1, 1] },
        labels: {},
        summary: 'Prometheus watches no exporter of Submilli',
        says: {
          critical:
            'There is no target whose job begins with submilli: none of these alerts can fire. Its configuration was changed, or service discovery gives nothing.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'SubmilliExporterAbsent',
    by: ['cluster', 'exporter'],
    summary: 'The {{ $labels.exporter }} exporter of {{ $labels.cluster }} is gone',
    levels: [
      {
        severity: 'warning',
        for: '5m',
        expr: 'group by (cluster, exporter) (last_over_time(db_exporter_build_info{exporter!=""}[1d])) unless group by (cluster, exporter) (db_exporter_build_info)',
        description:
          'The {{ $labels.exporter }} exporter of {{ $labels.cluster }} was there within the last day and is not any more: it is down, or Prometheus is no longer told to ask it.',
      },
    ],
    proofs: [
      {
        well: '2h',
        step: '1m',
        series: {
          'db_exporter_build_info{cluster="c",instance="db:9094",exporter="ha",version="1",node="v20"}': [1, 'absent'],
          'db_exporter_build_info{cluster="c",instance="db:9092",exporter="pool",version="1",node="v20"}': [1, 1],
          // A version without this label is no exporter that went away when it is replaced.
          'db_exporter_build_info{cluster="c",instance="db:9091",version="0",node="v20"}': [1, 'absent'],
        },
        labels: { cluster: 'c', exporter: 'ha' },
        summary: 'The ha exporter of c is gone',
        says: {
          warning:
            'The ha exporter of c was there within the last day and is not any more: it is down, or Prometheus is no longer told to ask it.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'SubmilliTargetDown',
    by: ['cluster', 'instance', 'target'],
    summary: 'The query exporter gets no answer from {{ $labels.target }}',
    levels: [
      {
        severity: 'warning',
        for: '2m',
        // The other exporters' targets are told of by PostgresDown, PgBouncerDown and PatroniUnreachable.
        expr: 'max by (cluster, instance, target) (db_exporter_up == 0 and on (job, instance, target) db_exporter_build_info{exporter="query"})',
        description:
          'The query exporter at {{ $labels.instance }} has had no answer from {{ $labels.target }} of {{ $labels.cluster }} for 2 minutes: nothing is known of its statements. /api/v1/status says why.',
      },
    ],
    proofs: [
      {
        series: {
          [`db_exporter_up{${at}}`]: [1, 0],
          [`db_exporter_build_info{${at},exporter="query",version="1",node="v20"}`]: [1, 1],
          [`db_exporter_up{${down}}`]: [1, 0],
          [`db_exporter_build_info{${down},exporter="database",version="1",node="v20"}`]: [1, 1],
        },
        labels: self,
        summary: 'The query exporter gets no answer from pg1',
        says: {
          warning:
            'The query exporter at db:9091 has had no answer from pg1 of c for 2 minutes: nothing is known of its statements. /api/v1/status says why.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'SubmilliCollectorFailing',
    by: ['cluster', 'instance', 'target', 'collector'],
    summary: 'The collector {{ $labels.collector }} fails',
    levels: [
      {
        severity: 'warning',
        for: '10m',
        // Of a target that is down all of them fail: that is another alert's.
        expr: 'min by (cluster, instance, target, collector) (db_exporter_collector_success) == 0 unless on (cluster, instance, target) max by (cluster, instance, target) (db_exporter_up) == 0',
        description:
          'The collector {{ $labels.collector }} at {{ $labels.instance }} of {{ $labels.cluster }} {{ $labels.target }} has failed for 10 minutes: what it reads is absent. /api/v1/status says why.',
      },
    ],
    proofs: [
      {
        series: {
          [`db_exporter_collector_success{${at},collector="locks"}`]: [1, 0],
          [`db_exporter_up{${at}}`]: [1, 1],
          [`db_exporter_collector_success{${down},collector="locks"}`]: [1, 0],
          [`db_exporter_up{${down}}`]: [1, 0],
        },
        labels: { ...self, collector: 'locks' },
        summary: 'The collector locks fails',
        says: {
          warning:
            'The collector locks at db:9091 of c pg1 has failed for 10 minutes: what it reads is absent. /api/v1/status says why.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'SubmilliSeriesDropped',
    by: ['cluster', 'instance', 'target', 'family'],
    summary: 'Series of {{ $labels.family }} are left out',
    levels: [
      {
        severity: 'info',
        for: '0m',
        keepFiringFor: '15m',
        expr: 'sum by (cluster, instance, target, family) (increase(db_exporter_series_dropped_total[15m])) > 0',
        description:
          '{{ printf "%.0f" $value }} series of {{ $labels.family }} at {{ $labels.instance }} of {{ $labels.cluster }} {{ $labels.target }} were left out in 15 minutes (threshold 0): there are more than limits.series_per_family allows, or two alike.',
      },
    ],
    proofs: [
      {
        well: '30m',
        series: { [`db_exporter_series_dropped_total{${at},family="db_locks",reason="cap"}`]: [0, { perSecond: 4 }] },
        lag: '15m',
        labels: { ...self, family: 'db_locks' },
        summary: 'Series of db_locks are left out',
        says: {
          info: '60 series of db_locks at db:9091 of c pg1 were left out in 15 minutes (threshold 0): there are more than limits.series_per_family allows, or two alike.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'SubmilliConfigReloadFailed',
    by: ['cluster', 'instance'],
    summary: 'A new configuration was refused by the exporter at {{ $labels.instance }}',
    levels: [
      {
        severity: 'warning',
        for: '5m',
        expr: 'min by (cluster, instance) (db_exporter_config_last_reload_successful) == 0',
        description:
          'The exporter at {{ $labels.instance }} of {{ $labels.cluster }} refused its last reload and runs with the configuration before it. Its log names the line.',
      },
    ],
    proofs: [
      {
        series: { [`db_exporter_config_last_reload_successful{${at}}`]: [1, 0] },
        labels: { cluster: 'c', instance: 'db:9091' },
        summary: 'A new configuration was refused by the exporter at db:9091',
        says: {
          warning:
            'The exporter at db:9091 of c refused its last reload and runs with the configuration before it. Its log names the line.',
        },
      },
    ],
  },
];
