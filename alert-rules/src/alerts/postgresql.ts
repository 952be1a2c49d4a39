import { alertThresholds as t } from '@submilli/catalogue';
import type { Alert } from '../define';
import { database, list, server } from '../labels';

const at = 'cluster="c",instance="db:9091",job="submilli-servers",target="pg1"';
const self = { cluster: 'c', target: 'pg1' } as const;
const inApp = { ...self, database: 'app' } as const;
const shared = { component: 'postgresql', by: server, dashboard: 'database-performance' } as const;
const ofDatabase = { ...shared, by: database } as const;

/** The server itself: is it there, and in good order? */
export const serverAlerts: readonly Alert[] = [
  {
    ...shared,
    name: 'PostgresDown',
    summary: 'PostgreSQL {{ $labels.target }} does not answer',
    levels: [
      {
        severity: 'critical',
        for: '1m',
        expr: `max by (${list(server)}) (db_exporter_up == 0 and on (job, instance, target) db_exporter_build_info{exporter="database"})`,
        description:
          'The database exporter has had no answer from {{ $labels.target }} of {{ $labels.cluster }} for a minute: the server is down, refuses connections, or refuses the monitoring role.',
      },
    ],
    proofs: [
      {
        series: {
          [`db_exporter_up{${at}}`]: [1, 0],
          [`db_exporter_build_info{${at},exporter="database",version="1",node="v20"}`]: [1, 1],
          [`db_exporter_up{cluster="c",instance="db:9092",job="submilli"}`]: [1, 0],
          [`db_exporter_build_info{cluster="c",instance="db:9092",job="submilli",exporter="pool"}`]: [1, 1],
        },
        labels: self,
        summary: 'PostgreSQL pg1 does not answer',
        says: {
          critical:
            'The database exporter has had no answer from pg1 of c for a minute: the server is down, refuses connections, or refuses the monitoring role.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresRestarted',
    summary: 'PostgreSQL {{ $labels.target }} was restarted',
    levels: [
      {
        severity: 'info',
        for: '0m',
        expr: `max by (${list(server)}) (time() - db_server_start_timestamp_seconds) < ${t.restartedWithinSeconds}`,
        description:
          '{{ $labels.target }} of {{ $labels.cluster }} was started {{ $value | humanizeDuration }} ago (told for 5 minutes). Its caches are cold, and every connection was cut.',
      },
    ],
    proofs: [
      {
        series: { [`db_server_start_timestamp_seconds{${at}}`]: [-10_000, () => 590] },
        labels: self,
        summary: 'PostgreSQL pg1 was restarted',
        says: {
          info: 'pg1 of c was started 10s ago (told for 5 minutes). Its caches are cold, and every connection was cut.',
        },
      },
    ],
  },
  {
    ...ofDatabase,
    name: 'PostgresConnectionsSaturated',
    summary: 'Connections of {{ $labels.database }} on {{ $labels.target }} are all but used up',
    levels: [
      {
        severity: 'critical',
        for: '1m',
        // As long as the warning that it stands for: else that would be told when all is over.
        keepFiringFor: '5m',
        expr: `max by (${list(database)}) (100 * db_connection_utilization_ratio) > ${t.connectionSaturationPercent}`,
        description: `{{ printf "%.0f" $value }} % of the connections that {{ $labels.database }} on {{ $labels.target }} of {{ $labels.cluster }} may have are in use (threshold ${t.connectionSaturationPercent} %): clients are about to be refused.`,
      },
    ],
    proofs: [
      {
        series: { [`db_connection_utilization_ratio{${at},database="app"}`]: [0.9, 0.97] },
        labels: inApp,
        summary: 'Connections of app on pg1 are all but used up',
        says: {
          critical:
            '97 % of the connections that app on pg1 of c may have are in use (threshold 90 %): clients are about to be refused.',
        },
      },
    ],
  },
  {
    ...ofDatabase,
    name: 'DatabaseConnectionUtilizationHigh',
    summary: 'Connections of {{ $labels.database }} on {{ $labels.target }} are running out',
    levels: [
      {
        severity: 'warning',
        for: '2m',
        keepFiringFor: '5m',
        expr: `max by (${list(database)}) (100 * db_connection_utilization_ratio) > ${t.connectionUtilizationPercent}`,
        description: `{{ printf "%.0f" $value }} % of the connections that {{ $labels.database }} on {{ $labels.target }} of {{ $labels.cluster }} may have are in use (threshold ${t.connectionUtilizationPercent} %). At 100 % new ones are refused.`,
      },
    ],
    proofs: [
      {
        series: { [`db_connection_utilization_ratio{${at},database="app"}`]: [0.8, 0.81] },
        labels: inApp,
        summary: 'Connections of app on pg1 are running out',
        says: {
          warning:
            '81 % of the connections that app on pg1 of c may have are in use (threshold 80 %). At 100 % new ones are refused.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresConfigurationUnusable',
    summary: 'PostgreSQL {{ $labels.target }} could not start with its configuration files',
    levels: [
      {
        severity: 'warning',
        for: '5m',
        expr: `max by (${list(server)}) (db_settings_file_errors) > 0 or max by (${list(server)}) (db_hba_errors) > 0`,
        description:
          '{{ $value }} lines of postgresql.conf or pg_hba.conf of {{ $labels.target }} of {{ $labels.cluster }} are wrong (threshold 0). It runs with what it read before; after the next stop it does not start.',
      },
    ],
    proofs: [
      {
        series: { [`db_settings_file_errors{${at}}`]: [0, 0], [`db_hba_errors{${at}}`]: [0, 2] },
        labels: self,
        summary: 'PostgreSQL pg1 could not start with its configuration files',
        says: {
          warning:
            '2 lines of postgresql.conf or pg_hba.conf of pg1 of c are wrong (threshold 0). It runs with what it read before; after the next stop it does not start.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresPendingRestart',
    summary: 'Settings of {{ $labels.target }} wait for a restart',
    levels: [
      {
        severity: 'info',
        for: '30m',
        expr: `max by (${list(server)}) (db_settings_pending_restart) > 0`,
        description:
          '{{ $value }} changed settings of {{ $labels.target }} of {{ $labels.cluster }} take effect only after a restart (threshold 0): what runs is not what is configured.',
      },
    ],
    proofs: [
      {
        series: { [`db_settings_pending_restart{${at}}`]: [0, 3] },
        labels: self,
        summary: 'Settings of pg1 wait for a restart',
        says: {
          info: '3 changed settings of pg1 of c take effect only after a restart (threshold 0): what runs is not what is configured.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresCertificateExpiring',
    by: ['cluster', 'target', 'subject'],
    summary: 'The TLS certificate of {{ $labels.target }} ends soon',
    levels: [
      {
        severity: 'warning',
        for: '1h',
        expr: `min by (cluster, target, subject) (db_tls_certificate_expiry_timestamp_seconds - time()) < ${t.certificateWarningDays} * 86400`,
        description: `The certificate {{ $labels.subject }} of {{ $labels.target }} of {{ $labels.cluster }} ends in {{ $value | humanizeDuration }} (threshold ${t.certificateWarningDays} days). Clients that check it can't connect then.`,
      },
      {
        severity: 'critical',
        for: '1h',
        expr: `min by (cluster, target, subject) (db_tls_certificate_expiry_timestamp_seconds - time()) < ${t.certificateCriticalDays} * 86400`,
        description: `The certificate {{ $labels.subject }} of {{ $labels.target }} of {{ $labels.cluster }} ends in {{ $value | humanizeDuration }} (threshold ${t.certificateCriticalDays} days). Clients that check it can't connect then.`,
      },
    ],
    proofs: [
      {
        step: '1m',
        series: { [`db_tls_certificate_expiry_timestamp_seconds{${at},subject="CN=pg1"}`]: [9_999_999, 1_004_200] },
        labels: { ...self, subject: 'CN=pg1' },
        summary: 'The TLS certificate of pg1 ends soon',
        says: {
          warning:
            "The certificate CN=pg1 of pg1 of c ends in 11d 13h 46m 40s (threshold 14 days). Clients that check it can't connect then.",
        },
      },
      {
        step: '1m',
        level: 1,
        series: { [`db_tls_certificate_expiry_timestamp_seconds{${at},subject="CN=pg1"}`]: [9_999_999, 204_200] },
        labels: { ...self, subject: 'CN=pg1' },
        summary: 'The TLS certificate of pg1 ends soon',
        says: {
          warning:
            "The certificate CN=pg1 of pg1 of c ends in 2d 7h 33m 20s (threshold 14 days). Clients that check it can't connect then.",
          critical:
            "The certificate CN=pg1 of pg1 of c ends in 2d 7h 33m 20s (threshold 3 days). Clients that check it can't connect then.",
        },
      },
    ],
  },
  {
    ...ofDatabase,
    name: 'PostgresChecksumFailure',
    summary: 'Damaged data in {{ $labels.database }} on {{ $labels.target }}',
    levels: [
      {
        severity: 'critical',
        for: '0m',
        expr: `max by (${list(database)}) (increase(db_checksum_failures_total[1h])) > 0`,
        description:
          'In the last hour {{ printf "%.0f" $value }} pages of {{ $labels.database }} on {{ $labels.target }} of {{ $labels.cluster }} had a wrong checksum (threshold 0): storage has damaged data. Do not restart; fail over to a standby that has none.',
      },
    ],
    proofs: [
      {
        series: { [`db_checksum_failures_total{${at},database="app"}`]: [0, { perSecond: 1 }] },
        lag: '1h',
        step: '1m',
        well: '2h',
        labels: inApp,
        summary: 'Damaged data in app on pg1',
        says: {
          critical:
            'In the last hour 60 pages of app on pg1 of c had a wrong checksum (threshold 0): storage has damaged data. Do not restart; fail over to a standby that has none.',
        },
      },
    ],
  },
  {
    ...ofDatabase,
    name: 'PostgresHealthScoreLow',
    advice: '',
    summary: 'The health score of {{ $labels.database }} on {{ $labels.target }} is low',
    levels: [
      {
        severity: 'warning',
        for: '5m',
        keepFiringFor: '5m',
        expr: `min by (${list(database)}) (db_performance_score) < ${t.healthScore}`,
        description: `{{ $labels.database }} on {{ $labels.target }} of {{ $labels.cluster }} scores {{ printf "%.0f" $value }} of 100 (threshold ${t.healthScore}). The app's Health page names the component that costs most.`,
      },
    ],
    proofs: [
      {
        series: { [`db_performance_score{${at},database="app"}`]: [50, 31] },
        labels: inApp,
        summary: 'The health score of app on pg1 is low',
        says: {
          warning:
            "app on pg1 of c scores 31 of 100 (threshold 50). The app's Health page names the component that costs most.",
        },
      },
    ],
  },
];
