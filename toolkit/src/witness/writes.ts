import type { Ballot } from './dcs';
import type { Txn } from './etcd/txn';
import type { Keys } from './keys';

/** The three things a witness ever writes. All of them are transactions, so that etcd decides, at one moment. */

/** Gives a vote, only while the leader key is still the one it is about, and reads all votes at that moment. */
export const voteTxn = (
  keys: Keys,
  { leader, revision, checks }: Ballot,
  by: {
    readonly witness: string;
    readonly witnesses: readonly string[];
    readonly since: string;
    readonly lease: string;
  },
): Txn => ({
  compare: isStill(keys, { leader, revision }),
  then: [
    {
      op: 'put',
      key: keys.votes + by.witness,
      value: JSON.stringify({ leader, revision, checks, witnesses: by.witnesses, since: by.since }),
      lease: by.lease,
    },
    { op: 'getAll', prefix: keys.votes },
  ],
});

export const retractTxn = (keys: Keys, witness: string): Txn => ({
  compare: [],
  then: [{ op: 'remove', key: keys.votes + witness }],
});

/** Everything a removal was decided on. If any of it has changed when etcd gets to it, nothing is removed. */
export type Removal = {
  readonly leader: string;
  readonly revision: string;
  /** Modification revisions of Patroni's keys; null where there was none. */
  readonly config: string;
  readonly sync: string;
  readonly failover: string | null;
  /** The majority, each vote exactly as it was counted. */
  readonly votes: readonly { readonly witness: string; readonly own: string }[];
};

/**
 * Removes the leader key.
 *
 * It also writes /sync anew with the value it has. An old leader that hangs somewhere between reading etcd and acting on
 * it holds the former revision of /sync: its own compare-and-swap to do without its standby then fails, however late it
 * comes, and so it can't begin to acknowledge commits that the standby, about to be promoted, doesn't have.
 */
export const removalTxn = (
  keys: Keys,
  removal: Removal,
  by: { readonly witness: string; readonly lease: string },
): Txn => ({
  compare: [
    ...isStill(keys, removal),
    { is: 'revision', key: keys.config, revision: removal.config },
    { is: 'revision', key: keys.sync, revision: removal.sync },
    removal.failover === null
      ? { is: 'absent', key: keys.failover }
      : { is: 'revision', key: keys.failover, revision: removal.failover },
    { is: 'absent', key: keys.removed },
    ...removal.votes.map(({ witness, own }) => ({ is: 'revision' as const, key: keys.votes + witness, revision: own })),
  ],
  then: [
    { op: 'touch', key: keys.sync },
    { op: 'remove', key: keys.leader },
    { op: 'put', key: keys.removed, value: by.witness, lease: by.lease },
  ],
});

const isStill = (keys: Keys, { leader, revision }: Pick<Ballot, 'leader' | 'revision'>): Txn['compare'] => [
  { is: 'revision', key: keys.leader, revision },
  { is: 'value', key: keys.leader, value: leader },
];
