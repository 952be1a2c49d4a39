import { Problem } from '@submilli/core';
import { rowOf, serversOf, standbyOf } from '../../test/fixtures';
import type { EtcdData } from '../collectors/etcd';
import type { NamedServer } from '../collectors/servers';
import { clusterAnswer, configAnswer, memberAnswer } from '../patroni/schema';
import { membersOf } from '../topology/members';
import { replicasOf } from '../topology/replicas';
import { judge, type Known } from './checks';

const NOW = 1_795_000_000_000;
const seen = NOW / 1000;

type Story = {
  /** What Patroni lists of pg2, and what its API says. */
  readonly standby?: object;
  readonly answer?: object | null;
  readonly servers?: readonly NamedServer[];
  readonly pause?: boolean;
  readonly config?: object;
  readonly more?: Partial<Known>;
};

const answerOf = (member: string, role: string, more: object = {}) => ({
  ...{ member, address: `${member}:8008` },
  answer: memberAnswer.parse({
    ...{ state: 'running', role, dcs_last_seen: seen, patroni: { version: '3.0.2', scope: 'x' } },
    ...more,
  }),
});

const wellServers = [{ member: 'pg1', server: 'pg1', row: rowOf() }, standbyOf('pg2')];

/** A leader and its synchronous standby, all well, but for what the story says. */
const judged = ({ standby = {}, answer = {}, servers = wellServers, pause, config = {}, more = {} }: Story = {}) => {
  const cluster = clusterAnswer.parse({
    members: [
      { name: 'pg1', role: 'leader', state: 'running', timeline: 1 },
      { name: 'pg2', role: 'sync_standby', state: 'running', timeline: 1, lag: 0, ...standby },
    ],
    ...(pause === undefined ? {} : { pause }),
  });
  const nodes = ['pg1', 'pg2'].map((name) => ({ name, api: `${name}:8008`, server: name, listed: null }));
  const asked = serversOf(servers, { nodes });
  const apis = [answerOf('pg1', 'primary'), ...(answer === null ? [] : [answerOf('pg2', 'replica', answer)])];
  const silent =
    answer === null ? [{ member: 'pg2', address: 'pg2:8008', problem: new Problem('timeout', { what: '' }) }] : [];
  const members = { answered: apis, silent };
  const replicas = replicasOf('pg1', [], [], asked).map((one) => ({ ...one, sync: 'sync' }));
  const topology = {
    members: membersOf({ cluster, members, servers: asked, replicas, primary: 'pg1' }, []),
    ...{ replicas, primary: 'pg1', hasPatroni: true, seen: new Map<string, number>() },
  };
  return judge({
    ...{ topology, hasPatroni: true, cluster, members, servers: asked, etcd: undefined, settings: undefined },
    config: configAnswer.parse({ ttl: 20, loop_wait: 1, synchronous_mode: true, ...config }),
    archive: { archives: true, last_archived: 2, last_failed: 1 },
    ...{ split: false, now: NOW, ...more },
  });
};

const reasons = (story: Story): readonly string[] => judged(story).blocked.map(({ reason }) => reason);
const down = serversOf([{ member: 'pg1', server: 'pg1', row: rowOf() }]).answered;

const etcdOf = (healthy: readonly boolean[]): EtcdData => ({
  members: healthy.map((is, i) => ({
    ...{ address: `n${i}:2379`, healthy: is, healthSeconds: is ? 0.001 : null, status: null, own: null, problem: null },
  })),
  voters: healthy.map((_, i) => ({ ID: String(i), name: `n${i}`, isLearner: false })),
});

describe('readiness for a failover', () => {
  it('is whole when nothing is in the way; what nobody could look at is named, and not counted', () => {
    const { ratio, blocked, unknown } = judged();
    expect({ ratio, blocked }).toEqual({ ratio: 1, blocked: [] });
    expect(unknown.map(({ reason }) => reason)).toEqual(['store-fragile', 'settings-too-small']);
  });

  it.each<[string, Story, readonly string[]]>([
    ['automatic failover is paused', { pause: true }, ['paused']],
    ['the standby was killed', { servers: down, answer: null }, ['no-candidate', 'member-down']],
    ['the standby may not lead', { answer: { tags: { nofailover: true } } }, ['no-candidate']],
    ['the standby’s Patroni is dead', { answer: null }, ['no-candidate', 'patroni-silent']],
    ['the standby has no watchdog it requires', { answer: { watchdog_failed: true } }, ['no-candidate']],
    [
      'the standby is on an old timeline',
      { servers: [{ member: 'pg1', server: 'pg1', row: rowOf({ timeline: 2 }) }, standbyOf('pg2')] },
      ['no-candidate'],
    ],
    [
      'Patroni has not yet taken the standby for a synchronous one',
      { standby: { role: 'replica' } },
      ['no-candidate', 'not-synchronous'],
    ],
    [
      'an asynchronous standby is too far behind',
      { config: { synchronous_mode: false }, standby: { role: 'replica', lag: 9e6 } },
      ['no-candidate'],
    ],
    [
      'two servers can be written to',
      {
        servers: [
          { member: 'pg1', server: 'pg1', row: rowOf() },
          { member: 'pg2', server: 'pg2', row: rowOf() },
        ],
      },
      ['split-brain'],
    ],
    ['the store is lost', { more: { etcd: etcdOf([false, false, false]) } }, ['store-unavailable', 'store-fragile']],
    [
      'one more member of the store must not be lost',
      { more: { etcd: etcdOf([true, true, false]) } },
      ['store-fragile'],
    ],
    ['a member runs without the store', { answer: { failsafe_mode_is_active: true } }, ['store-unavailable']],
    [
      'WAL is not archived',
      { more: { archive: { archives: true, last_archived: 1, last_failed: 2 } } },
      ['archive-failing'],
    ],
    [
      'a logical slot would be lost',
      { servers: [{ member: 'pg1', server: 'pg1', row: rowOf({ logical_slots: ['cdc'] }) }, standbyOf('pg2')] },
      ['logical-slots'],
    ],
    [
      'the standby would have to replay for long',
      { servers: [{ member: 'pg1', server: 'pg1', row: rowOf({ written: 1e9 }) }, standbyOf('pg2')] },
      ['candidate-behind'],
    ],
  ])('is less when %s', (_, story, expected) => {
    expect(reasons(story)).toEqual(expected);
    expect(judged(story).ratio).toBeLessThan(1);
  });

  it('is nothing where nobody could take over, and less for each reason where somebody could', () => {
    expect(judged({ pause: true }).ratio).toBe(0);
    const archive = { archives: true, last_archived: 1, last_failed: 2 };
    expect(judged({ more: { archive, etcd: etcdOf([true, true, false]) } }).ratio).toBeCloseTo(0.9 * 0.8, 3);
  });

  it('does not blame an old lag in asynchronous mode on a store that has only just been updated', () => {
    expect(reasons({ config: { synchronous_mode: false }, standby: { role: 'replica', lag: 1000 } })).toEqual([]);
  });

  it('tells why no standby may take over', () => {
    const { blocked } = judged({ answer: { tags: { nofailover: true } } });
    expect(blocked[0]?.sentence).toBe('No standby may take over: pg2 is tagged nofailover.');
  });
});
