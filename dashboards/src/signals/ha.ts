import { MappingType, type Panel, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { lines, stat, states } from '../lib/panels';
import { INSTANCE } from '../lib/promql';
import { now, over, rows } from '../lib/targets';
import { below, none, notBelow } from '../lib/thresholds';
import { table } from '../lib/tables';
import { units } from '../lib/units';
import { lagBytes } from './replication';

const words = (options: Readonly<Record<string, readonly [string, string]>>): ValueMapping[] => [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(options).map(([value, [text, color]], index) => [value, { text, color, index }]),
    ),
  },
];

export const leader: Panel = stat(
  {
    title: 'Leader',
    description:
      'Whether every chosen cluster has a running leader. Without one nothing can be written: see the members below.',
    unit: units.count,
    targets: { value: over(`min(db_ha_leader_present{${INSTANCE}})`) },
    mappings: words({ 0: ['missing', 'red'], 1: ['present', 'green'] }),
  },
  { spark: false },
);

export const primaries: Panel = stat(
  {
    title: 'Primaries',
    description:
      'Servers that can be written to, asked themselves, of the cluster that has most. More than one is split brain: stop the one on the older timeline at once.',
    unit: units.count,
    targets: { value: over(`max(db_ha_primaries{${INSTANCE}})`) },
    mappings: words({ 0: ['none', 'red'], 1: ['1', 'green'] }),
    thresholds: none(),
  },
  { spark: false },
);

export const ready: Panel = stat(
  {
    title: 'Readiness',
    description:
      'What a failover now would be worth: 100 % if nothing is in its way, 0 % if nobody would take over, or nobody should. What takes how much is beside it.',
    unit: units.ratio,
    decimals: 0,
    targets: { value: over(`min(db_ha_ready_ratio{${INSTANCE}})`) },
    thresholds: below(1, 0.01),
  },
  { spark: false },
);

export const blocked: Panel = states({
  title: 'What stands in the way of a failover',
  description:
    'Each reason that takes from readiness, while it does. The app’s High availability page has them in words; docs/failovers.md says what each takes.',
  unit: units.count,
  targets: { reasons: over(`max by (cluster, reason) (db_ha_readiness_blocked{${INSTANCE}}) == 1`, '{{reason}}') },
  mappings: words({ 1: ['in the way', 'red'] }),
  noValue: 'nothing is in the way',
});

export const headroom: Panel = lines({
  title: 'Room until a standby may not be promoted',
  description:
    'WAL that each standby may fall further behind before maximum_lag_on_failover keeps it from being promoted. Below 0 it is; a synchronous one may lead all the same.',
  unit: units.bytes,
  targets: {
    headroom: over(`min by (cluster, member) (db_ha_failover_lag_headroom_bytes{${INSTANCE}})`, '{{member}}'),
  },
  thresholds: notBelow(0),
});

export const members: Panel = stat(
  {
    title: 'Members that run',
    description: 'Share of the members that Patroni knows and that run. Each one missing is one less to fail over to.',
    unit: units.ratio,
    targets: { value: over(`avg(db_ha_member_up{${INSTANCE}})`) },
    thresholds: notBelow(1),
    decimals: 0,
  },
  { spark: false },
);

export const automatic: Panel = stat(
  {
    title: 'Automatic failover',
    description:
      'Whether failover is paused by hand (patronictl pause). While it is, nobody takes over when the primary dies.',
    unit: units.count,
    targets: { value: over(`max(db_ha_paused{${INSTANCE}})`) },
    mappings: words({ 0: ['on', 'green'], 1: ['paused', 'orange'] }),
  },
  { spark: false },
);

/** A number for each role, so that one line holds all that a member was. */
const ROLES = ['leader', 'sync_standby', 'replica', 'standby_leader'] as const;
const roleNumber = ROLES.map((role, i) => `db_ha_member_role{${INSTANCE},role="${role}"} * ${i + 1}`).join(' or ');

export const roles: Panel = states({
  title: 'Who led when',
  description:
    'The role of each member over time. A change of leader is a failover or a switchover; a gap without leader is downtime for writers.',
  unit: units.count,
  targets: { roles: over(`sum by (cluster, member) (${roleNumber})`, '{{member}}') },
  mappings: words({
    0: ['no role', 'red'],
    1: ['leader', 'green'],
    2: ['synchronous standby', 'blue'],
    3: ['replica', 'purple'],
    4: ['standby leader', 'yellow'],
  }),
});

export const memberTable: Panel = table({
  title: 'Members',
  description:
    'Every member: whether it runs, its role, timeline and lag. A timeline behind the others cannot follow the leader; a lag that is absent is not known to Patroni.',
  unit: units.count,
  targets: {
    role: rows(`max by (cluster, member, role) (db_ha_member_role{${INSTANCE}} == 1)`),
    up: rows(`min by (cluster, member) (db_ha_member_up{${INSTANCE}})`),
    timeline: rows(`max by (cluster, member) (db_ha_member_timeline{${INSTANCE}})`),
    lag: rows(`max by (cluster, member) (db_ha_member_lag_bytes{${INSTANCE}})`),
    restart: rows(`max by (cluster, member) (db_ha_member_pending_restart{${INSTANCE}})`),
  },
  columns: [
    { label: 'cluster', name: 'Cluster' },
    { label: 'member', name: 'Member' },
    { label: 'role', name: 'Role' },
    { query: 'up', name: 'Runs', unit: units.bool, thresholds: notBelow(1) },
    { query: 'timeline', name: 'Timeline' },
    { query: 'lag', name: 'Lag', unit: units.bytes, thresholds: lagBytes, noValue: 'not known' },
    { query: 'restart', name: 'Restart due', unit: units.bool, thresholds: none('orange') },
  ],
});

