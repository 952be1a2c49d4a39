import type { Dcs } from '../../../src/witness/dcs';
import { objectionsTo } from '../../../src/witness/look';
import { type Removal, removalTxn } from '../../../src/witness/writes';
import {
  begin,
  type Cluster,
  keys,
  type Limits,
  names,
  other,
  readDcs,
  rest,
  sketch,
  viewOf,
  withMember,
} from './cluster';
import { apply, without } from './etcd';
import type { Happening, System } from './explore';
import { patroniSteps, type Variant } from './patroni';
import { canAcknowledge, postgresSteps } from './postgres';

/**
 * Two members with synchronous_mode, a client that writes to whichever lets it, and somebody who removes leader keys
 * whenever a witness could, for any reason or none. What holds here holds for witnesses that are wrong.
 */

export type Behaviour = Variant & {
  readonly removalTxn: typeof removalTxn;
  /** When a removal may be decided on. */
  readonly mayRemove: (dcs: Dcs) => boolean;
};

export const behaviour: Behaviour = {
  takesKeyBlindly: false,
  removalTxn,
  mayRemove: (dcs) => objectionsTo(dcs).length === 0,
};

export const clusterSystem = (limits: Limits, how: Behaviour = behaviour): System<Cluster> => ({
  initial: begin(limits),
  next: (cluster) => [
    ...names.flatMap((name) => (cluster[name].isUp ? patroniSteps(cluster, name, how) : [])),
    ...names.flatMap((name) => postgresSteps(cluster, name)),
    ...faults(cluster),
    ...removals(cluster, how),
  ],
  broken: (cluster) =>
    cluster.broken ??
    (names.every((name) => canAcknowledge(cluster, name)) ? 'two members acknowledge writes' : undefined),
  sketch,
});

const spend = (cluster: Cluster, what: 'crashes' | 'expiries' | 'breaks' | 'removals'): Cluster => ({
  ...cluster,
  left: { ...cluster.left, [what]: cluster.left[what] - 1 },
});

const faults = (cluster: Cluster): Happening<Cluster>[] => {
  const { left, store } = cluster;
  const events: Happening<Cluster>[] = [];
  for (const name of names) {
    const { isUp, isLeaseAlive, lease, postgres, cycle } = cluster[name];
    if (isUp && left.crashes > 0) {
      const crashed = withMember(cluster, name, {
        isUp: false,
        postgres: 'down',
        waits: false,
        confirmed: 0,
        cycle: rest,
      });
      events.push([`${name} crashes`, spend({ ...crashed, streams: null }, 'crashes')]);
    }
    if (isUp && left.crashes > 0 && cycle.at !== 'rest') {
      events.push([`Patroni of ${name} is started anew`, spend(withMember(cluster, name, { cycle: rest }), 'crashes')]);
    }
    if (isUp && left.crashes > 0 && postgres === 'primary') {
      const down = withMember(cluster, name, { postgres: 'down', waits: false, confirmed: 0 });
      const streams = cluster.streams === name ? null : cluster.streams;
      events.push([`PostgreSQL of ${name} crashes`, spend({ ...down, streams }, 'crashes')]);
    }
    if (!isUp) events.push([`${name} is started again`, withMember(cluster, name, { isUp: true })]);
    const [rival, { leader }] = [cluster[other(name)], viewOf(store)];
    const rivalHangs = rival.cycle.at !== 'rest' || (rival.postgres === 'primary' && leader === name);
    const isInTime = (!isUp || cycle.at === 'rest' || cycle.at === 'read') && !rivalHangs;
    const mayExpire = isInTime || left.hangsPastLease;
    if (isLeaseAlive && left.expiries > 0 && mayExpire) {
      const expired = withMember(cluster, name, { isLeaseAlive: false });
      const ended = without(store, (_, entry) => entry.lease === lease);
      events.push([`the lease of ${name} ends`, spend({ ...expired, store: ended }, 'expiries')]);
    }
  }
  if (cluster.streams !== null && left.breaks > 0) {
    events.push(['the replication connection breaks', spend({ ...cluster, streams: null }, 'breaks')]);
  }
  return events;
};

/** A removal is decided on what is read now, and done any time later. */
const removals = (cluster: Cluster, how: Behaviour): Happening<Cluster>[] => {
  const events: Happening<Cluster>[] = [];
  const dcs = readDcs(cluster.store);
  const { leader, sync, config } = dcs;
  if (cluster.left.removals > 0 && leader !== null && how.mayRemove(dcs)) {
    const removal: Removal = {
      ...{ leader: leader.name, revision: leader.revision, config: config?.revision ?? '' },
      ...{ sync: sync?.revision ?? '', failover: null, votes: [] },
    };
    const decided = spend({ ...cluster, pending: [...cluster.pending, removal] }, 'removals');
    events.push([`the witnesses agree to remove ${leader.name}`, decided]);
  }
  cluster.pending.forEach((removal, i) => {
    const txn = how.removalTxn(keys, removal, { witness: 'w', lease: 'none' });
    const { store } = apply(cluster.store, txn);
    // The rest that a removal imposes is short: here it is over at once.
    const rested = without(store, (key) => key === keys.removed);
    events.push([
      `a removal of ${removal.leader} reaches etcd`,
      {
        ...cluster,
        store: store === cluster.store ? store : rested,
        pending: cluster.pending.filter((_, j) => j !== i),
      },
    ]);
  });
  return events;
};

/**
 * From here on A is dead for good and its key is removed: how many steps B takes until it is the primary. Undefined
 * where a witness would not remove it.
 */
export const stepsUntilPromoted = (cluster: Cluster, how: Behaviour = behaviour): number | undefined => {
  const dcs = readDcs(cluster.store);
  if (dcs.leader?.name !== 'A' || !how.mayRemove(dcs) || !cluster.B.isUp) return undefined;
  const left: Limits = { ...cluster.left, removals: 1, crashes: 0, expiries: 0, breaks: 0 };
  const alone = withMember({ ...cluster, left, streams: null, pending: [] }, 'A', { isUp: false, postgres: 'down' });
  const decided = removals(alone, how).at(-1)?.[1] ?? alone;
  let now = removals(decided, how).at(-1)?.[1] ?? decided;
  for (let steps = 0; steps <= 20; steps += 1) {
    if (now.B.postgres === 'primary') return steps;
    const next = now.B.postgres === 'promoting' ? postgresSteps(now, 'B') : patroniSteps(now, 'B', how);
    now = next[0]?.[1] ?? now;
  }
  return Infinity;
};
