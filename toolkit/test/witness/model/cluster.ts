import { type Dcs, dcsOf, readTxn } from '../../../src/witness/dcs';
import { keysOf } from '../../../src/witness/keys';
import type { Removal } from '../../../src/witness/writes';
import { apply, newRevision, put, type Store } from './etcd';

/** Two members under Patroni, their etcd and what clients were told: a state of the model. */

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

export type Name = 'A' | 'B';
export const names: readonly Name[] = ['A', 'B'];
export const other = (name: Name): Name => (name === 'A' ? 'B' : 'A');

/** What Patroni goes by: as of its last look into etcd. */
export type View = { readonly leader: string | null; readonly lease: string | null; readonly sync: Sync };
export type Sync = { readonly leader: string | null; readonly standby: string | null; readonly revision: string };

export type Cycle =
  | { readonly at: 'rest' }
  /** Has read etcd. */
  | { readonly at: 'read'; readonly view: View }
  /** Has the lock, as far as it knows. */
  | { readonly at: 'leads'; readonly view: View }
  /** Has written to /sync that no standby is synchronous, and will tell PostgreSQL. */
  | { readonly at: 'releases' }
  /** Has told PostgreSQL to wait for the standby, and will write that to /sync once it streams. */
  | { readonly at: 'binds' };

export type Member = {
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

export const keys = keysOf({ namespace: '/s/', scope: 'c', prefix: '/w/' });

export const begin = (limits: Limits): Cluster => {
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

export const syncValue = (leader: string, standby: string | null): string =>
  JSON.stringify({ leader, sync_standby: standby });

const reads = new WeakMap<Store, Dcs>();
export const readDcs = (store: Store): Dcs => {
  const known = reads.get(store) ?? dcsOf(keys, apply(store, readTxn(keys)).answer.found);
  reads.set(store, known);
  return known;
};

export const viewOf = (store: Store): View => {
  const { leader, sync } = readDcs(store);
  return {
    ...{ leader: leader?.name ?? null, lease: leader?.lease ?? null },
    sync: { leader: sync?.leader ?? null, standby: sync?.standbys[0] ?? null, revision: sync?.revision ?? '' },
  };
};

export const withMember = (cluster: Cluster, name: Name, change: Partial<Member>): Cluster => ({
  ...cluster,
  [name]: { ...cluster[name], ...change },
});

export const rest: Cycle = { at: 'rest' };

export const sketch = ({ store, streams, acknowledged, pending, left, broken, ...cluster }: Cluster): string =>
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
