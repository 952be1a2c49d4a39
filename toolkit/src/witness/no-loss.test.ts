import { type Exploration, explore } from '../../test/witness/model/explore';
import type { Cluster, Limits } from '../../test/witness/model/cluster';
import { type Behaviour, behaviour, clusterSystem, stepsUntilPromoted } from '../../test/witness/model/two-members';

jest.setTimeout(120_000);

const MOST = 60_000;

const limits = (change: Partial<Limits>): Limits => ({
  ...{ synchronous: true, writes: 2, removals: 0, crashes: 0, expiries: 0, breaks: 0, hangsPastLease: false },
  ...change,
});

const exploreAll = (change: Partial<Limits>, how: Partial<Behaviour> = {}): Exploration & { promotions: number } => {
  let promotions = 0;
  const visit = ({ B }: Cluster): void => void (promotions += Number(B.postgres === 'primary'));
  return { ...explore(clusterSystem(limits(change), { ...behaviour, ...how }), MOST, visit), promotions };
};

const broken = (change: Partial<Limits>, how: Partial<Behaviour> = {}): string =>
  exploreAll(change, how).violation?.what ?? 'nothing wrong';

describe('a synchronous cluster whose leader key is removed at any moment, for any reason or none', () => {
  it.each<[string, Partial<Limits>]>([
    ['while replication breaks', { removals: 1, breaks: 1 }],
    ['twice, while replication breaks', { removals: 2, breaks: 1 }],
    ['while anything crashes and comes back', { removals: 1, crashes: 1 }],
    ['while members hang for longer than a lease lives', { removals: 1, expiries: 1 }],
    ['with more writes under way', { removals: 1, breaks: 1, writes: 3 }],
  ])('loses no acknowledged write and never has two that acknowledge: %s', (_, change) => {
    const { violation, promotions } = exploreAll(change);
    expect(violation).toBeUndefined();
    expect(promotions).toBeGreaterThan(0);
  });

  it('loses none with Patroni 3.0.2 either, while the old leader’s lease lives', () => {
    expect(broken({ removals: 1, breaks: 1 }, { takesKeyBlindly: true })).toBe('nothing wrong');
  });
});

describe('the synchronous standby of a leader that is dead for good', () => {
  it('is promoted within two of its own cycles once the key is removed, whatever has happened before', () => {
    const counts: number[] = [];
    const visit = (cluster: Cluster): void => {
      const steps = stepsUntilPromoted(cluster);
      if (steps !== undefined) counts.push(steps);
    };
    explore(clusterSystem(limits({ removals: 1, breaks: 1 })), MOST, visit);
    expect(counts.length).toBeGreaterThan(1000);
    expect(Math.max(...counts)).toBeLessThanOrEqual(8);
  });
});

describe('what the removal compares and writes is needed', () => {
  const changed = (how: (txn: ReturnType<Behaviour['removalTxn']>) => ReturnType<Behaviour['removalTxn']>) => ({
    removalTxn: (...given: Parameters<Behaviour['removalTxn']>) => how(behaviour.removalTxn(...given)),
  });
  const TWO = 'two members acknowledge writes';

  it('without writing /sync anew, a late old leader goes on without its standby', () => {
    const how = changed((txn) => ({ ...txn, then: txn.then.filter(({ op }) => op !== 'touch') }));
    expect(broken({ removals: 1, breaks: 1 }, how)).toBe(TWO);
  });

  it('without comparing /sync, a removal comes after the leader has gone on without its standby', () => {
    const how = changed((txn) => ({ ...txn, compare: txn.compare.filter(({ key }) => !key.endsWith('/sync')) }));
    expect(broken({ removals: 2, breaks: 1 }, how)).toBe(TWO);
  });

  it('without a synchronous standby in /sync, the leader has commits that nobody else has', () => {
    expect(broken({ removals: 2, breaks: 1 }, { mayRemove: ({ leader }) => leader !== null })).toBe(TWO);
  });

  it('without synchronous_mode, the old leader needs nobody to acknowledge', () => {
    const how = changed((txn) => ({
      compare: txn.compare.filter(({ key }) => !key.endsWith('/sync')),
      then: txn.then.filter(({ op }) => op !== 'touch'),
    }));
    expect(broken({ synchronous: false, removals: 1 }, { ...how, mayRemove: ({ leader }) => leader !== null })).toBe(
      TWO,
    );
  });
});

describe('the model of Patroni, without any witness', () => {
  it('loses nothing when one member at a time hangs', () => {
    expect(broken({ expiries: 2, breaks: 1 })).toBe('nothing wrong');
  });

  it('loses writes when both hang, or one in mid-cycle: what a watchdog is for', () => {
    expect(broken({ expiries: 1, breaks: 1, hangsPastLease: true })).not.toBe('nothing wrong');
  });

  it('loses writes with Patroni 3.0.2 when a hung leader wakes after its lease: it takes the key of the new one', () => {
    const { violation } = exploreAll({ expiries: 1, breaks: 1 }, { takesKeyBlindly: true });
    expect(violation?.what).toBe('acknowledged writes are lost');
    expect(violation?.trace).toContain('A writes the leader key with its new lease');
  });
});
