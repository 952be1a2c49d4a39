import { alertThresholds as t } from '@submilli/catalogue';
import type { Alert } from '../define';
import { list, server } from '../labels';
import { sizeOf } from '../sizes';

const ha = 'cluster="c",instance="db:9094",job="submilli"';
const at = 'cluster="c",instance="db:9091",job="submilli-servers",target="pg1"';
const shared = { component: 'replication', by: ['cluster', 'replica'], dashboard: 'high-availability' } as const;
const replica = { cluster: 'c', replica: 'pg2' } as const;
const ofSlot = 'cluster, target, slot';
const retained = `max by (${ofSlot}) (db_slot_retained_bytes)`;
const safe = `min by (${ofSlot}) (db_slot_safe_bytes)`;
const ofServer = { ...shared, by: server } as const;

/** Standbys, slots and the archive: what is lost if the primary is. */
export const replicationAlerts: readonly Alert[] = [
  {
    ...shared,
    name: 'DatabaseReplicationLagHigh',
    summary: 'Replica {{ $labels.replica }} lags behind',
    levels: [
      {
        severity: 'critical',
        for: '1m',
        expr: `max by (cluster, replica) (db_replication_replay_lag_seconds) > ${t.replicationLagSeconds}`,
        description: `{{ $labels.replica }} of {{ $labels.cluster }} replays what was written {{ $value | humanizeDuration }} ago (threshold ${t.replicationLagSeconds} s): reads there are old, and a failover to it takes longer.`,
      },
    ],
    proofs: [
      {
        series: { [`db_replication_replay_lag_seconds{${ha},replica="pg2"}`]: [10, 42] },
        labels: replica,
        summary: 'Replica pg2 lags behind',
        says: {
          critical:
            'pg2 of c replays what was written 42s ago (threshold 10 s): reads there are old, and a failover to it takes longer.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresReplicationLagBytes',
    summary: 'Replica {{ $labels.replica }} has much WAL to replay',
    levels: [
      {
        severity: 'warning',
        for: '5m',
        expr: `max by (cluster, replica) (db_replication_replay_lag_bytes) > ${t.replicationLagBytes}`,
        description: `{{ $labels.replica }} of {{ $labels.cluster }} has {{ $value | humanize1024 }}B of WAL to replay (threshold ${sizeOf(t.replicationLagBytes)}).`,
      },
    ],
    proofs: [
      {
        series: { [`db_replication_replay_lag_bytes{${ha},replica="pg2"}`]: [1000, 512 * 1024 ** 2] },
        labels: replica,
        summary: 'Replica pg2 has much WAL to replay',
        says: { warning: 'pg2 of c has 512MiB of WAL to replay (threshold 100 MiB).' },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresReplicaDisconnected',
    summary: 'Replica {{ $labels.replica }} is lost',
    levels: [
      {
        severity: 'critical',
        for: '1m',
        expr: 'max by (cluster, replica) (db_replication_connected) == 0',
        description:
          '{{ $labels.replica }} of {{ $labels.cluster }} has not streamed from the primary for a minute: if the primary is lost now, there is one server less to take over.',
      },
    ],
    proofs: [
      {
        series: { [`db_replication_connected{${ha},replica="pg2"}`]: [1, 0] },
        labels: replica,
        summary: 'Replica pg2 is lost',
        says: {
          critical:
            'pg2 of c has not streamed from the primary for a minute: if the primary is lost now, there is one server less to take over.',
        },
      },
    ],
  },
  {
    ...ofServer,
    name: 'PostgresReplicationSlotInactive',
    by: ['cluster', 'target', 'slot'],
    advice: 'slot',
    summary: 'Nobody reads the replication slot {{ $labels.slot }}',
    levels: [
      {
        severity: 'warning',
        for: '10m',
        expr: 'max by (cluster, target, slot) (db_slot_active) == 0',
        description:
          'The slot {{ $labels.slot }} of {{ $labels.target }} of {{ $labels.cluster }} has had no reader for 10 minutes: WAL is kept for it until the disk is full or the slot is lost.',
      },
    ],
    proofs: [
      {
        series: { [`db_slot_active{${at},slot="pg2",slot_type="physical"}`]: [1, 0] },
        labels: { cluster: 'c', target: 'pg1', slot: 'pg2' },
        summary: 'Nobody reads the replication slot pg2',
        says: {
          warning:
            'The slot pg2 of pg1 of c has had no reader for 10 minutes: WAL is kept for it until the disk is full or the slot is lost.',
        },
      },
    ],
  },
  {
    ...ofServer,
    name: 'PostgresReplicationSlotWal',
    by: ['cluster', 'target', 'slot'],
    advice: 'slot',
    summary: 'Much WAL is kept for the slot {{ $labels.slot }}',
    levels: [
      {
        severity: 'warning',
        for: '5m',
        expr: `${retained} > ${t.slotRetainedBytes}`,
        description: `{{ $value | humanize1024 }}B of WAL is kept on {{ $labels.target }} of {{ $labels.cluster }} for the slot {{ $labels.slot }} (threshold ${sizeOf(t.slotRetainedBytes)}): the disk fills.`,
      },
      {
        severity: 'critical',
        for: '1m',
        // Where less than that is allowed in all: when more is used than left. A lost slot has nothing left.
        expr: `(clamp_min(${safe}, 0) < ${t.slotSafeBytes} and ${safe} < ${retained}) or 0 * (max by (${ofSlot}) (db_slot_wal_status{status="lost"}) == 1)`,
        description: `{{ $value | humanize1024 }}B more WAL, and the slot {{ $labels.slot }} of {{ $labels.target }} of {{ $labels.cluster }} is lost (threshold ${sizeOf(t.slotSafeBytes)}): its reader must be built anew then.`,
      },
    ],
    proofs: [
      {
        series: { [`db_slot_retained_bytes{${at},slot="pg2",slot_type="physical"}`]: [1024, 20 * 1024 ** 3] },
        labels: { cluster: 'c', target: 'pg1', slot: 'pg2' },
        summary: 'Much WAL is kept for the slot pg2',
        says: { warning: '20GiB of WAL is kept on pg1 of c for the slot pg2 (threshold 10 GiB): the disk fills.' },
      },
      {
        level: 1,
        series: {
          [`db_slot_safe_bytes{${at},slot="pg2",slot_type="physical"}`]: [2 * 1024 ** 3, 1024 ** 2],
          [`db_slot_retained_bytes{${at},slot="pg2",slot_type="physical"}`]: [1024, 2 * 1024 ** 3],
          // Not all of what is allowed is much: 512 MiB are left of 640.
          [`db_slot_safe_bytes{${at},slot="pg3",slot_type="physical"}`]: [512 * 1024 ** 2, 512 * 1024 ** 2],
          [`db_slot_retained_bytes{${at},slot="pg3",slot_type="physical"}`]: [1024, 128 * 1024 ** 2],
        },
        labels: { cluster: 'c', target: 'pg1', slot: 'pg2' },
        summary: 'Much WAL is kept for the slot pg2',
        says: {
          critical:
            '1MiB more WAL, and the slot pg2 of pg1 of c is lost (threshold 1 GiB): its reader must be built anew then.',
        },
      },
      {
        level: 1,
        series: { [`db_slot_wal_status{${at},slot="pg2",slot_type="physical",status="lost"}`]: [0, 1] },
        labels: { cluster: 'c', target: 'pg1', slot: 'pg2' },
        summary: 'Much WAL is kept for the slot pg2',
        says: {
          critical:
            '0B more WAL, and the slot pg2 of pg1 of c is lost (threshold 1 GiB): its reader must be built anew then.',
        },
      },
    ],
  },
  {
    ...ofServer,
    name: 'PostgresWalArchiveFailing',
    summary: 'WAL of {{ $labels.target }} cannot be archived',
    levels: [
      {
        severity: 'warning',
        for: '5m',
        keepFiringFor: '5m',
        expr: `max by (${list(server)}) (increase(db_archiver_failed_total[10m])) > 0`,
        description:
          'archive_command of {{ $labels.target }} of {{ $labels.cluster }} failed {{ printf "%.0f" $value }} times in 10 minutes (threshold 0). PostgreSQL tries again, and keeps the WAL meanwhile.',
      },
      {
        severity: 'critical',
        for: '1m',
        expr: `max by (${list(server)}) (time() - db_archiver_oldest_ready_timestamp_seconds) > ${t.archiveWaitSeconds}`,
        description: `WAL of {{ $labels.target }} of {{ $labels.cluster }} has waited {{ $value | humanizeDuration }} to be archived (threshold ${t.archiveWaitSeconds} s): a restore ends there, and the disk fills.`,
      },
    ],
    proofs: [
      {
        well: '20m',
        series: { [`db_archiver_failed_total{${at}}`]: [0, { perSecond: 0.1 }] },
        lag: '10m',
        labels: { cluster: 'c', target: 'pg1' },
        summary: 'WAL of pg1 cannot be archived',
        says: {
          warning:
            'archive_command of pg1 of c failed 32 times in 10 minutes (threshold 0). PostgreSQL tries again, and keeps the WAL meanwhile.',
        },
      },
      {
        level: 1,
        well: '20m',
        series: { [`db_archiver_oldest_ready_timestamp_seconds{${at}}`]: ['absent', 200] },
        labels: { cluster: 'c', target: 'pg1' },
        summary: 'WAL of pg1 cannot be archived',
        says: {
          critical:
            'WAL of pg1 of c has waited 17m 40s to be archived (threshold 900 s): a restore ends there, and the disk fills.',
        },
      },
    ],
  },
];
