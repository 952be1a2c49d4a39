import { type Clock, type Logger, parseConfig } from '@submilli/core';
import type { Ballot } from './dcs';
import { createDiary } from './diary';
import type { Look, Verdict } from './look';

const settings = parseConfig(
  'witness: {name: w1, witnesses: [w1, w2, w3], scope: main, etcd: {urls: ["http://e"]}}',
  'submilli.yml',
  {},
).witness;

const start = () => {
  if (settings === null) throw new Error('no settings');
  let now = 0;
  const clock: Clock = { monotonic: () => now, wall: () => Date.parse('2026-01-01T00:00:00Z') + now };
  const lines: string[] = [];
  const write = (_: object, text: string): void => void lines.push(text);
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  return { diary: createDiary(settings, clock, log), lines, pass: (ms: number) => (now += ms) };
};

const health = { is: 'dead', why: 'refused' } as const;
const look: Look = {
  ...{ blind: null, postgres: health, patroni: health, lease: null, standbys: [{ name: 'pg2', unfit: null }] },
  dcs: {
    leader: { name: 'pg1', revision: '7', lease: '9' },
    ...{ config: null, sync: null, failover: null, members: new Map(), lsn: null, votes: [], removed: null },
  },
};
const calm: Verdict = { kind: 'calm', why: 'pg1: PostgreSQL answers' };
const dead = (objections: string[] = []): Verdict => ({ kind: 'dead', leader: 'pg1', revision: '7', objections });
const suspect = (checks: number): Ballot => ({ leader: 'pg1', revision: '7', checks });

describe('the log of a witness', () => {
  it('has one line per change of mind, however often it looks', () => {
    const { diary, lines, pass } = start();
    for (let i = 0; i < 20; i += 1) {
      diary.saw(look, calm, null);
      pass(250);
    }
    expect(lines).toEqual(['watches pg1; would not act: the cluster has no configuration in etcd']);
    for (let i = 1; i < 4; i += 1) diary.saw(look, dead(), suspect(i));
    expect(lines.slice(1)).toEqual(['pg1 seems to be dead: refused; refused']);
  });

  it('says why it acts', () => {
    const { diary, lines } = start();
    diary.saw(look, dead(), suspect(4));
    diary.voted(suspect(4), ['w1'], 2);
    diary.voted(suspect(4), ['w1', 'w2'], 2);
    diary.removed({ ...suspect(4), config: '1', sync: '2', failover: null, votes: [] }, ['w1', 'w2'], true);
    expect(lines).toEqual([
      'votes that pg1 is dead: 1 of the 2 votes needed (w1); refused; refused',
      'votes that pg1 is dead: 2 of the 2 votes needed (w1, w2); refused; refused',
      'removed the leader key of pg1: w1, w2 agree that it is dead; refused; refused',
    ]);
    expect(diary.status()).toMatchObject({
      ...{ removals: 1, votes: 1, lastRemoval: { leader: 'pg1', agreeing: ['w1', 'w2'] } },
    });
  });

  it('says why it holds back', () => {
    const { diary, lines } = start();
    diary.saw(look, dead(['the cluster is paused']), suspect(4));
    diary.saw({ ...look, dcs: null }, { kind: 'blind', why: 'etcd did not answer' }, null);
    expect(lines).toEqual(['pg1 is dead, but holds back: the cluster is paused', 'sees nothing: etcd did not answer']);
  });

  it('does not repeat words that change at every look', () => {
    const { diary, lines, pass } = start();
    for (let i = 0; i < 40; i += 1) {
      diary.saw({ ...look, dcs: null }, { kind: 'blind', why: `no answer, try ${i}` }, null);
      pass(250);
    }
    expect(lines).toHaveLength(2);
  });
});

describe('the status of a witness', () => {
  it('tells how long ago it last saw anything', () => {
    const { diary, pass } = start();
    expect(diary.status()).toMatchObject({ sees: 'nothing yet', lastSawSecondsAgo: null });
    diary.saw(look, calm, null);
    pass(1500);
    diary.saw({ ...look, dcs: null }, { kind: 'blind', why: '' }, null);
    expect(diary.status()).toMatchObject({
      ...{ sees: 'blind', leader: null, lastSawSecondsAgo: 1.5, looks: { total: 2, blind: 1 } },
    });
  });

  it('lists a standby that could not take over among what is in the way, at every look', () => {
    const { diary } = start();
    const dcs = look.dcs && { ...look.dcs, sync: { revision: '3', leader: 'pg1', standbys: ['pg2', 'pg3'] } };
    const why = 'synchronous standby pg2: it is behind the leader';
    diary.sawStandbys([{ name: 'pg2', unfit: 'it is behind the leader' }]);
    for (let i = 0; i < 2; i += 1) {
      diary.saw({ ...look, dcs }, calm, null);
      expect(diary.status().objections).toContain(why);
    }
    diary.sawStandbys([
      { name: 'pg2', unfit: 'it is behind the leader' },
      { name: 'pg3', unfit: null },
    ]);
    diary.saw({ ...look, dcs }, calm, null);
    expect(diary.status().objections).not.toContain(why);
  });
});
