import { compat, counter, defineDerived, gauge, type Sample } from '@submilli/core';
import { config } from '../collectors/config';
import { members, type NamedMember } from '../collectors/members';
import { momentOf } from '../patroni/members';
import type { DynamicConfig, MemberAnswer } from '../patroni/schema';
import type { HaFacts } from '../source';

/**
 * Patroni's own /metrics (4.1), of all members at one place, from the JSON that we read of each anyway: its /metrics asks
 * PostgreSQL once more. A 0 stands for "not so" and for "none" there, and so here. What differs, and why, is in
 * docs/compatibility.md.
 */
const VIEW = 'patroni';

const labels = ['scope', 'name'] as const;
const peerGauge = (name: string, help: string) => compat(VIEW, gauge(`patroni_${name}`, help, labels));
const peerCounter = (name: string, help: string) => compat(VIEW, counter(`patroni_${name}`, help, labels));

const metrics = {
  version: peerGauge('version', 'Version without periods: 3.0.2 is 30002.'),
  running: peerGauge('postgres_running', 'Whether PostgreSQL runs (1) or not (0).'),
  started: peerGauge('postmaster_start_time', 'When PostgreSQL was started, in seconds since 1970.'),
  primary: peerGauge('primary', 'Whether the member is the leader (1) or not (0).'),
  location: peerCounter('xlog_location', 'WAL position that was written; 0 if it is not the leader.'),
  standbyLeader: peerGauge('standby_leader', 'Whether it leads a standby cluster (1) or not (0).'),
  replica: peerGauge('replica', 'Whether it is a replica (1) or not (0).'),
  syncStandby: peerGauge('sync_standby', 'Whether it is a synchronous standby (1) or not (0).'),
  quorumStandby: peerGauge('quorum_standby', 'Whether it is one of a quorum (1) or not (0).'),
  received: peerCounter('xlog_received_location', 'WAL position that was received; 0 if it is not a replica.'),
  replayed: peerCounter('xlog_replayed_location', 'WAL position that was replayed; 0 if it is not a replica.'),
  replayedAt: peerGauge('xlog_replayed_timestamp', 'When the last replayed commit was made; 0 if there is none.'),
  paused: peerGauge('xlog_paused', 'Whether replay is paused (1) or not (0).'),
  streaming: peerGauge('postgres_streaming', 'Whether it streams from another member (3.0.4+).'),
  archive: peerGauge('postgres_in_archive_recovery', 'Whether it restores from the archive (3.0.4+).'),
  serverVersion: peerGauge('postgres_server_version', 'PostgreSQL’s version as a number; 0 if it does not run.'),
  unlocked: peerGauge('cluster_unlocked', 'Whether nobody holds the leader’s lock (1) or somebody does (0).'),
  failsafe: peerGauge('failsafe_mode_is_active', 'Whether failsafe mode is active (1) or not (0).'),
  failsafeEnabled: peerGauge('failsafe_mode_enabled', 'Whether failsafe mode is configured (1) or not (0).'),
  timeline: peerGauge('postgres_timeline', 'Timeline of PostgreSQL; 0 if it does not run.'),
  dcsSeen: peerGauge('dcs_last_seen', 'When the member last reached the configuration store.'),
  pendingRestart: peerGauge('pending_restart', 'Whether PostgreSQL needs a restart (1) or not (0).'),
  isPaused: peerGauge('is_paused', 'Whether automatic failover is off (1) or on (0).'),
  state: peerGauge('postgres_state', 'PostgreSQL’s state as a number: 5 is running, 12 stopped, -1 unknown.'),
  priority: peerGauge('failover_priority', 'Failover priority; 0 may never lead.'),
} as const;

/** Patroni's own numbering, which it promises to keep. */
const STATES = [
  'initializing new cluster',
  'initdb failed',
  'running custom bootstrap script',
  'custom bootstrap failed',
  'creating replica',
  'running',
  'starting',
  'starting after custom bootstrap',
  'start failed',
  'restarting',
  'restart failed',
  'stopping',
  'stopped',
  'stop failed',
  'crashed',
];

/** "3.0.2" as 30002. */
export const versionNumberOf = (version: string): number =>
  Number(
    version
      .split('.')
      .map((part) => (/^\d+/.exec(part)?.[0] ?? '0').padStart(2, '0'))
      .join(''),
  );

/** `nofailover` wins over a number; without either it is 1. */
const priorityOf = ({ tags }: MemberAnswer): number => {
  if (tags?.nofailover === true) return 0;
  return typeof tags?.failover_priority === 'number' ? tags.failover_priority : 1;
};

/** Told since 3.0.4. */
const replicationIs = (state: string, { replication_state, patroni }: MemberAnswer): number | null =>
  versionNumberOf(patroni.version) < 30_004 ? null : Number(replication_state === state);

type Data = { readonly states: readonly NamedMember[]; readonly settings: DynamicConfig | undefined };

export const compatPatroni = defineDerived<HaFacts, Data, typeof metrics>({
  name: 'compat_patroni',
  source: 'Patroni GET /patroni, GET /config',
  needs: { view: VIEW, configured: 'patroni' },
  metrics,
  derive: (snapshots) => ({ states: snapshots.of(members)?.answered ?? [], settings: snapshots.of(config) }),
  publish: ({ states, settings }, m) =>
    states.flatMap(({ member, answer }): Sample[] => {
      const { patroni, role, xlog, server_version } = answer;
      const by = { scope: patroni.scope, name: member };
      return [
        m.version(by, versionNumberOf(patroni.version)),
        m.running(by, Number(answer.state === 'running')),
        m.started(by, momentOf(answer.postmaster_start_time) ?? 0),
        m.primary(by, Number(['master', 'primary'].includes(role))),
        m.location(by, xlog?.location ?? 0),
        m.standbyLeader(by, Number(role === 'standby_leader')),
        m.replica(by, Number(role === 'replica')),
        m.syncStandby(by, Number(answer.sync_standby)),
        m.quorumStandby(by, Number(answer.quorum_standby)),
        m.received(by, xlog?.received_location ?? 0),
        m.replayed(by, xlog?.replayed_location ?? 0),
        m.replayedAt(by, momentOf(xlog?.replayed_timestamp) ?? 0),
        m.paused(by, Number(xlog?.paused === true)),
        m.streaming(by, replicationIs('streaming', answer)),
        m.archive(by, replicationIs('in archive recovery', answer)),
        m.serverVersion(by, server_version ?? 0),
        m.unlocked(by, Number(answer.cluster_unlocked)),
        m.failsafe(by, Number(answer.failsafe_mode_is_active)),
        m.failsafeEnabled(by, settings === undefined ? null : Number(settings.failsafe_mode === true)),
        m.timeline(by, answer.timeline ?? 0),
        m.dcsSeen(by, answer.dcs_last_seen ?? 0),
        m.pendingRestart(by, Number(answer.pending_restart)),
        m.isPaused(by, Number(answer.pause)),
        m.state(by, STATES.indexOf(answer.state)),
        m.priority(by, priorityOf(answer)),
      ];
    }),
});
