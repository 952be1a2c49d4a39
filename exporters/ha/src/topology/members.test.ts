import { Problem } from '@submilli/core';
import { rowOf, serversOf, standbyOf } from '../../test/fixtures';
import { clusterAnswer, memberAnswer } from '../patroni/schema';
import { isLed } from '../derived/topology';
import { membersOf } from './members';
import { replicasOf } from './replicas';

const cluster = clusterAnswer.parse({
  members: [
    { name: 'pg1', role: 'leader', state: 'running', timeline: 3 },
    { name: 'pg2', role: 'sync_standby', state: 'streaming', timeline: 3, lag: 0 },
  ],
});
const primary = { member: 'pg1', server: 'pg1', row: rowOf({ timeline: 3 }) };
const silentServer = (member: string) => ({
  member,
  server: member,
  problem: new Problem('connection', { what: 'x' }),
});
const nodesFor = (names: readonly string[], api: boolean) =>
  names.map((name) => ({ name, api: api ? `${name}:8008` : null, server: name, listed: null }));
const answerOf = (member: string, role: string, started = '2026-11-23 12:00:00+00:00') => ({
  ...{ member, address: `${member}:8008` },
  answer: memberAnswer.parse({
    ...{ state: 'running', role, timeline: 3, postmaster_start_time: started },
    patroni: { version: '3.0.2', scope: 'x' },
  }),
});
const known = {
  cluster,
  members: undefined,
  servers: serversOf([primary, standbyOf('pg2')]),
  replicas: [],
  primary: 'pg1',
};
const of = (members: ReturnType<typeof membersOf>, name: string) => members.find((one) => one.name === name);

describe('a member', () => {
  it('that was killed is down at once, whatever Patroni’s store remembers of it', () => {
    const servers = serversOf([standbyOf('pg2')], {
      silent: [silentServer('pg1')],
      nodes: nodesFor(['pg1', 'pg2'], true),
    });
    const members = membersOf({ ...known, servers, primary: null }, []);
    expect(of(members, 'pg1')).toMatchObject({ up: false, role: 'leader', missing: false });
    expect(isLed(members)).toBe(false);
  });

  it('that nobody can ask is as Patroni says', () => {
    const members = membersOf({ ...known, servers: serversOf([]), primary: null }, []);
    expect(members.map(({ up, writable }) => [up, writable])).toEqual([
      [true, null],
      [true, null],
    ]);
    expect(isLed(members)).toBe(true);
  });

  it('is a primary that Patroni does not know of, if its server can be written to', () => {
    const two = [primary, { member: 'pg2', server: 'pg2', row: rowOf({ timeline: 4 }) }];
    const members = membersOf({ ...known, servers: serversOf(two) }, []);
    expect(members.filter(({ writable }) => writable)).toHaveLength(2);
  });

  it('is not taken for a second primary because its API and its server have two names', () => {
    const server = { member: 'a', server: 'a', row: rowOf({ started: 1_795_435_200 }) };
    const api = answerOf('pg1', 'primary', '2026-11-23 12:00:00.000000+00:00');
    const members = membersOf(
      { ...known, members: { answered: [api], silent: [] }, servers: serversOf([server]), primary: 'a' },
      [],
    );
    expect(members.filter(({ writable }) => writable).map(({ name }) => name)).toEqual(['a']);
    const other = answerOf('pg1', 'primary', '2026-11-24 12:00:00+00:00');
    const apart = { ...known, members: { answered: [other], silent: [] }, servers: serversOf([server]), primary: 'a' };
    expect(membersOf(apart, []).filter(({ writable }) => writable)).toHaveLength(2);
  });

  it('that the configuration names is missed although nothing has been heard of it since the start', () => {
    const servers = serversOf([primary], {
      silent: [silentServer('pg3')],
      nodes: nodesFor(['pg1', 'pg2', 'pg3'], false),
    });
    const members = membersOf({ ...known, servers }, ['old']);
    expect(of(members, 'pg3')).toMatchObject({ up: false, missing: true, role: null });
    expect(of(members, 'old')).toMatchObject({ up: false, missing: true });
  });

  it('has a role also without Patroni: by whether it can be written to, and by what the primary says', () => {
    const data = serversOf([primary, standbyOf('pg2')]);
    const replicas = replicasOf('pg1', [], [], data).map((one) => ({ ...one, sync: 'quorum' }));
    const members = membersOf({ ...known, cluster: undefined, servers: data, replicas }, []);
    expect(members.map(({ role }) => role)).toEqual(['leader', 'quorum_standby']);
  });
});
