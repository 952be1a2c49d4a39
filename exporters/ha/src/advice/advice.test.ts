import { type Config, configSchema, effectiveTimers } from '@submilli/core';
import { rowOf, senderOf, serversOf, standbyOf } from '../../test/fixtures';
import type { Repository } from '../backup/info';
import type { Topology } from '../derived/topology';
import { clusterAnswer, configAnswer, memberAnswer } from '../patroni/schema';
import { configured as timersOf } from '../patroni/defaults';
import type { HaFacts } from '../source';
import { differing, tooSmall } from '../settings/compare';
import { membersOf } from '../topology/members';
import { replicasOf } from '../topology/replicas';
import { streamsOf } from '../topology/walsenders';
import { haRules } from './index';

type Story = {
  readonly config?: object;
  readonly version?: string;
  readonly members?: readonly object[];
  readonly answer?: object;
  readonly sender?: Parameters<typeof senderOf>[0];
  readonly logical?: readonly string[];
  readonly settings?: readonly Readonly<Record<string, string>>[];
  readonly voters?: number | null;
  readonly watchdog?: 'off' | 'automatic' | 'required';
  readonly pgbouncer?: number;
  readonly repositories?: readonly Repository[];
};

type Said = {
  readonly rule: string;
  readonly subject: string;
  readonly severity: string;
  readonly title: string;
  readonly evidence: readonly unknown[];
  readonly text: string;
};

const GOOD = {
  ...{ ttl: 20, loop_wait: 1, retry_timeout: 5, primary_start_timeout: 0, failsafe_mode: true, synchronous_mode: true },
  ...{ maximum_lag_on_failover: 1048576, postgresql: {}, slots: {}, pause: false },
};
const THREE = [
  { name: 'pg1', role: 'leader', state: 'running' },
  { name: 'pg2', role: 'sync_standby', state: 'streaming' },
  { name: 'pg3', role: 'replica', state: 'streaming' },
];

const FULL = { label: '20261128-020000F', type: 'full', bytes: 9, repositoryBytes: 4, damaged: false } as const;
const repositoryOf = (key: number): Repository => ({
  ...{ key, problem: null, encrypted: true, backups: [{ ...FULL, start: -60, stop: 0 }], newestWal: null },
});

/** What the rules say of a cluster that has nothing to complain about but what the story tells. */
const said = (story: Story = {}): readonly Said[] => {
  const { version = '4.1.4', members: list = THREE, answer = {}, logical = [], settings, voters = 3 } = story;
  const { repositories = [repositoryOf(1), repositoryOf(2)] } = story;
  const config = configAnswer.parse({ ...GOOD, ...story.config });
  const cluster = clusterAnswer.parse({ members: list });
  const primary = { member: 'pg1', server: 'pg1', row: rowOf({ version: '17.2', logical_slots: [...logical] }) };
  const servers = serversOf([primary, standbyOf('pg2', {}, { version: '17.2' })]);
  const streams = streamsOf(primary, [senderOf({ sync_state: 'sync', ...story.sender })], servers);
  const replicas = replicasOf('pg1', streams, [], servers);
  const answered = ['pg1', 'pg2'].map((member) => ({
    ...{ member, address: `${member}:8008` },
    answer: memberAnswer.parse({
      ...{ state: 'running', role: 'replica', patroni: { version, scope: 'x' } },
      ...(member === 'pg2' ? answer : {}),
    }),
  }));
  const topology: Topology = {
    members: membersOf({ cluster, members: { answered, silent: [] }, servers, replicas, primary: 'pg1' }, []),
    ...{ replicas, primary: 'pg1', hasPatroni: true, seen: new Map() },
  };
  const compared = (settings ?? [{ max_slot_wal_keep_size: '20480 MB' }, { max_slot_wal_keep_size: '20480 MB' }]).map(
    (values, i) => ({ member: `pg${i + 1}`, settings: new Map(Object.entries(values)) }),
  );
  const given: Readonly<Record<string, unknown>> = {
    ...{ config, cluster, servers, topology, members: { answered, silent: [] } },
    settings: { members: compared, differences: differing(compared), tooSmall: tooSmall(compared, 'pg1') },
    slots: [{ slot: 'pg2', slot_kind: 'physical', active: true, retained: 5, safe: null, wal_status: 'reserved' }],
    recovery: {
      timers: effectiveTimers(timersOf(config), version),
      version,
      predicted: [],
      why: null,
      measured: new Map(),
    },
    backups: { backups: { stanza: 'c', repositories }, verifications: undefined },
    etcd: {
      members: [],
      voters:
        voters === null
          ? null
          : Array.from({ length: voters }, (_, i) => ({ ID: String(i), name: '', isLearner: false })),
    },
  };
  const configuration: Config = configSchema.parse({
    pgbouncer: Array.from({ length: story.pgbouncer ?? 2 }, (_, i) => ({ name: `pool${i}` })),
  });
  const configured = { patroni: true, postgres: true, etcd: true, watchdog: story.watchdog ?? 'required' } as const;
  const facts = { configured } as HaFacts;
  return haRules.flatMap((rule): readonly Said[] => {
    const inputs = Object.fromEntries(Object.keys(rule.inputs as object).map((key) => [key, given[key]]));
    const found = rule.check(inputs as never, { config: configuration, facts }, 0);
    return 'notEvaluated' in found
      ? [{ rule: rule.name, subject: '', severity: 'none', title: found.notEvaluated, evidence: [], text: '' }]
      : found.map((one) => ({ rule: rule.name, ...one, text: one.action.text }));
  });
};

