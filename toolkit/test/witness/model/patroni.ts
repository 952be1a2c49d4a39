import { type Dcs, dcsOf, readTxn } from '../../../src/witness/dcs';
import type { Txn } from '../../../src/witness/etcd/txn';
import { keysOf } from '../../../src/witness/keys';
import { objectionsTo } from '../../../src/witness/look';
import { type Removal, removalTxn } from '../../../src/witness/writes';
import { apply, newRevision, put, type Store, without } from './etcd';
import type { Happening, System } from './explore';

/**
 * Two members under Patroni with synchronous_mode, a client that writes to whichever lets it, and somebody who removes
 * leader keys whenever a witness could, for any reason or none. What holds here holds for witnesses that are wrong.
 *
 * Patroni is modelled after ha.py, dcs/etcd3.py and postgresql/sync.py: a cycle reads etcd once and acts on what it read,
 * however late; every write of its that matters is a step of its own. A member that hangs is one whose next step comes
 * late; there is no clock, so any step may come as late as it likes.
 */

export type Behaviour = {
  /** Patroni up to 3.0.3 puts its name into the leader key whatever is there, once it has a new lease. */
  readonly takesKeyBlindly: boolean;
  readonly removalTxn: typeof removalTxn;
  /** When a removal may be decided on. */
  readonly mayRemove: (dcs: Dcs) => boolean;
};

export const behaviour: Behaviour = {
  takesKeyBlindly: false,
  removalTxn,
  mayRemove: (dcs) => objectionsTo(dcs).length === 0,
};

export type Limits = {
  readonly synchronous: boolean;
  readonly writes: number;
  readonly removals: number;
  readonly crashes: number;
  /** Leases that end by themselves, as without a witness. */
  readonly expiries: number;
  /**
   * A member may hang for longer than a lease lives in the midst of a cycle that has already kept its own lease, or two
   * may hang at once. Patroni is not made for that without a watchdog: what then goes wrong does so without a witness.
   */
  readonly hangsPastLease: boolean;
  /** Breaks of the replication connection. */
  readonly breaks: number;
};

type Name = 'A' | 'B';
const names: readonly Name[] = ['A', 'B'];
const other = (name: Name): Name => (name === 'A' ? 'B' : 'A');

/** What Patroni goes by: as of its last look into etcd. */
type View = { readonly leader: string | null; readonly lease: string | null; readonly sync: Sync };
type Sync = { readonly leader: string | null; readonly standby: string | null; readonly revision: string };

type Cycle =
  | { readonly at: 'rest' }
  /** Has read etcd. */
  | { readonly at: 'read'; readonly view: View }
  /** Has the lock, as far as it knows. */
  | { readonly at: 'leads'; readonly view: View }
  /** Has written to /sync that no standby is synchronous, and will tell PostgreSQL. */
  | { readonly at: 'releases' }
  /** Has told PostgreSQL to wait for the standby, and will write that to /sync once it streams. */
  | { readonly at: 'binds' };

type Member = {
  readonly isUp: boolean;
  readonly postgres: 'primary' | 'standby' | 'promoting' | 'down';
  /** Its WAL: one letter for each write. */
  readonly wal: string;
  /** As a primary, how much of it the standby has confirmed. */
  readonly confirmed: number;
  /** Commits wait for the other member: synchronous_standby_names. */
  readonly waits: boolean;
  readonly lease: string;
  readonly isLeaseAlive: boolean;
  readonly cycle: Cycle;
};

export type Cluster = {
  readonly store: Store;
  readonly A: Member;
  readonly B: Member;
  /** The primary the other one streams from. */
  readonly streams: Name | null;
  /** Writes that a client was told are committed. */
  readonly acknowledged: string;
  readonly pending: readonly Removal[];
  readonly left: Limits;
  readonly broken: string | null;
};

const keys = keysOf({ namespace: '/s/', scope: 'c', prefix: '/w/' });

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

const begin = (limits: Limits): Cluster => {
  const member = (postgres: 'primary' | 'standby'): Member => ({
    ...{ isUp: true, postgres, wal: '', confirmed: 0, waits: postgres === 'primary' && limits.synchronous },
    ...{ lease: newRevision(), isLeaseAlive: true, cycle: { at: 'rest' } },
  });
  const [A, B] = [member('primary'), member('standby')];
  let store = put({}, keys.config, JSON.stringify({ synchronous_mode: limits.synchronous }));
  if (limits.synchronous) store = put(store, keys.sync, syncValue('A', 'B'));
  store = put(store, keys.leader, 'A', A.lease);
  return { store, A, B, streams: 'A', acknowledged: '', pending: [], left: limits, broken: null };
};

const syncValue = (leader: string, standby: string | null): string => JSON.stringify({ leader, sync_standby: standby });

