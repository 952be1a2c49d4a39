import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertThresholds } from '@submilli/catalogue';
import { lines, stat } from '../lib/panels';
import { INSTANCE, increase } from '../lib/promql';
import { now, over, rows } from '../lib/targets';
import { above, none, notAbove, notBelow } from '../lib/thresholds';
import { table } from '../lib/tables';
import { units } from '../lib/units';

export const recovery: Panel = table({
  title: 'Recovery time by fault',
  description:
    'Seconds until a server can be written to again: as Patroni’s timers predict in its version, and as it last was, by the exporter’s own looks. Much more than predicted: see what was slow in the app’s failover history.',
  unit: units.seconds,
  targets: {
    predicted: rows(`max by (cluster, fault) (db_ha_predicted_recovery_seconds{${INSTANCE}})`),
    measured: rows(`max by (cluster, fault) (db_ha_measured_recovery_seconds{${INSTANCE}})`),
  },
  columns: [
    { label: 'cluster', name: 'Cluster' },
    { label: 'fault', name: 'Fault' },
    { query: 'predicted', name: 'Predicted', unit: units.seconds, noValue: 'no end' },
    { query: 'measured', name: 'Last measured', unit: units.seconds, noValue: 'not yet' },
  ],
});

export const drills: Panel = table({
  title: 'Drills',
  description:
    'Faults that were made on purpose, the last of each kind: what clients of the pool saw, and whether writes that had been acknowledged were lost. What was never rehearsed is not here: submilli drill all.',
  unit: units.count,
  targets: {
    ended: rows(`max by (cluster, kind) (db_ha_drill_timestamp_seconds{${INSTANCE}}) * 1000`),
    passed: rows(`min by (cluster, kind) (db_ha_drill_success{${INSTANCE}})`),
    took: rows(`max by (cluster, kind) (db_ha_drill_recovery_seconds{${INSTANCE}, path="pool"})`),
    lost: rows(`max by (cluster, kind) (db_ha_drill_lost_writes{${INSTANCE}})`),
  },
  columns: [
    { label: 'cluster', name: 'Cluster' },
    { label: 'kind', name: 'Fault' },
    { query: 'ended', name: 'Rehearsed', unit: units.ago },
    { query: 'passed', name: 'Passed', unit: units.bool, thresholds: notBelow(1) },
    { query: 'took', name: 'Recovery, pool', unit: units.seconds, noValue: 'none needed' },
    { query: 'lost', name: 'Writes lost', unit: units.count, thresholds: none() },
  ],
});

export const splitBrain: Panel = stat(
  {
    title: 'Two primaries at once',
    description:
      'Seconds in this time range in which two servers could be written to, between scrapes too. More than none: writes to the wrong one were lost.',
    unit: units.seconds,
    targets: { value: now(`max(increase(db_ha_split_brain_seconds_total{${INSTANCE}}[$__range]))`) },
    thresholds: notAbove(0.01),
  },
  { spark: false },
);

export const unwritable: Panel = lines({
  title: 'Seconds without a primary',
  description:
    'How long no server could be written to, at each moment: a spike is an outage for writers, its height the length. Interruptions that ended are in the app with their cause.',
  unit: units.seconds,
  targets: { unwritable: over(`max by (cluster) (db_ha_unwritable_seconds{${INSTANCE}})`, '{{cluster}}') },
  thresholds: none(),
});

export const interruptions: Panel = lines({
  title: 'Interruptions by cause',
  description:
    'Times that the primary was lost or handed over, by what the exporter saw. Switchovers and restarts are planned; all others are worth a look.',
  unit: units.count,
  targets: {
    interruptions: over(increase('cluster, cause', `db_ha_interruptions_total{${INSTANCE}}`), '{{cause}}'),
  },
});

export const lastFailover: Panel = stat(
  {
    title: 'Last failover',
    description: 'When a member was last promoted, planned or not. Its mark is in every panel of these dashboards.',
    unit: units.ago,
    targets: { value: over(`max(db_ha_last_failover_timestamp_seconds{${INSTANCE}}) * 1000`) },
    noValue: 'never yet',
  },
  { spark: false },
);

export const failovers: Panel = stat(
  {
    title: 'Failovers',
    description:
      'Promotions in the time that is shown, by the history of timelines. Several are a cluster that flaps: look at its network and at its store before all else.',
    unit: units.count,
    decimals: 0,
    targets: { value: now(`max(increase(db_ha_failovers_total{${INSTANCE}}[$__range]))`) },
    thresholds: above(1, alertThresholds.failoversPerHour),
  },
  { spark: false },
);

export const lastDuration: Panel = stat(
  {
    title: 'The last one took',
    description:
      'How long no server could be written to in the last failover, by the exporter’s own looks, and by how much that may be off. Clients that find the new primary later waited longer.',
    unit: units.seconds,
    decimals: 1,
    targets: {
      took: over(`max(db_ha_failover_duration_seconds{${INSTANCE}})`, 'took'),
      error: over(`max(db_ha_failover_duration_error_seconds{${INSTANCE}})`, '±'),
    },
    noValue: 'not seen yet',
  },
  { spark: false },
);

export const downtime: Panel = stat(
  {
    title: 'Without a primary, in all',
    description:
      'Seconds in this time range in which no server could be written to, of all interruptions that are over: what they cost writers.',
    unit: units.seconds,
    targets: { value: now(`max(increase(db_ha_unwritable_seconds_total{${INSTANCE}}[$__range]))`) },
  },
  { spark: false },
);