describe('advice on a cluster', () => {
  it('is none where all is as it should be', () => {
    expect(said()).toEqual([]);
  });

  it.each<[string, Story, string, string, RegExp]>([
    ['asynchronous', { config: { synchronous_mode: false } }, 'async-window', 'info', /may lose up to 1048576 bytes/],
    [
      'degraded',
      { members: [{ ...THREE[0] }, { ...THREE[1], role: 'replica' }, THREE[2] ?? {}] },
      'async-window',
      'critical',
      /no standby is synchronous/,
    ],
    [
      'slow to its standby',
      { sender: { flush_seconds: 0.2, write_seconds: 0.1 } },
      'slow-sync-standby',
      'warning',
      /Commits wait 200 ms for pg2/,
    ],
    ['on one standby', { members: THREE.slice(0, 2) }, 'single-sync-standby', 'info', /commits go on without a copy/],
    [
      'on one standby, strictly',
      { members: THREE.slice(0, 2), config: { synchronous_mode_strict: true } },
      'single-sync-standby',
      'warning',
      /nothing can be committed/,
    ],
    ['on one etcd', { voters: 1 }, 'store-without-majority', 'warning', /one member/],
    [
      'on one etcd without failsafe',
      { voters: 2, config: { failsafe_mode: false } },
      'store-without-majority',
      'critical',
      /2 members/,
    ],
    ['on four etcds', { voters: 4 }, 'store-without-majority', 'info', /4 members/],
    ['behind one pooler', { pgbouncer: 1 }, 'single-pooler', 'info', /All clients go through pool0/],
    [
      'with a ttl too short for its version',
      { config: { ttl: 8, retry_timeout: 3 } },
      'ttl-arithmetic',
      'warning',
      /uses ttl 20 s, not 8 s/,
    ],
    [
      'with timers that don’t fit on an old version',
      { version: '3.1.2', config: { ttl: 8, loop_wait: 1, retry_timeout: 8 } },
      'ttl-arithmetic',
      'warning',
      /is 17 s, more than ttl \(8 s\)/,
    ],
    [
      'that waits for a crashed primary',
      { config: { primary_start_timeout: undefined } },
      'primary-start-timeout',
      'info',
      /gets 300 s/,
    ],
    ['without failsafe mode', { config: { failsafe_mode: undefined } }, 'failsafe-off', 'warning', /steps down/],
    ['without a watchdog', { watchdog: 'off' }, 'watchdog', 'info', /No watchdog/],
    [
      'with a watchdog that does not work',
      { answer: { watchdog_failed: true } },
      'watchdog',
      'critical',
      /pg2 requires a watchdog/,
    ],
    ['on Debian’s Patroni', { version: '3.0.2' }, 'patroni-version', 'critical', /3\.0\.2 has 7 known faults/],
    ['on 3.1.1', { version: '3.1.1' }, 'patroni-version', 'critical', /3\.1\.1 has 3 known faults/],
    [
      'with a setting that nobody knows',
      { config: { failover_timeout: 6 } },
      'patroni-unknown-keys',
      'warning',
      /does not know the setting failover_timeout/,
    ],
    [
      'whose slots nothing bounds',
      { settings: [{ max_slot_wal_keep_size: '-1 MB' }, { max_slot_wal_keep_size: '-1 MB' }] },
      'slots-unbounded',
      'warning',
      /Nothing bounds the WAL/,
    ],
    [
      'with a logical slot on the primary alone',
      { logical: ['cdc'] },
      'logical-slots-at-risk',
      'warning',
      /the logical slot cdc is not there/,
    ],
    [
      'whose members differ',
      {
        settings: [
          { work_mem: '4096 kB', max_slot_wal_keep_size: '1 MB' },
          { work_mem: '8192 kB', max_slot_wal_keep_size: '1 MB' },
        ],
      },
      'member-drift',
      'info',
      /A setting differs/,
    ],
    [
      'whose standby has too small a limit',
      {
        settings: [
          { max_connections: '200', max_slot_wal_keep_size: '1 MB' },
          { max_connections: '100', max_slot_wal_keep_size: '1 MB' },
        ],
      },
      'member-drift',
      'critical',
      /max_connections of pg2 is smaller/,
    ],
    [
      'of two versions of Patroni',
      { answer: { patroni: { version: '4.1.5', scope: 'x' } } },
      'member-drift',
      'info',
      /different versions of Patroni/,
    ],
    [
      'with a member that waits for a restart',
      { members: [...THREE.slice(0, 2), { ...THREE[2], pending_restart: true }] },
      'member-pending-restart',
      'info',
      /pg3 runs without a setting/,
    ],
    [
      'with one repository of backups',
      { repositories: [repositoryOf(1)] },
      'backups-at-risk',
      'warning',
      /there is one repository only/,
    ],
  ])('that is %s', (_, story, rule, severity, title) => {
    const found = said(story).filter((one) => one.rule === rule);
    expect(found).toMatchObject([{ rule, severity }]);
    expect(found[0]?.title).toMatch(title);
    expect(found[0]?.evidence.length).toBeGreaterThan(0);
    expect(found[0]?.text).not.toBe('');
  });

  it('says that it can’t tell where its input is missing', () => {
    expect(said({ voters: null, pgbouncer: 0, settings: [] }).map(({ rule, severity }) => [rule, severity])).toEqual([
      ['store-without-majority', 'none'],
      ['single-pooler', 'none'],
      ['slots-unbounded', 'none'],
      ['member-drift', 'none'],
    ]);
  });

  it('shows no value of a setting that may hold a secret', () => {
    const settings = ['a', 'b'].map((secret) => ({
      archive_command: `push --key=${secret}`,
      max_slot_wal_keep_size: '1 MB',
    }));
    expect(JSON.stringify(said({ settings }))).not.toContain('--key');
  });
});