export const memberDetails: Panel = table({
  title: 'Members, asked one by one',
  description:
    'What each member runs, and what its server said when the exporter asked it: Patroni is not always right about it. One without a watchdog that it requires is not promoted.',
  unit: units.count,
  targets: {
    info: rows(`max by (cluster, member, server_version, patroni_version) (db_ha_member_info{${INSTANCE}})`),
    missing: rows(`max by (cluster, member) (db_ha_member_missing{${INSTANCE}})`),
    server: rows(`min by (cluster, member) (db_ha_server_up{${INSTANCE}})`),
    writable: rows(`max by (cluster, member) (db_ha_server_writable{${INSTANCE}})`),
    watchdog: rows(`max by (cluster, member) (db_ha_watchdog_failed{${INSTANCE}})`),
  },
  columns: [
    { label: 'cluster', name: 'Cluster' },
    { label: 'member', name: 'Member' },
    { label: 'server_version', name: 'PostgreSQL' },
    { label: 'patroni_version', name: 'Patroni' },
    { query: 'missing', name: 'Missing', unit: units.bool, thresholds: none('red') },
    { query: 'server', name: 'Server answers', unit: units.bool, thresholds: notBelow(1) },
    { query: 'writable', name: 'Can be written to', unit: units.bool },
    { query: 'watchdog', name: 'Watchdog fails', unit: units.bool, thresholds: none('red') },
  ],
});

export const apis: Panel = lines({
  title: 'Patroni’s API answers',
  description:
    'Whether each address of Patroni’s API answered, and whether a member runs in failsafe mode, without its store.',
  unit: units.bool,
  ...{ min: 0, max: 1 },
  targets: {
    api: over(`min by (cluster, address) (db_ha_api_up{${INSTANCE}})`, '{{address}}'),
    failsafe: over(`max by (cluster, member) (db_ha_failsafe_active{${INSTANCE}})`, '{{member}} in failsafe mode'),
  },
});

export const timelines: Panel = lines({
  title: 'Timelines',
  description:
    'The timeline of each member; each promotion begins a new one. Members apart for long: one cannot follow and must be rewound.',
  unit: units.count,
  targets: { timeline: over(`max by (cluster, member) (db_ha_member_timeline{${INSTANCE}})`, '{{member}}') },
});

const setting = (name: string): string => `max by (cluster) (db_ha_config_${name}{${INSTANCE}})`;

export const patroniTimes: Panel = stat(
  {
    title: 'Leases and rounds',
    description:
      'The leader’s lease (ttl), the pause between rounds (loop_wait) and how long operations are retried. A failover takes at most about ttl; ttl must exceed loop_wait and twice retry_timeout.',
    unit: units.seconds,
    targets: {
      ttl: now(setting('ttl_seconds'), 'ttl'),
      loop: now(setting('loop_wait_seconds'), 'loop_wait'),
      retry: now(setting('retry_timeout_seconds'), 'retry_timeout'),
      start: now(setting('primary_start_timeout_seconds'), 'primary_start_timeout'),
    },
  },
  { spark: false },
);

export const patroniModes: Panel = stat(
  {
    title: 'Modes',
    description:
      'Synchronous mode loses no commit in a failover; its strict form stops writing without a standby. Failsafe mode lets a primary survive the loss of etcd.',
    unit: units.bool,
    targets: {
      synchronous: now(setting('synchronous_mode'), 'synchronous'),
      strict: now(setting('synchronous_mode_strict'), 'strict'),
      failsafe: now(setting('failsafe_mode'), 'failsafe'),
    },
  },
  { spark: false },
);

export const maximumLag: Panel = stat(
  {
    title: 'Most lag on failover',
    description:
      'maximum_lag_on_failover: a standby further behind is not promoted. It bounds what an asynchronous failover may lose.',
    unit: units.bytes,
    targets: { value: now(setting('maximum_lag_on_failover_bytes')) },
  },
  { spark: false },
);

const effective = (name: string): string => `max by (cluster) (db_ha_effective_${name}_seconds{${INSTANCE}})`;

export const effectiveTimes: Panel = stat(
  {
    title: 'As this version takes them',
    description:
      'The same timers as the leader’s Patroni uses them: from 3.2 on, small ones are raised and those that break the rule are lowered. A failover goes by these.',
    unit: units.seconds,
    targets: {
      ttl: now(effective('ttl'), 'ttl'),
      loop: now(effective('loop_wait'), 'loop_wait'),
      retry: now(effective('retry_timeout'), 'retry_timeout'),
    },
  },
  { spark: false },
);

export const scheduled: Panel = stat(
  {
    title: 'Scheduled switchover',
    description: 'When somebody has asked Patroni to hand the leader over. Clients are cut at that moment.',
    unit: units.ago,
    targets: { value: now(`min(db_ha_scheduled_switchover_timestamp_seconds{${INSTANCE}}) * 1000`) },
    noValue: 'none',
  },
  { spark: false },
);

export const drift: Panel = stat(
  {
    title: 'Settings that differ',
    description:
      'Settings of PostgreSQL that are not the same on all members: after a failover the cluster behaves otherwise. Which ones, the advice says.',
    unit: units.count,
    targets: { value: now(`max(db_ha_settings_differing{${INSTANCE}})`) },
    thresholds: none('orange'),
  },
  { spark: false },
);
