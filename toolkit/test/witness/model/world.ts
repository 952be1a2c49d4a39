import { initial, type State } from '../../../src/witness/ballot';
import { type Ballot, type Dcs, dcsOf, readTxn } from '../../../src/witness/dcs';
import { keysOf } from '../../../src/witness/keys';
import type { Removal } from '../../../src/witness/writes';
import { apply, type Entry, put, type Store } from './etcd';

/** Witnesses, etcd, and a leader as far as witnesses see it: a state of the model. */

export type Limits = {
  readonly witnesses: readonly string[];
  /** Witnesses that run; the others are away for good. */
  readonly running: readonly string[];
  readonly checks: number;
  /** What anything may come in between of: reading etcd, asking the leader, voting; the latter two; or none of these. */
  readonly steps: 3 | 2 | 1;
  /** How often each may happen. */
  readonly crashes: number;
  readonly returns: number;
  readonly pauses: number;
  /** Of one witness from the leader and its standby. */
  readonly cuts: number;
  readonly standbyFailures: number;
  readonly lostAnswers: number;
  /** Somebody pauses the cluster, or asks for a switchover. */
  readonly requests: number;
};

export type Pending =
  | { readonly kind: 'vote'; readonly ballot: Ballot; readonly dcs: Dcs; readonly expired: boolean }
  | { readonly kind: 'removal'; readonly removal: Removal }
  | { readonly kind: 'retraction' };

export type Witness = {
  readonly state: State;
  readonly at:
    | { readonly step: 'idle' }
    | { readonly step: 'asking'; readonly dcs: Dcs }
    | { readonly step: 'sent'; readonly what: Pending };
  /** A request nobody waits for any more, and which etcd may still get. */
  readonly adrift: Pending | null;
  readonly wasStopped: boolean;
  readonly isCut: boolean;
  /** For the invariants, told by the world and not by the witness: how often in a row it has found this leader dead. */
  readonly saw: { readonly revision: string; readonly times: number } | null;
  /** The leader it has found dead often enough since the last pause. */
  readonly sureOf: string | null;
};

export type World = {
  readonly store: Store;
  readonly isUp: boolean;
  readonly isSilent: boolean;
  readonly isStandbyFit: boolean;
  readonly witnesses: Readonly<Record<string, Witness>>;
  readonly left: Pick<
    Limits,
    'crashes' | 'returns' | 'pauses' | 'cuts' | 'standbyFailures' | 'lostAnswers' | 'requests'
  >;
  /** Since the last pause. */
  readonly was: { readonly silent: boolean; readonly fit: boolean; readonly wellThroughout: boolean };
  readonly removals: number;
  readonly broken: string | null;
};

export const keys = keysOf({ namespace: '/s/', scope: 'c', prefix: '/w/' });
export const other = (name: string): string => (name === 'A' ? 'B' : 'A');
const FOREVER = 'patroni';

export const begin = (limits: Limits): World => {
  const { crashes, returns, pauses, cuts, standbyFailures, lostAnswers, requests } = limits;
  const idle: Witness = {
    ...{
      state: initial,
      at: { step: 'idle' as const },
      adrift: null,
      wasStopped: false,
      isCut: false,
      saw: null,
      sureOf: null,
    },
  };
  let store: Store = {};
  store = put(store, keys.config, JSON.stringify({ synchronous_mode: true, loop_wait: 1 }));
  store = crown(store, 'A');
  return {
    ...{ store, isUp: true, isSilent: false, isStandbyFit: true, removals: 0, broken: null },
    witnesses: Object.fromEntries(limits.running.map((name) => [name, idle])),
    left: { crashes, returns, pauses, cuts, standbyFailures, lostAnswers, requests },
    was: { silent: false, fit: true, wellThroughout: false },
  };
};

/** A member that won the race for the key, and has a synchronous standby. */
export const crown = (store: Store, name: string): Store =>
  put(
    put(store, keys.sync, JSON.stringify({ leader: name, sync_standby: other(name) })),
    ...([keys.leader, name, FOREVER] as const),
  );

export const withWitness = (world: World, name: string, change: Partial<Witness>): World => {
  const before = world.witnesses[name];
  if (before === undefined) throw new Error(`no witness ${name}`);
  return { ...world, witnesses: { ...world.witnesses, [name]: { ...before, ...change } } };
};

export const spend = (world: World, what: keyof World['left']): World => ({
  ...world,
  left: { ...world.left, [what]: world.left[what] - 1 },
});

/** Reading is the dearest step of all, and of the same store always yields the same. */
const reads = new WeakMap<Store, Dcs>();
export const readDcs = (store: Store): Dcs => {
  const known = reads.get(store);
  if (known !== undefined) return known;
  const dcs = dcsOf(keys, apply(store, readTxn(keys)).answer.found);
  reads.set(store, dcs);
  return dcs;
};

const flags = (...all: readonly boolean[]): string => all.map(Number).join('');

/** Witnesses are told apart by what they are at, not by their names: so they come first, in an order of their own. */
export const sketch = ({ store, witnesses, left, was, broken, ...world }: World): string =>
  [
    ...Object.entries(witnesses)
      .map(([name, witness]) => `${name} ${sketchWitness(witness)} ${sketchEntry(store[keys.votes + name])}`)
      .map((text) => [text.replaceAll(/[rw]\d+/g, ''), text] as const)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([, text]) => text),
    ...Object.entries(store).flatMap(([key, entry]) =>
      key.startsWith(keys.votes) ? [] : [`${key} ${entry.value} ${sketchEntry(entry)}`],
    ),
    flags(world.isUp, world.isSilent, world.isStandbyFit, was.silent, was.fit, was.wellThroughout),
    Object.values(left).join(),
    broken,
  ].join('\n');

/** What a vote is about, for whoever reads it. */
const sketchEntry = (entry: Entry | undefined): string =>
  entry === undefined ? 'none' : `${/"revision":"(r\d+)"/.exec(entry.value)?.[1]} @${entry.revision} ${entry.lease}`;

const sketchWitness = ({ state, at, adrift, wasStopped, isCut, saw, sureOf }: Witness): string => {
  const { suspect, votes, hasVoted } = state;
  return [
    flags(hasVoted, wasStopped, isCut),
    `${saw?.revision}x${saw?.times}`,
    sureOf,
    suspect === null ? '' : `${suspect.leader}@${suspect.revision}x${suspect.checks}`,
    votes === null ? null : Object.entries(votes).map(([name, { own, age }]) => `${name}@${own}+${age}`),
    at.step === 'asking' ? sketchDcs(at.dcs) : at.step === 'sent' ? sketchPending(at.what) : '',
    adrift === null ? '' : sketchPending(adrift),
  ].join('|');
};

const sketchPending = (what: Pending): string => {
  if (what.kind === 'retraction') return 'retraction';
  if (what.kind === 'removal') return JSON.stringify(what.removal);
  const { config, sync, failover } = what.dcs; // all that counting needs of it
  return `vote ${what.ballot.revision} ${what.expired} ${[config, sync, failover].map((key) => key?.revision).join()}`;
};

const sketchDcs = ({ leader, config, sync, failover, votes, removed }: Dcs): string =>
  [
    `${leader?.name}@${leader?.revision}`,
    `${config?.paused}@${config?.revision}`,
    `${sync?.leader}@${sync?.revision}`,
    `${failover?.pending}@${failover?.revision}`,
    removed,
    ...votes.map(({ witness, own, revision }) => `${witness}@${own} of ${revision}`),
  ].join();
