import { type Exploration, explore } from '../../test/witness/model/explore';
import { looksUntilRemoved, witnessSystem } from '../../test/witness/model/three-witnesses';
import { type Protocol, protocol } from '../../test/witness/model/witness-steps';
import type { Limits, World } from '../../test/witness/model/world';

jest.setTimeout(120_000);

const MOST = 40_000;
const two = ['w1', 'w2'];
const three = ['w1', 'w2', 'w3'];

const limits = (change: Partial<Limits>): Limits => ({
  ...{ witnesses: three, running: two, checks: 2, steps: 2, crashes: 1, returns: 0, pauses: 0, cuts: 0 },
  ...{ standbyFailures: 0, lostAnswers: 0, requests: 0 },
  ...change,
});

type Explored = Exploration & { readonly removals: number };

const exploreAll = (change: Partial<Limits>, used: Protocol = protocol): Explored => {
  let removals = 0;
  const visit = (world: World): void => void (removals = Math.max(removals, world.removals));
  return { ...explore(witnessSystem(limits(change), used), MOST, visit), removals };
};

describe('three witnesses, the third away, in every order of events', () => {
  it.each<[string, Partial<Limits>]>([
    ['a leader that dies, while every request may be late', { steps: 3 }],
    ['a leader that dies and comes back, while every request may be late', { steps: 3, returns: 1 }],
    ['two leaders that die one after the other, and one comes back', { crashes: 2, returns: 1 }],
    ['a leader that comes back after everybody stood still', { returns: 1, pauses: 1 }],
    ['everybody standing still twice', { pauses: 2 }],
    ['answers that are lost, of requests that etcd does late or never', { lostAnswers: 1 }],
    ['one witness that can’t reach the members', { cuts: 1 }],
    ['a standby that dies as well', { standbyFailures: 1 }],
    ['somebody who pauses the cluster or asks for a switchover meanwhile', { requests: 1 }],
  ])('only ever remove a leader that should be: %s', (_, change) => {
    const { violation, removals, states } = exploreAll(change);
    expect(violation).toBeUndefined();
    expect(removals).toBeGreaterThan(0);
    expect(states).toBeGreaterThan(500);
  });

  it('only ever remove a leader that should be: all three racing to remove it', () => {
    const { violation, removals } = exploreAll({ running: three, checks: 1, steps: 1 });
    expect(violation).toBeUndefined();
    expect(removals).toBe(1);
  });

  it('remove nothing when only one of them runs', () => {
    expect(exploreAll({ running: ['w1'], steps: 3, crashes: 2, returns: 1, pauses: 1 })).toMatchObject({
      ...{ violation: undefined, removals: 0 },
    });
  });

  it('remove nothing when only one of them finds the leader dead', () => {
    expect(exploreAll({ running: three, crashes: 0, cuts: 1, pauses: 1 })).toMatchObject({
      ...{ violation: undefined, removals: 0 },
    });
  });

  it('remove a leader that stays dead within a few looks, whatever has happened before', () => {
    const change = limits({ returns: 1, pauses: 1 });
    let most = 0;
    const visit = (world: World): void => void (most = Math.max(most, looksUntilRemoved(world, change) ?? 0));
    explore(witnessSystem(change), MOST, visit);
    expect(most).toBeGreaterThanOrEqual(change.checks);
    expect(most).toBeLessThanOrEqual(change.checks + 2);
  });
});

describe('the same witnesses with one part taken away are caught', () => {
  const withoutCompares = (isDropped: (key: string) => boolean): Protocol => ({
    ...protocol,
    removalTxn: (...given) => {
      const txn = protocol.removalTxn(...given);
      return { ...txn, compare: txn.compare.filter(({ key }) => !isDropped(key)) };
    },
  });
  const broken = (change: Partial<Limits>, used: Protocol): string => {
    const { violation } = exploreAll(change, used);
    return violation?.what ?? 'nothing wrong';
  };

  it('without compare-and-swap: a removal that comes late hits the next leader', () => {
    const used = withoutCompares(() => true);
    expect(broken({}, used)).toBe('the key of another leader than the one voted about is removed');
  });

  it('without a majority: one is enough', () => {
    const alone: Protocol = {
      ...protocol,
      count: (state, votes, ballot, dcs, rules) => {
        const own = votes.map((vote) => ({ ...vote, witnesses: [rules.name] }));
        return protocol.count(state, own, ballot, dcs, { ...rules, witnesses: [rules.name] });
      },
    };
    expect(broken({}, alone)).toBe('a leader is removed by a minority');
  });

  it('without asking the standby: nobody can take over', () => {
    const used: Protocol = {
      ...protocol,
      consider: (state, look, rules) => {
        const standbys = look.standbys.map(({ name }) => ({ name, unfit: null }));
        return protocol.consider(state, { ...look, standbys }, rules);
      },
    };
    expect(broken({ standbyFailures: 1, pauses: 1 }, used)).toBe(
      'a leader is removed that no standby can take over from',
    );
  });

  it('without noticing that it stood still: what was seen long ago counts', () => {
    const used: Protocol = { ...protocol, noticesPauses: false };
    expect(broken({ returns: 1, pauses: 1 }, used)).toMatch(/^a leader is removed (that has been well|by a minority)/);
  });

  it('without votes that end: votes of long ago count', () => {
    const used: Protocol = { ...protocol, votesExpire: false };
    expect(broken({ returns: 1, pauses: 1 }, used)).toMatch(/^a leader is removed (that has been well|by a minority)/);
  });

  it('without looking at the lease: a leader that only witnesses can’t reach is removed', () => {
    const used: Protocol = {
      ...protocol,
      consider: (state, look, rules) =>
        protocol.consider(state, { ...look, lease: { granted: 20, remaining: 0 } }, rules),
    };
    expect(broken({}, used)).toBe('a leader is removed that has renewed its lease all the time');
  });

  it('without comparing /config and /failover: a pause or a switchover comes too late', () => {
    const used = withoutCompares((key) => key.endsWith('/config') || key.endsWith('/failover'));
    expect(broken({ requests: 1 }, used)).toBe('a leader is removed against somebody’s wish');
  });
});