const reads = new WeakMap<Store, Dcs>();
const readDcs = (store: Store): Dcs => {
  const known = reads.get(store) ?? dcsOf(keys, apply(store, readTxn(keys)).answer.found);
  reads.set(store, known);
  return known;
};

const viewOf = (store: Store): View => {
  const { leader, sync } = readDcs(store);
  return {
    ...{ leader: leader?.name ?? null, lease: leader?.lease ?? null },
    sync: { leader: sync?.leader ?? null, standby: sync?.standbys[0] ?? null, revision: sync?.revision ?? '' },
  };
};

const withMember = (cluster: Cluster, name: Name, change: Partial<Member>): Cluster => ({
  ...cluster,
  [name]: { ...cluster[name], ...change },
});

const rest: Cycle = { at: 'rest' };

/** A whole cycle of Patroni (ha.py, _run_cycle), cut wherever something may come in between. */
const patroniSteps = (cluster: Cluster, name: Name, how: Behaviour): Happening<Cluster>[] => {
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
const updateLock = (cluster: Cluster, name: Name, view: View, how: Behaviour): Happening<Cluster> => {
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

/** What is acknowledged must be in the WAL that from now on is the cluster's. */
const lose = (cluster: Cluster, wal: string): Cluster => {
  const lost = [...cluster.acknowledged].filter((write) => !wal.includes(write));
  return lost.length === 0 ? cluster : { ...cluster, broken: `acknowledged writes are lost` };
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

const canAcknowledge = (cluster: Cluster, name: Name): boolean => {
  const [member, standby] = [cluster[name], cluster[other(name)]];
  if (!member.isUp || member.postgres !== 'primary') return false;
  return !member.waits || (cluster.streams === name && standby.isUp && standby.postgres === 'standby');
};

/** What PostgreSQL and its client do. */
const postgresSteps = (cluster: Cluster, name: Name): Happening<Cluster>[] => {
  const [member, standby] = [cluster[name], cluster[other(name)]];
  const steps: Happening<Cluster>[] = [];
  if (!member.isUp) return steps;
  if (member.postgres === 'promoting') {
    const promoted = withMember(cluster, name, { postgres: 'primary' });
    const alone = cluster.streams === other(name) ? { ...promoted, streams: null } : promoted;
    steps.push([`${name} is promoted`, lose(alone, member.wal)]);
  }
  if (member.postgres !== 'primary') return steps;
  const { writes } = cluster.left;
  if (writes > 0) {
    const after = withMember(cluster, name, { wal: member.wal + writes });
    steps.push([`a client writes ${writes} to ${name}`, { ...after, left: { ...cluster.left, writes: writes - 1 } }]);
  }
  const waiting = [...member.wal].findIndex((write) => !cluster.acknowledged.includes(write));
  if (waiting >= 0 && (!member.waits || waiting < member.confirmed)) {
    const write = member.wal.charAt(waiting);
    const acknowledged = [...cluster.acknowledged, write].sort().join('');
    steps.push([`${name} acknowledges ${write}`, { ...cluster, acknowledged }]);
  }
  if (!standby.isUp || standby.postgres !== 'standby') return steps;
  if (cluster.streams === name && standby.wal.length < member.wal.length) {
    const wal = member.wal.slice(0, standby.wal.length + 1);
    const received = withMember(cluster, other(name), { wal });
    steps.push([`${other(name)} receives ${wal.slice(-1)}`, withMember(received, name, { confirmed: wal.length })]);
  }
  if (cluster.streams === null && member.wal.startsWith(standby.wal)) {
    const confirmed = withMember(cluster, name, { confirmed: standby.wal.length });
    steps.push([`${other(name)} streams from ${name}`, { ...confirmed, streams: name }]);
  }
  return steps;
};

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

const sketch = ({ store, streams, acknowledged, pending, left, broken, ...cluster }: Cluster): string =>
  [
    ...Object.entries(store).map(([key, { value, revision, lease }]) => `${key} ${value} ${revision} ${lease}`),
    ...names.map((name) => sketchMember(cluster[name])),
    ...pending.map(({ leader, revision, sync, config }) => `${leader} ${revision} ${sync} ${config}`),
    ...[streams, acknowledged, broken, Object.values(left).join()],
  ].join('\n');

const sketchMember = (member: Member): string => {
  const { isUp, postgres, wal, confirmed, waits, lease, isLeaseAlive, cycle } = member;
  const view =
    'view' in cycle ? `${cycle.view.leader} ${cycle.view.lease} ${Object.values(cycle.view.sync).join()}` : '';
  return [isUp, postgres, wal, confirmed, waits, lease, isLeaseAlive, cycle.at, view].join();
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
