import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertThresholds } from '@submilli/catalogue';
import { lines, stat } from '../lib/panels';
import { INSTANCE, increase, quantile } from '../lib/promql';
import { over, rows } from '../lib/targets';
import { below, notAbove, notBelow } from '../lib/thresholds';
import { table } from '../lib/tables';
import { units } from '../lib/units';

export const reads: Panel = lines({
  title: 'etcd: a read through the quorum',
  description:
    'How long each etcd member takes to answer with a quorum, which Patroni waits for in each round. Hundreds of milliseconds: its disk or its network is slow, and leaders change for no reason.',
  unit: units.seconds,
  targets: { read: over(`max by (cluster, address) (db_ha_etcd_read_seconds{${INSTANCE}})`, '{{address}}') },
});

export const disk: Panel = lines({
  title: 'etcd: to disk, P99',
  description:
    'The slowest hundredth of what etcd flushes: its log, and commits of its store. Log above 10 ms heartbeats come late, above 100 ms leaders are lost: give etcd a disk of its own.',
  unit: units.seconds,
  targets: {
    fsync: over(quantile(0.99, 'db_ha_etcd_wal_fsync_seconds', INSTANCE, 'cluster, address'), '{{address}} log'),
    commit: over(quantile(0.99, 'db_ha_etcd_commit_seconds', INSTANCE, 'cluster, address'), '{{address}} store'),
  },
});

export const margin: Panel = stat(
  {
    title: 'etcd may lose',
    description:
      'Members of etcd that may still be lost before nobody is elected any more. 0 with one or two members, or while one of three is away.',
    unit: units.count,
    targets: { value: over(`min(db_ha_etcd_quorum_margin{${INSTANCE}})`) },
    thresholds: below(1, 0),
  },
  { spark: false },
);

export const reached: Panel = lines({
  title: 'Since when the store was not reached',
  description:
    'Seconds since each member last reached the configuration store (etcd). A primary that does not reach it steps down at the end of its lease.',
  unit: units.seconds,
  targets: {
    unseen: over(
      `max by (cluster, member) (time() - db_ha_dcs_last_seen_timestamp_seconds{${INSTANCE}})`,
      '{{member}}',
    ),
  },
  thresholds: notAbove(alertThresholds.dcsUnseenSeconds),
});

export const members: Panel = table({
  title: 'Members of etcd',
  description:
    'Each member of the store: whether a quorum answers through it, whether it leads, and how full it is. A full one takes no more writes, and then nobody renews a lease.',
  unit: units.count,
  targets: {
    info: rows(`max by (cluster, address, version) (db_ha_etcd_info{${INSTANCE}})`),
    up: rows(`min by (cluster, address) (db_ha_etcd_up{${INSTANCE}})`),
    leader: rows(`max by (cluster, address) (db_ha_etcd_leader{${INSTANCE}})`),
    size: rows(`max by (cluster, address) (db_ha_etcd_database_bytes{${INSTANCE}})`),
    quota: rows(`max by (cluster, address) (db_ha_etcd_quota_bytes{${INSTANCE}})`),
  },
  columns: [
    { label: 'cluster', name: 'Cluster' },
    { label: 'address', name: 'Address' },
    { label: 'version', name: 'Version' },
    { query: 'up', name: 'Healthy', unit: units.bool, thresholds: notBelow(1) },
    { query: 'leader', name: 'Leads', unit: units.bool },
    { query: 'size', name: 'Size', unit: units.bytes },
    { query: 'quota', name: 'At most', unit: units.bytes },
  ],
});

export const unrest: Panel = lines({
  title: 'etcd: unrest',
  description:
    'Changes of etcd’s leader, and heartbeats that were sent late. While it elects, Patroni waits; late heartbeats come first, from a disk or a processor that is overloaded.',
  unit: units.count,
  targets: {
    changes: over(
      increase('cluster, address', `db_ha_etcd_leader_changes_total{${INSTANCE}}`),
      '{{address}} elections',
    ),
    late: over(
      increase('cluster, address', `db_ha_etcd_heartbeat_failures_total{${INSTANCE}}`),
      '{{address}} late heartbeats',
    ),
  },
});
