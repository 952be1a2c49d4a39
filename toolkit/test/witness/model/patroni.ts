import type { Txn } from '../../../src/witness/etcd/txn';
import {
  type Cluster,
  type Cycle,
  keys,
  type Member,
  type Name,
  other,
  rest,
  syncValue,
  type View,
  viewOf,
  withMember,
} from './cluster';
import { apply, newRevision, type Store } from './etcd';
import type { Happening } from './explore';
import { lose } from './postgres';

/**
 * Patroni, after ha.py, dcs/etcd3.py and postgresql/sync.py: a cycle reads etcd once and acts on what it read, however
 * late; every write of its that matters is a step of its own. A member that hangs is one whose next step comes late;
 * there is no clock, so any step may come as late as it likes.
 */
export type Variant = {
  /** Patroni up to 3.0.3 puts its name into the leader key whatever is there, once it has a new lease. */
  readonly takesKeyBlindly: boolean;
};

/** A whole cycle of Patroni (ha.py, _run_cycle), cut wherever something may come in between. */
export const patroniSteps = (cluster: Cluster, name: Name, how: Variant): Happening<Cluster>[] => {
  const { cycle } = cluster[name];
  switch (cycle.at) {
    case 'rest':
      return [
        [
          `Patroni of ${name} reads etcd`,
          withMember(cluster, name, { cycle: { at: 'read', view: viewOf(cluster.store) } }),
        ],
      ];
    case 'read':
      if (cycle.view.leader === name) return [updateLock(cluster, name, cycle.view, how)];
      if (cycle.view.leader === null) return race(cluster, name, cycle.view);
      return follow(cluster, name);
    case 'leads':
      return lead(cluster, name, cycle.view);
    case 'releases':
      return [[`${name} no longer waits for a standby`, withMember(cluster, name, { waits: false, cycle: rest })]];
    case 'binds':
      return bind(cluster, name);
  }
};

/** update_leader: the lease is kept alive; only with a new lease is the key written. */
const updateLock = (cluster: Cluster, name: Name, view: View, how: Variant): Happening<Cluster> => {
  const member = cluster[name];
  const leads: Cycle = { at: 'leads', view };
  if (member.isLeaseAlive && view.lease === member.lease) {
    return [`${name} keeps its lease`, withMember(cluster, name, { cycle: leads })];
  }
  const lease = member.isLeaseAlive ? member.lease : newRevision();
  const leased = withMember(cluster, name, { lease, isLeaseAlive: true });
  const key = { op: 'put', key: keys.leader, value: name, lease } as const;
  const tries: Txn[] = how.takesKeyBlindly
    ? [{ compare: [], then: [key] }]
    : [
        { compare: [{ is: 'value', key: keys.leader, value: name }], then: [key] },
        { compare: [{ is: 'absent', key: keys.leader }], then: [key] },
      ];
  for (const txn of tries) {
    const { store, answer } = apply(cluster.store, txn);
    if (answer.succeeded) {
      return [
        `${name} writes the leader key with its new lease`,
        withMember({ ...leased, store }, name, { cycle: leads }),
      ];
    }
  }
  return [`${name} finds that it has lost the lock`, demote(leased, name)];
};

/** The postmaster is stopped at once: what waits for a standby is never acknowledged. */
const demote = (cluster: Cluster, name: Name): Cluster => {
  const { postgres } = cluster[name];
  const stops = postgres === 'primary' || postgres === 'promoting';
  return {
    ...withMember(cluster, name, { cycle: rest, ...(stops ? { postgres: 'down', waits: false, confirmed: 0 } : {}) }),
    streams: stops && cluster.streams === name ? null : cluster.streams,
  };
};

/** process_unhealthy_cluster: only the last primary and its synchronous standby may race for the key. */
const race = (cluster: Cluster, name: Name, view: View): Happening<Cluster>[] => {
  const member = cluster[name];
  const resting = withMember(cluster, name, { cycle: rest });
  if (member.postgres === 'down') {
    return [[`${name} starts as a standby`, withMember(resting, name, { postgres: 'standby' })]];
  }
  if (member.postgres === 'promoting') return [[`${name} is busy`, resting]];
  const mayLead =
    member.postgres === 'primary' ||
    view.sync.leader === null ||
    view.sync.leader === name ||
    view.sync.standby === name;
  if (!mayLead) return [[`${name} may not lead`, resting]];
  const lease = member.isLeaseAlive ? member.lease : newRevision();
  const leased = withMember(resting, name, { lease, isLeaseAlive: true });
  const { store, answer } = apply(cluster.store, {
    compare: [{ is: 'absent', key: keys.leader }],
    then: [{ op: 'put', key: keys.leader, value: name, lease }],
  });
  if (!answer.succeeded) return [[`${name} comes too late for the lock`, demote(leased, name)]];
  const won = { ...leased, store };
  return [[`${name} takes the lock`, withMember(won, name, { cycle: { at: 'leads', view: viewOf(store) } })]];
};

