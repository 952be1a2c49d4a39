import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertThresholds, healthThresholds } from '@submilli/catalogue';
import { lines, stat } from '../lib/panels';
import { CLUSTER, INSTANCE, rate } from '../lib/promql';
import { over, rows } from '../lib/targets';
import { above, colors, notAbove, notBelow } from '../lib/thresholds';
import { table } from '../lib/tables';
import { units } from '../lib/units';

const MEGABYTE = 1024 ** 2;
export const lagBytes = above(
  healthThresholds.replication_lag_warning_mb * MEGABYTE,
  healthThresholds.replication_lag_critical_mb * MEGABYTE,
);

export const replayDelay: Panel = stat({
  title: 'Replay lag',
  description:
    'Delay until the slowest standby has replayed recent WAL. A read from it is that old; a failover to it waits for the replay.',
  unit: units.seconds,
  targets: { value: over(`max(db_replication_replay_lag_seconds{${INSTANCE}})`) },
  thresholds: notAbove(alertThresholds.replicationLagSeconds),
  noValue: 'no standby known',
});

/** Zero only where the same view tells of standbys at all. */
const synchronous = `sum by (cluster) (db_replication_sync_state{${INSTANCE},state=~"sync|quorum"}) or 0 * max by (cluster) (db_replication_replicas{${INSTANCE}})`;

export const synchronousStandbys: Panel = stat(
  {
    title: 'Sync standbys',
    description:
      'Standbys that every commit waits for, of the cluster that has fewest. With none, a failover loses what was not sent yet; in a synchronous cluster one went missing, see Standbys that stream.',
    unit: units.count,
    targets: { value: over(`min(${synchronous})`) },
    thresholds: notBelow(1, colors.warning),
    noValue: 'no standby known',
  },
  { spark: false },
);

const lagOf = (how: 'write' | 'flush' | 'replay', unit: 'seconds' | 'bytes'): string =>
  `max by (cluster, replica) (db_replication_${how}_lag_${unit}{${INSTANCE}})`;

export const lagSeconds: Panel = lines({
  title: 'Replication lag in time, by stage',
  description:
    'Delay until the standby has written, flushed and replayed recent WAL. Write: the network; flush: its disk; replay alone: queries on the standby or one busy process. Commits wait for flush.',
  unit: units.seconds,
  targets: {
    write: over(lagOf('write', 'seconds'), '{{replica}} written'),
    flush: over(lagOf('flush', 'seconds'), '{{replica}} flushed'),
    replay: over(lagOf('replay', 'seconds'), '{{replica}} replayed'),
  },
  thresholds: notAbove(alertThresholds.replicationLagSeconds),
});

export const lagInBytes: Panel = lines({
  title: 'Replication lag in bytes, by stage',
  description:
    'WAL that the standby has not written, flushed and replayed yet. Bytes tell also while nothing is committed, when time says nothing.',
  unit: units.bytes,
  targets: {
    write: over(lagOf('write', 'bytes'), '{{replica}} written'),
    flush: over(lagOf('flush', 'bytes'), '{{replica}} flushed'),
    replay: over(lagOf('replay', 'bytes'), '{{replica}} replayed'),
  },
  thresholds: lagBytes,
});

export const standbys: Panel = lines({
  title: 'Standbys that stream',
  description:
    'Standbys that stream from the primary, and the synchronous ones among them. Without a synchronous one, commits wait for ever or are on one server only, by the strict mode.',
  unit: units.count,
  targets: {
    streaming: over(`max by (cluster) (db_replication_replicas{${INSTANCE}})`, '{{cluster}} streaming'),
    synchronous: over(
      `sum by (cluster) (db_replication_sync_state{${INSTANCE},state=~"sync|quorum"})`,
      '{{cluster}} synchronous',
    ),
  },
});

export const retained: Panel = lines({
  title: 'WAL kept for slots',
  description:
    'WAL that the primary keeps for each slot. One that grows has no consumer: bring the standby back or drop the slot before the disk is full.',
  unit: units.bytes,
  targets: {
    retained: over(`max by (cluster, slot) (db_replication_slot_retained_bytes{${INSTANCE}})`, '{{slot}}'),
    safe: over(`min by (cluster, slot) (db_replication_slot_safe_bytes{${INSTANCE}})`, '{{slot}} until it is lost'),
  },
  thresholds: notAbove(alertThresholds.slotRetainedBytes),
});

export const slots: Panel = table({
  title: 'Replication slots',
  description:
    'Whether somebody streams from each slot, and the state of the WAL it needs. Lost or unreserved: its standby must be built anew.',
  unit: units.count,
  targets: {
    active: rows(`max by (cluster, slot, slot_kind) (db_replication_slot_active{${INSTANCE}})`),
    status: rows(`max by (cluster, slot, status) (db_replication_slot_wal_status{${INSTANCE}} == 1)`),
    retained: rows(`max by (cluster, slot) (db_replication_slot_retained_bytes{${INSTANCE}})`),
  },
  columns: [
    { label: 'slot', name: 'Slot' },
    { label: 'slot_kind', name: 'Kind' },
    { label: 'cluster', name: 'Cluster' },
    { query: 'active', name: 'Somebody streams', unit: units.bool, thresholds: notBelow(1) },
    { label: 'status', name: 'Its WAL' },
    { query: 'retained', name: 'Kept', unit: units.bytes },
  ],
});

export const receivers: Panel = lines({
  title: 'Replay on standbys, by their own account',
  description:
    'Age of the last transaction that each standby replayed, as it sees itself: it tells also when the primary is gone. Reads are refused or cancelled when it waits for them.',
  unit: units.seconds,
  targets: { lag: over(`max by (cluster, target) (db_wal_replay_lag_seconds{${CLUSTER}})`, '{{target}}') },
});

export const conflicts: Panel = lines({
  title: 'Reads cancelled on standbys',
  description:
    'Statements of standbys that recovery cancelled, per second and cause. Longer max_standby_streaming_delay lets them end; hot_standby_feedback keeps their rows, at the primary’s cost.',
  unit: units.perSecond,
  targets: {
    conflicts: over(`sum by (target, cause) (${rate(`db_conflicts_total{${CLUSTER}}`)})`, '{{target}} {{cause}}'),
  },
});
