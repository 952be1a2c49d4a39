import type { Dcs } from './dcs';
import { judge, type Look } from './look';

const dcs: Dcs = {
  leader: { name: 'pg1', revision: '7', lease: '9' },
  config: {
    ...{ revision: '2', synchronous: 'on', paused: false, standbyCluster: false },
    loopWait: 1,
    maximumLag: 100,
  },
  sync: { revision: '3', leader: 'pg1', standbys: ['pg2'] },
  ...{ failover: null, members: new Map(), lsn: 1000, votes: [], removed: null },
};
const dead = { is: 'dead', why: 'gone' } as const;
const alive = { is: 'alive', why: 'answers' } as const;
const look: Look = {
  ...{ blind: null, dcs, postgres: dead, patroni: dead, lease: { granted: 20, remaining: 18 } },
  standbys: [{ name: 'pg2', unfit: null }],
};
const objectionsWith = (change: Partial<Dcs>, seen: Partial<Look> = {}): readonly string[] => {
  const verdict = judge({ ...look, dcs: { ...dcs, ...change }, ...seen });
  return verdict.kind === 'dead' ? verdict.objections : [verdict.kind];
};
const config = dcs.config ?? undefined;

describe('what a witness makes of what it sees', () => {
  it('a leader is dead when PostgreSQL and Patroni are both', () => {
    expect(judge(look)).toEqual({ kind: 'dead', leader: 'pg1', revision: '7', objections: [] });
    expect(judge({ ...look, postgres: alive }).kind).toBe('calm');
    expect(judge({ ...look, patroni: alive }).kind).toBe('calm');
  });

  it('it knows nothing when one could not be asked, unless the other lives', () => {
    const unknown = { is: 'unknown', why: 'no sockets' } as const;
    expect(judge({ ...look, postgres: unknown })).toEqual({ kind: 'blind', why: 'pg1: no sockets' });
    expect(judge({ ...look, postgres: unknown, patroni: alive }).kind).toBe('calm');
  });

  it('without etcd it knows nothing, and without a leader key there is nothing to do', () => {
    expect(judge({ ...look, dcs: null }).kind).toBe('blind');
    expect(judge({ ...look, blind: 'stood still' })).toEqual({ kind: 'blind', why: 'stood still' });
    expect(judge({ ...look, dcs: { ...dcs, leader: null } }).kind).toBe('calm');
  });

  it.each<[string, Partial<Dcs>]>([
    ['the cluster is paused', { config: config && { ...config, paused: true } }],
    ['it is a standby cluster', { config: config && { ...config, standbyCluster: true } }],
    ['synchronous_mode is off', { config: config && { ...config, synchronous: 'off' } }],
    [
      'synchronous_mode is quorum, where one standby alone may lack commits',
      { config: config && { ...config, synchronous: 'quorum' } },
    ],
    ['the cluster has no configuration in etcd', { config: null }],
    ['a switchover or failover is requested', { failover: { revision: '4', pending: true } }],
    ['w2 removed a leader key a short while ago', { removed: 'w2' }],
    ['/sync is not of this leader', { sync: { revision: '3', leader: 'pg3', standbys: ['pg2'] } }],
    ['no synchronous standby is named in /sync', { sync: { revision: '3', leader: 'pg1', standbys: [] } }],
    ['no synchronous standby is named in /sync', { sync: null }],
  ])('it holds back when %s', (objection, change) => {
    expect(
      objectionsWith(change).filter((one) => one !== 'its Patroni has renewed its lease within loop_wait'),
    ).toEqual([objection]);
  });

  it('it holds back while the leader’s Patroni renews its lease, which the network between them can’t hide', () => {
    const renewed = ['its Patroni has renewed its lease within loop_wait'];
    expect(objectionsWith({}, { lease: { granted: 20, remaining: 19 } })).toEqual(renewed);
    expect(
      objectionsWith({ config: config && { ...config, loopWait: 10 } }, { lease: { granted: 20, remaining: 10 } }),
    ).toEqual(renewed);
    expect(
      objectionsWith({ config: config && { ...config, loopWait: 10 } }, { lease: { granted: 20, remaining: 9 } }),
    ).toEqual([]);
    expect(objectionsWith({}, { lease: null })).toEqual(['the leader’s lease is not known']);
  });

  it('it holds back unless one of the synchronous standbys is fit', () => {
    const unfit = { name: 'pg2', unfit: 'it is behind the leader' };
    expect(objectionsWith({}, { standbys: [unfit] })).toEqual(['synchronous standby pg2: it is behind the leader']);
    expect(objectionsWith({}, { standbys: [unfit, { name: 'pg3', unfit: null }] })).toEqual([]);
    expect(objectionsWith({}, { standbys: [] })).toEqual(['no synchronous standby has been asked']);
  });
});