/** Another one leads: a primary is stopped, a stopped one rewound to it. */
const follow = (cluster: Cluster, name: Name): Happening<Cluster>[] => {
  const [member, leader] = [cluster[name], cluster[other(name)]];
  const resting = withMember(cluster, name, { cycle: rest });
  if (member.postgres === 'primary') return [[`${name} demotes itself`, demote(cluster, name)]];
  if (member.postgres === 'promoting') {
    return [
      [`${name} calls its promotion off`, withMember(resting, name, { postgres: 'standby' })],
      [`${name} is too late to call its promotion off`, resting],
    ];
  }
  const canRewind = leader.isUp && leader.postgres === 'primary' && cluster.streams === null;
  if (canRewind && !leader.wal.startsWith(member.wal)) {
    return [
      [
        `${name} is rewound to ${other(name)}`,
        lose(withMember(resting, name, { postgres: 'standby', wal: leader.wal }), leader.wal),
      ],
    ];
  }
  return [[`${name} follows`, withMember(resting, name, { postgres: 'standby' })]];
};

/** enforce_primary_role with process_sync_replication. */
const lead = (cluster: Cluster, name: Name, view: View): Happening<Cluster>[] => {
  const member = cluster[name];
  const { synchronous } = cluster.left;
  const resting = withMember(cluster, name, { cycle: rest });
  const writeSync = (then: Partial<Member>, what: string): Happening<Cluster> => {
    const { store, answer } = compareAndWriteSync(cluster.store, view.sync.revision, name, null);
    if (!answer.succeeded) return [`${name} finds /sync changed by another`, resting];
    return [what, withMember({ ...cluster, store }, name, then)];
  };
  switch (member.postgres) {
    case 'down': {
      const mine = { is: 'value', key: keys.leader, value: name } as const;
      const { store } = apply(cluster.store, { compare: [mine], then: [{ op: 'remove', key: keys.leader }] });
      const heir = cluster[other(name)];
      const hasHeir = view.sync.standby === other(name) && heir.isUp && heir.postgres === 'standby';
      return hasHeir
        ? [[`${name} releases the lock`, { ...resting, store }]]
        : [[`${name} starts as a standby that has the lock`, withMember(resting, name, { postgres: 'standby' })]];
    }
    case 'promoting':
      return [[`${name} goes on promoting`, resting]];
    case 'standby': {
      const promoting = { cycle: rest, postgres: 'promoting', waits: false, confirmed: 0 } as const;
      if (!synchronous) return [[`${name} begins to promote`, withMember(cluster, name, promoting)]];
      return [writeSync(promoting, `${name} puts itself into /sync and begins to promote`)];
    }
    case 'primary': {
      if (!synchronous) return [[`${name} goes on`, resting]];
      const hasStandby = cluster.streams === name;
      if (view.sync.standby !== null && !hasStandby) {
        return [writeSync({ cycle: { at: 'releases' } }, `${name} writes to /sync that it has no standby`)];
      }
      if (view.sync.leader !== name) return [writeSync({ cycle: rest }, `${name} corrects /sync`)];
      if (view.sync.standby === null && hasStandby) {
        return [
          [`${name} now waits for its standby`, withMember(cluster, name, { waits: true, cycle: { at: 'binds' } })],
        ];
      }
      return [[`${name} goes on`, resting]];
    }
  }
};

/** The standby is named in /sync only once it has all that was committed without it. */
const bind = (cluster: Cluster, name: Name): Happening<Cluster>[] => {
  const resting = withMember(cluster, name, { cycle: rest });
  const [member, standby] = [cluster[name], cluster[other(name)]];
  const { sync } = viewOf(cluster.store);
  const isReady =
    cluster.streams === name && standby.wal === member.wal && (sync.leader === null || sync.leader === name);
  if (!isReady) return [[`${name}’s standby is not synchronous yet`, resting]];
  const { store, answer } = compareAndWriteSync(cluster.store, sync.revision, name, other(name));
  return [[`${name} names its standby in /sync`, answer.succeeded ? { ...resting, store } : resting]];
};

const compareAndWriteSync = (store: Store, revision: string, leader: Name, standby: Name | null) =>
  apply(store, {
    compare: [{ is: 'revision', key: keys.sync, revision }],
    then: [{ op: 'put', key: keys.sync, value: syncValue(leader, standby), lease: 'none' }],
  });
