import { alertThresholds as t } from '@submilli/catalogue';
import type { Alert } from '../define';
import { cluster } from '../labels';

const at = 'cluster="c",instance="db:9094",job="submilli"';
const shared = { component: 'patroni', by: cluster, dashboard: 'high-availability' } as const;
const inCluster = { cluster: 'c' } as const;
const ofMember = { ...shared, by: ['cluster', 'member'] } as const;
const member = { cluster: 'c', member: 'pg2' } as const;
const unreachable = {
  critical:
    'No Patroni of c has answered the HA exporter for a minute, nor, where it runs without one, any of its servers: either nobody would take over from a primary that is lost now, or the exporter is cut off and nobody would be told.',
};

/** The cluster: is there one primary, and can another take over? */
export const patroniAlerts: readonly Alert[] = [
  {
    ...shared,
    name: 'PatroniNoLeader',
    summary: '{{ $labels.cluster }} has no leader',
    levels: [
      {
        severity: 'critical',
        for: '30s',
        expr: 'max by (cluster) (db_ha_leader_present) == 0',
        description: '{{ $labels.cluster }} has had no running leader for 30 seconds: nothing can be written.',
      },
    ],
    proofs: [
      {
        series: { [`db_ha_leader_present{${at}}`]: [1, 0] },
        labels: inCluster,
        summary: 'c has no leader',
        says: { critical: 'c has had no running leader for 30 seconds: nothing can be written.' },
      },
    ],
  },
  {
    ...shared,
    name: 'PatroniMultipleLeaders',
    summary: '{{ $labels.cluster }} has more than one primary',
    levels: [
      {
        severity: 'critical',
        for: '30s',
        // What Patroni says, and what the servers say: the one may be wrong where its process is dead.
        expr: 'max by (cluster) (db_ha_primaries) > 1 or (sum by (cluster) (max by (cluster, target) (db_server_role{role="primary"})) > 1 and on (cluster) group by (cluster) (db_ha_members))',
        description:
          '{{ $value }} servers of {{ $labels.cluster }} say that they are its primary (threshold 1): what is written to the wrong one is lost.',
      },
    ],
    proofs: [
      {
        series: {
          [`db_ha_primaries{${at}}`]: [1, 1],
          [`db_ha_members{${at}}`]: [2, 2],
          'db_server_role{cluster="c",instance="db:9091",target="pg1",role="primary"}': [1, 1],
          'db_server_role{cluster="c",instance="db:9091",target="pg2",role="primary"}': [0, 1],
          'db_server_role{cluster="other",instance="db:9091",target="a",role="primary"}': [1, 1],
          'db_server_role{cluster="other",instance="db:9091",target="b",role="primary"}': [1, 1],
        },
        labels: inCluster,
        summary: 'c has more than one primary',
        says: {
          critical:
            '2 servers of c say that they are its primary (threshold 1): what is written to the wrong one is lost.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PatroniSplitBrain',
    summary: 'Two servers of {{ $labels.cluster }} could be written to at once',
    levels: [
      {
        severity: 'critical',
        for: '0m',
        // A counter, so that what was over before the next scrape is not missed.
        expr: 'max by (cluster) (increase(db_ha_split_brain_seconds_total[10m])) > 0',
        description:
          'In the last 10 minutes two servers of {{ $labels.cluster }} could be written to at the same time for about {{ $value | humanizeDuration }} (threshold 0 s), asked themselves: what the wrong one took is lost when it rejoins.',
      },
    ],
    proofs: [
      {
        well: '20m',
        series: { [`db_ha_split_brain_seconds_total{${at}}`]: [(now) => (now < 1200 ? 0 : 4), 4] },
        lag: '10m',
        labels: inCluster,
        summary: 'Two servers of c could be written to at once',
        says: {
          critical:
            'In the last 10 minutes two servers of c could be written to at the same time for about 4s (threshold 0 s), asked themselves: what the wrong one took is lost when it rejoins.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PatroniFailoverNotReady',
    summary: '{{ $labels.cluster }} is not ready for a failover',
    levels: [
      {
        severity: 'warning',
        for: '15m',
        expr: 'max by (cluster) (db_ha_ready_ratio) < 1 > 0',
        description:
          "A failover of {{ $labels.cluster }} would not go as well as it should, for 15 minutes now: its readiness is {{ $value | humanizePercentage }} (threshold 100 %). The app's High availability page says why.",
      },
      {
        severity: 'critical',
        for: '5m',
        expr: 'max by (cluster) (db_ha_ready_ratio) == 0',
        description:
          "If the primary of {{ $labels.cluster }} is lost now, nobody takes over, or nobody should: its readiness has been {{ $value }} for 5 minutes. The app's High availability page says why.",
      },
    ],
    proofs: [
      {
        series: { [`db_ha_ready_ratio{${at}}`]: [1, 0.8] },
        labels: inCluster,
        summary: 'c is not ready for a failover',
        says: {
          warning:
            "A failover of c would not go as well as it should, for 15 minutes now: its readiness is 80% (threshold 100 %). The app's High availability page says why.",
        },
      },
      {
        level: 1,
        series: { [`db_ha_ready_ratio{${at}}`]: [1, 0] },
        labels: inCluster,
        summary: 'c is not ready for a failover',
        says: {
          critical:
            "If the primary of c is lost now, nobody takes over, or nobody should: its readiness has been 0 for 5 minutes. The app's High availability page says why.",
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PatroniFailover',
    summary: '{{ $labels.cluster }} has another primary',
    levels: [
      {
        severity: 'info',
        for: '0m',
        expr: 'max by (cluster) (increase(db_ha_failovers_total[10m])) > 0',
        description:
          "In the last 10 minutes another server of {{ $labels.cluster }} was promoted, by a failover or a planned switchover. The app's High availability page says which, and why.",
      },
      {
        severity: 'critical',
        for: '0m',
        // Prometheus makes 3.01 of 3: it extrapolates to the whole hour.
        expr: `round(max by (cluster) (increase(db_ha_failovers_total[1h]))) > ${t.failoversPerHour}`,
        description: `{{ printf "%.0f" $value }} promotions in {{ $labels.cluster }} within an hour (threshold ${t.failoversPerHour}): the primary keeps being lost, or the leader's lease is too short for this network.`,
      },
    ],
    proofs: [
      {
        well: '20m',
        series: { [`db_ha_failovers_total{${at}}`]: [(now) => (now < 1200 ? 3 : 4), 4] },
        lag: '10m',
        labels: inCluster,
        summary: 'c has another primary',
        says: {
          info: "In the last 10 minutes another server of c was promoted, by a failover or a planned switchover. The app's High availability page says which, and why.",
        },
      },
      {
        level: 1,
        step: '1m',
        well: '2h',
        series: { [`db_ha_failovers_total{${at}}`]: [(now) => (now < 7200 ? 3 : 8), 8] },
        lag: '1h',
        labels: inCluster,
        summary: 'c has another primary',
        says: {
          info: "In the last 10 minutes another server of c was promoted, by a failover or a planned switchover. The app's High availability page says which, and why.",
          critical:
            "5 promotions in c within an hour (threshold 3): the primary keeps being lost, or the leader's lease is too short for this network.",
        },
      },
    ],
  },
  {
    ...ofMember,
    name: 'PatroniMemberDown',
    summary: 'Member {{ $labels.member }} of {{ $labels.cluster }} does not run',
    levels: [
      {
        severity: 'warning',
        for: '1m',
        expr: 'max by (cluster, member) (db_ha_member_up) == 0',
        description:
          "{{ $labels.member }} of {{ $labels.cluster }} has not been running for a minute, asked itself or by Patroni's account: there is one server less to fail over to.",
      },
    ],
    proofs: [
      {
        series: { [`db_ha_member_up{${at},member="pg2"}`]: [1, 0] },
        labels: member,
        summary: 'Member pg2 of c does not run',
        says: {
          warning:
            "pg2 of c has not been running for a minute, asked itself or by Patroni's account: there is one server less to fail over to.",
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PatroniMembersFewer',
    summary: '{{ $labels.cluster }} has fewer members than it had',
    levels: [
      {
        severity: 'warning',
        for: '5m',
        // Also where the exporter was started anew since, and remembers no member that was lost before.
        expr: 'max by (cluster) (max_over_time(db_ha_members[1h])) - max by (cluster) (db_ha_members) > 0',
        description:
          '{{ $labels.cluster }} has {{ $value }} members less than an hour ago (threshold 0). If one was removed on purpose, this ends by itself within the hour.',
      },
    ],
    proofs: [
      {
        series: { [`db_ha_members{${at}}`]: [3, 2] },
        labels: inCluster,
        summary: 'c has fewer members than it had',
        says: {
          warning:
            'c has 1 members less than an hour ago (threshold 0). If one was removed on purpose, this ends by itself within the hour.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PatroniNoSynchronousStandby',
    summary: 'No synchronous standby confirms commits of {{ $labels.cluster }}',
    levels: [
      {
        severity: 'critical',
        for: '1m',
        expr: 'max by (cluster) (db_ha_config_synchronous_mode) == 1 unless on (cluster) sum by (cluster) (db_replication_sync_state{state=~"sync|quorum"}) > 0',
        description:
          'Synchronous mode of {{ $labels.cluster }} is on, and no standby has confirmed commits for a minute: writes stop in strict mode; otherwise a failover now may lose acknowledged ones.',
      },
    ],
    proofs: [
      {
        series: {
          [`db_ha_config_synchronous_mode{${at}}`]: [1, 1],
          [`db_replication_sync_state{${at},replica="pg2",state="sync"}`]: [1, 'absent'],
        },
        labels: inCluster,
        summary: 'No synchronous standby confirms commits of c',
        says: {
          critical:
            'Synchronous mode of c is on, and no standby has confirmed commits for a minute: writes stop in strict mode; otherwise a failover now may lose acknowledged ones.',
        },
      },
    ],
  },
  {
    ...ofMember,
    name: 'PatroniDcsUnreachable',
    summary: '{{ $labels.member }} does not reach the configuration store',
    levels: [
      {
        severity: 'critical',
        for: '30s',
        expr: `max by (cluster, member) (time() - db_ha_dcs_last_seen_timestamp_seconds) > ${t.dcsUnseenSeconds}`,
        description: `{{ $labels.member }} of {{ $labels.cluster }} last reached etcd {{ $value | humanizeDuration }} ago (threshold ${t.dcsUnseenSeconds} s): a primary that can't is demoted unless failsafe mode holds it.`,
      },
    ],
    proofs: [
      {
        series: { [`db_ha_dcs_last_seen_timestamp_seconds{${at},member="pg2"}`]: [(now) => now, 500] },
        labels: member,
        summary: 'pg2 does not reach the configuration store',
        says: {
          critical:
            "pg2 of c last reached etcd 2m 10s ago (threshold 60 s): a primary that can't is demoted unless failsafe mode holds it.",
        },
      },
    ],
  },
  {
    ...ofMember,
    name: 'PatroniFailsafeActive',
    summary: '{{ $labels.member }} runs in failsafe mode',
    levels: [
      {
        severity: 'critical',
        for: '30s',
        expr: 'max by (cluster, member) (db_ha_failsafe_active) == 1',
        description:
          '{{ $labels.member }} of {{ $labels.cluster }} keeps its role without etcd, because all members still answer each other: the next loss stops writes.',
      },
    ],
    proofs: [
      {
        series: { [`db_ha_failsafe_active{${at},member="pg2"}`]: [0, 1] },
        labels: member,
        summary: 'pg2 runs in failsafe mode',
        says: {
          critical:
            'pg2 of c keeps its role without etcd, because all members still answer each other: the next loss stops writes.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PatroniPaused',
    summary: 'Automatic failover of {{ $labels.cluster }} is off',
    levels: [
      {
        severity: 'warning',
        for: '15m',
        expr: 'max by (cluster) (db_ha_paused) == 1',
        description:
          '{{ $labels.cluster }} has been paused for 15 minutes: if its primary is lost now, nobody takes over.',
      },
    ],
    proofs: [
      {
        series: { [`db_ha_paused{${at}}`]: [0, 1] },
        labels: inCluster,
        summary: 'Automatic failover of c is off',
        says: { warning: 'c has been paused for 15 minutes: if its primary is lost now, nobody takes over.' },
      },
    ],
  },
  {
    ...shared,
    name: 'PatroniUnreachable',
    summary: 'No Patroni of {{ $labels.cluster }} answers',
    levels: [
      {
        severity: 'critical',
        for: '1m',
        // Of a cluster of which nothing answers at all, no series but that of its exporter is left.
        expr: 'max by (cluster) (db_ha_api_up) == 0 or max by (cluster) (db_exporter_up and on (job, instance, target) db_exporter_build_info{exporter="ha"}) == 0',
        description:
          'No Patroni of {{ $labels.cluster }} has answered the HA exporter for a minute, nor, where it runs without one, any of its servers: either nobody would take over from a primary that is lost now, or the exporter is cut off and nobody would be told.',
      },
    ],
    proofs: [
      {
        series: {
          [`db_ha_api_up{${at},address="pg1:8008"}`]: [1, 0],
          [`db_ha_api_up{${at},address="pg2:8008"}`]: [0, 0],
        },
        labels: inCluster,
        summary: 'No Patroni of c answers',
        says: unreachable,
      },
      {
        series: {
          [`db_exporter_up{${at}}`]: [1, 0],
          [`db_exporter_build_info{${at},exporter="ha",version="1",node="v20"}`]: [1, 1],
          'db_exporter_up{cluster="other",instance="db:9092",job="submilli"}': [1, 0],
          'db_exporter_build_info{cluster="other",instance="db:9092",job="submilli",exporter="pool"}': [1, 1],
        },
        labels: inCluster,
        summary: 'No Patroni of c answers',
        says: unreachable,
      },
    ],
  },
  {
    ...shared,
    name: 'PatroniApiDown',
    by: ['cluster', 'address'],
    summary: 'Patroni at {{ $labels.address }} does not answer',
    levels: [
      {
        severity: 'warning',
        for: '2m',
        expr: 'max by (cluster, address) (db_ha_api_up) == 0',
        description:
          'The REST API of Patroni at {{ $labels.address }} of {{ $labels.cluster }} has not answered for 2 minutes: its member can neither take over nor be checked by a proxy.',
      },
    ],
    proofs: [
      {
        series: { [`db_ha_api_up{${at},address="pg2:8008"}`]: [1, 0] },
        labels: { cluster: 'c', address: 'pg2:8008' },
        summary: 'Patroni at pg2:8008 does not answer',
        says: {
          warning:
            'The REST API of Patroni at pg2:8008 of c has not answered for 2 minutes: its member can neither take over nor be checked by a proxy.',
        },
      },
    ],
  },
];
