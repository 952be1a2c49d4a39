import { consider, count, forget, initial, majorityOf, type Rules, type State } from './ballot';
import type { Dcs, Vote } from './dcs';
import type { Look } from './look';

const rules: Rules = { name: 'w1', witnesses: ['w1', 'w2', 'w3'], checks: 3 };
const vote = (witness: string, own: string, change: Partial<Vote> = {}): Vote => ({
  ...{ witness, own, leader: 'pg1', revision: '7', checks: 3, witnesses: rules.witnesses, ...change },
});
const dcsWith = (votes: readonly Vote[], revision = '7'): Dcs => ({
  leader: { name: 'pg1', revision, lease: '9' },
  config: {
    ...{ revision: '2', synchronous: 'on', paused: false, standbyCluster: false },
    loopWait: 1,
    maximumLag: 100,
  },
  sync: { revision: '3', leader: 'pg1', standbys: ['pg2'] },
  ...{ failover: null, members: new Map(), lsn: 1000, votes, removed: null },
});
const lookAt = (is: 'dead' | 'alive', votes: readonly Vote[] = [], revision = '7'): Look => ({
  ...{ blind: null, dcs: dcsWith(votes, revision), postgres: { is, why: '' }, patroni: { is, why: '' } },
  ...{ lease: { granted: 20, remaining: 10 }, standbys: [{ name: 'pg2', unfit: null }] },
});
const blind: Look = { ...lookAt('dead'), blind: 'it stood still' };
const after = (...looks: readonly Look[]) => {
  let step = { state: initial, next: { do: 'wait' } as ReturnType<typeof consider>['next'] };
  for (const look of looks) step = consider(step.state, look, rules);
  return step;
};
const dead = lookAt('dead');
const ballot = { leader: 'pg1', revision: '7', checks: 3 };

describe('a witness', () => {
  it('votes when it has seen the same leader dead often enough in a row', () => {
    expect(after(dead, dead).next).toEqual({ do: 'wait' });
    expect(after(dead, dead, dead).next).toEqual({ do: 'vote', ballot });
    expect(after(dead, dead, dead, dead).next).toEqual({ do: 'vote', ballot });
  });

  it('begins anew after an answer, after knowing nothing, and with another key, also of the same leader', () => {
    expect(after(dead, dead, lookAt('alive'), dead, dead).next.do).toBe('wait');
    expect(after(dead, dead, blind, dead, dead).next.do).toBe('wait');
    expect(after(dead, dead, lookAt('dead', [], '8')).next.do).toBe('wait');
  });

  it('takes its vote back when it is no longer of that mind', () => {
    expect(after(dead, dead, dead, lookAt('alive')).next.do).toBe('retract');
    expect(after(dead, dead, dead, blind).next.do).toBe('retract');
    expect(after(dead, dead, dead, lookAt('alive'), lookAt('alive')).next.do).toBe('wait');
  });

  it('remembers nothing but that it has voted, when it can’t tell what became of a request', () => {
    expect(forget(after(dead, dead, dead).state)).toEqual({ ...initial, hasVoted: true });
  });
});

describe('a count of votes', () => {
  const counting = (state: State, votes: readonly Vote[]) => count(state, votes, ballot, dcsWith(votes), rules);
  const { state } = after(dead, dead, dead);

  it('is a removal when a majority is of the same mind, by exactly these votes', () => {
    expect(majorityOf(rules)).toBe(2);
    expect(counting(state, [vote('w1', '20')]).removal).toBeNull();
    expect(counting(state, [vote('w1', '20'), vote('w2', '21')]).removal).toEqual({
      ...{ leader: 'pg1', revision: '7', config: '2', sync: '3', failover: null },
      votes: [
        { witness: 'w1', own: '20' },
        { witness: 'w2', own: '21' },
      ],
    });
  });

  it('leaves out votes about another key, by strangers, and by who knows other witnesses', () => {
    const own = vote('w1', '20');
    expect(counting(state, [own, vote('w2', '21', { revision: '6' })]).agreeing).toEqual(['w1']);
    expect(counting(state, [own, vote('w9', '21')]).agreeing).toEqual(['w1']);
    expect(counting(state, [own, vote('w2', '21', { witnesses: ['w1', 'w2', 'w4'] })]).agreeing).toEqual(['w1']);
  });

  it('is none without an own vote', () => {
    expect(counting(state, [vote('w2', '20'), vote('w3', '21')]).removal).toBeNull();
  });

  it('leaves out a vote that stands still, and one of which it can’t say how old it is', () => {
    const old = vote('w2', '15');
    const own = vote('w1', '20');
    const standing = after(dead, dead, lookAt('dead', [old]), lookAt('dead', [old])).state;
    expect(counting(standing, [own, old]).agreeing).toEqual(['w1', 'w2']);
    const longer = consider(standing, lookAt('dead', [old]), rules).state;
    expect(counting(longer, [own, old]).agreeing).toEqual(['w1']);
    expect(counting(longer, [own, vote('w2', '16')]).agreeing).toEqual(['w1', 'w2']);
    const begun = after(lookAt('dead', [old]), dead).state;
    expect(counting(after(lookAt('dead', [old])).state, [own, old]).agreeing).toEqual(['w1']);
    expect(counting(begun, [own, old]).agreeing).toEqual(['w1', 'w2']);
  });
});
