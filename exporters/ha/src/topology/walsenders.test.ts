import { rowOf, senderOf, serversOf, standbyOf } from '../../test/fixtures';
import { replicasOf } from './replicas';
import { labelsOf, streamsOf } from './walsenders';

const primary = { member: 'pg1', server: 'pg1', row: rowOf() };
const namesOf = (streams: ReturnType<typeof streamsOf>) => streams.map(({ replica }) => replica);

describe('the member behind a walsender', () => {
  it('is the standby that says that it streams under that slot, whatever it calls itself', () => {
    const standbys = [
      standbyOf('pg2', { application: 'walreceiver', slot: 'one' }),
      standbyOf('pg3', { application: 'walreceiver', slot: 'two' }),
    ];
    const senders = ['two', 'one'].map((slot) => senderOf({ application: 'walreceiver', slot }));
    expect(namesOf(streamsOf(primary, senders, serversOf([primary, ...standbys])))).toEqual(['pg3', 'pg2']);
  });

  it('is by its name the member that we cannot ask', () => {
    const nodes = [{ name: 'pg2', api: 'h:8008', server: null, listed: null }];
    expect(streamsOf(primary, [senderOf()], serversOf([primary], { nodes }))).toMatchObject([
      { replica: 'pg2', isMember: true },
    ]);
  });

  it('is not one that streams from elsewhere', () => {
    const cascaded = standbyOf('pg3', { port: 5433 });
    const data = serversOf([primary, standbyOf('pg2'), cascaded]);
    expect(namesOf(streamsOf(primary, [senderOf()], data))).toEqual(['pg2']);
    expect(namesOf(streamsOf(data.answered[1] ?? primary, [senderOf()], data))).toEqual(['pg3']);
  });

  it('is left to the standbys’ own word where two cannot be told apart', () => {
    const standbys = ['pg2', 'pg3'].map((name) => standbyOf(name, { application: 'walreceiver' }, { replayed: 90 }));
    const data = serversOf([primary, ...standbys]);
    const senders = [1, 2].map(() => senderOf({ application: 'walreceiver' }));
    const streams = streamsOf(primary, senders, data);
    expect(streams).toEqual([]);
    expect(replicasOf('pg1', streams, [], data)).toMatchObject([
      { name: 'pg2', connected: true, upstream: 'pg1', lag: { replayBytes: 10, replaySeconds: null } },
      { name: 'pg3', connected: true, upstream: 'pg1' },
    ]);
  });
});

describe('walsenders that share a name', () => {
  const alike = (more: Parameters<typeof senderOf>[0]) => senderOf({ application: 'walreceiver', ...more });

  it('are told apart by slot, by address, and by number where nothing else differs', () => {
    expect(labelsOf([senderOf(), alike({})])).toEqual(['pg2', 'walreceiver']);
    expect(labelsOf([alike({ slot: 'a' }), alike({ slot: 'b' })])).toEqual(['walreceiver@a', 'walreceiver@b']);
    expect(labelsOf([alike({ address: '10.0.0.1' }), alike({ address: '10.0.0.2' })])).toEqual([
      'walreceiver@10.0.0.1',
      'walreceiver@10.0.0.2',
    ]);
    expect(labelsOf([alike({}), alike({})])).toEqual(['walreceiver@127.0.0.1#1', 'walreceiver@127.0.0.1#2']);
  });

  it('are one replica if one of them is a connection that its standby has left', () => {
    const data = serversOf([primary]);
    const left = alike({ heard: 40, replay_bytes: 9 });
    expect(streamsOf(primary, [left, alike({})], data)).toMatchObject([{ sender: { replay_bytes: 0 } }]);
    expect(streamsOf(primary, [alike({ state: 'catchup' }), alike({})], data)).toHaveLength(1);
    expect(streamsOf(primary, [alike({}), alike({})], data)).toHaveLength(2);
  });
});

describe('a cascaded replica', () => {
  const data = serversOf([
    primary,
    standbyOf('pg2'),
    standbyOf('pg3', { port: 5433, application: 'pg3' }, { received: 80, replayed: 60 }),
  ]);

  it('is connected, to the replica that it streams from, and is as far behind the primary as itself says', () => {
    const streams = streamsOf(primary, [senderOf()], data);
    expect(replicasOf('pg1', streams, [], data)[1]).toMatchObject({
      ...{ name: 'pg3', connected: true, upstream: 'pg2', sync: null },
      lag: { flushBytes: 20, replayBytes: 40, writeBytes: null, replaySeconds: null },
    });
  });

  it('is known from the replica that sends to it, if we do not ask it ourselves', () => {
    const two = serversOf([primary, standbyOf('pg2')]);
    const below = streamsOf(two.answered[1] ?? primary, [senderOf({ application: 'far', replay_bytes: 5 })], two);
    expect(replicasOf('pg1', [], below, two)).toMatchObject([
      { name: 'pg2' },
      { name: 'far', connected: true, upstream: 'pg2', lag: null },
    ]);
  });
});
