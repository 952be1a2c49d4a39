import { activityAlerts } from './alerts/activity';
import { backupAlerts } from './alerts/backup';
import { budgetAlerts } from './alerts/budget';
import { drillAlerts } from './alerts/drill';
import { exporterAlerts } from './alerts/exporters';
import { patroniAlerts } from './alerts/patroni';
import { pgbouncerAlerts } from './alerts/pgbouncer';
import { serverAlerts } from './alerts/postgresql';
import { queryAlerts } from './alerts/query';
import { replicationAlerts } from './alerts/replication';
import { storageAlerts } from './alerts/storage';
import { watchdog } from './alerts/watchdog';
import { type Alert, type Group, isAlert, type Recording } from './define';
import { databaseRecordings, latencyRecordings } from './recording';

/** A file of rules: what Prometheus loads together. */
export type RulesFile = { readonly name: string; readonly about: string; readonly groups: readonly Group[] };

export const files: readonly RulesFile[] = [
  {
    name: 'recording',
    about: 'Rates and shares that alerts and dashboards share.',
    groups: [
      { name: 'submilli-database-recordings', rules: databaseRecordings },
      { name: 'submilli-latency-recordings', interval: '30s', rules: latencyRecordings },
    ],
  },
  {
    name: 'postgresql',
    about: 'The server: is it there, what holds its sessions up, what fills and ages.',
    groups: [
      { name: 'submilli-postgresql', rules: serverAlerts },
      { name: 'submilli-activity', rules: activityAlerts },
      { name: 'submilli-storage', rules: storageAlerts },
    ],
  },
  {
    name: 'replication',
    about: 'Standbys, slots and the archive.',
    groups: [{ name: 'submilli-replication', rules: replicationAlerts }],
  },
  {
    name: 'query',
    about: 'Latency and failures of statements.',
    groups: [{ name: 'submilli-query', rules: queryAlerts }],
  },
  {
    name: 'latency-budget',
    about: 'The latency objective, and how fast its budget burns.',
    groups: [{ name: 'submilli-latency-budget', interval: '30s', rules: budgetAlerts }],
  },
  { name: 'pgbouncer', about: 'The pool.', groups: [{ name: 'submilli-pgbouncer', rules: pgbouncerAlerts }] },
  {
    name: 'patroni',
    about: 'The cluster: one primary, and somebody to take over.',
    groups: [
      { name: 'submilli-patroni', rules: patroniAlerts },
      { name: 'submilli-drill', interval: '1m', rules: drillAlerts },
    ],
  },
  {
    name: 'backup',
    about: 'Backups, and whether they were ever restored.',
    groups: [{ name: 'submilli-backup', interval: '1m', rules: backupAlerts }],
  },
  {
    name: 'exporters',
    about: 'Those who watch, and the watchdog of the alerting itself.',
    groups: [{ name: 'submilli-exporters', rules: [...exporterAlerts, watchdog] }],
  },
];

const rules: readonly (Alert | Recording)[] = files.flatMap(({ groups }) => groups).flatMap((group) => group.rules);

export const alerts: readonly Alert[] = rules.filter(isAlert);
export const recordings: readonly Recording[] = rules.filter((rule): rule is Recording => !isAlert(rule));
