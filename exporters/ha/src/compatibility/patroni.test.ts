import { configSchema, emittersOf } from '@submilli/core';
import { memberAnswer } from '../patroni/schema';
import type { HaFacts } from '../source';
import { momentOf } from '../patroni/members';
import { compatPatroni, versionNumberOf } from './patroni';

const old = { version: '3.0.2', scope: 'main' };
const recent = { version: '4.1.4', scope: 'main', name: 'pg1' };

const shown = (json: object, settings: { failsafe_mode?: boolean } | undefined = {}): Record<string, unknown> => {
  const env = { config: configSchema.parse({}), facts: {} as HaFacts };
  const states = [{ address: 'here', member: 'pg1', answer: memberAnswer.parse(json) }];
  const samples = [...compatPatroni.publish({ states, settings }, emittersOf(compatPatroni.metrics), env)];
  expect(new Set(samples.map(({ labels }) => labels.join()))).toEqual(new Set(['main,pg1']));
  return Object.fromEntries(samples.map(({ metric, value }) => [metric.name.replace('patroni_', ''), value]));
};

describe('the view of Patroni', () => {
  it('tells a leader from a replica by its role, under the old and the new name', () => {
    const leader = { state: 'running', role: 'master', xlog: { location: 67_108_864 }, timeline: 3, patroni: old };
    expect(shown(leader)).toMatchObject({
      ...{ primary: 1, replica: 0, standby_leader: 0, postgres_running: 1, postgres_state: 5 },
      ...{ xlog_location: 67_108_864, xlog_received_location: 0, postgres_timeline: 3, version: 30_002 },
    });
    const xlog = { received_location: 9, replayed_location: 8, replayed_timestamp: null, paused: true };
    const replica = { state: 'running', role: 'replica', xlog, sync_standby: true, patroni: recent };
    expect(shown(replica)).toMatchObject({
      ...{ primary: 0, replica: 1, sync_standby: 1, xlog_location: 0, xlog_received_location: 9 },
      ...{ xlog_replayed_location: 8, xlog_replayed_timestamp: 0, xlog_paused: 1 },
    });
  });

  it('says nothing of streaming where the version does not tell', () => {
    const answer = { state: 'running', role: 'replica', replication_state: 'streaming' };
    expect(shown({ ...answer, patroni: recent })).toMatchObject({
      postgres_streaming: 1,
      postgres_in_archive_recovery: 0,
    });
    expect(shown({ ...answer, patroni: old })).toMatchObject({ postgres_streaming: null });
  });

  it('shows a stopped member as such, and a state that it does not know as -1', () => {
    expect(shown({ state: 'stopped', role: 'replica', patroni: recent })).toMatchObject({
      ...{ postgres_running: 0, postgres_state: 12, postgres_server_version: 0, postgres_timeline: 0 },
    });
    expect(shown({ state: 'daydreaming', role: 'replica', patroni: recent })).toMatchObject({ postgres_state: -1 });
  });

  it('has failsafe mode from the configuration, if that could be read, and the priority from the tags', () => {
    const answer = { state: 'running', role: 'replica', patroni: recent };
    expect(shown(answer, { failsafe_mode: true })).toMatchObject({ failsafe_mode_enabled: 1, failover_priority: 1 });
    expect(shown(answer)).toMatchObject({ failsafe_mode_enabled: 0 });
    expect(shown({ ...answer, tags: { failover_priority: 7 } })).toMatchObject({ failover_priority: 7 });
    expect(shown({ ...answer, tags: { failover_priority: 7, nofailover: true } })).toMatchObject({
      failover_priority: 0,
    });
  });

  it('is no reason to take a member that answers for one that is silent', () => {
    const odd = { state: 'running', role: 'replica', xlog: 'soon', tags: [], pause: 'maybe', patroni: recent };
    expect(shown(odd)).toMatchObject({ xlog_replayed_location: 0, is_paused: 0 });
  });
});

it('times are read to the microsecond', () => {
  expect(momentOf('2026-11-23 12:00:00.123456+00:00')).toBe(1_795_435_200.123456);
  expect(momentOf('2026-11-23T14:00:00+02:00')).toBe(1_795_435_200);
  expect([momentOf(null), momentOf('yesterday')]).toEqual([null, null]);
});

it('versions are numbers of two digits a part', () => {
  expect(['3.0.2', '4.1.4', '10.11.12'].map(versionNumberOf)).toEqual([30_002, 40_104, 101_112]);
});
