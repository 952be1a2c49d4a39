import { consider, count, forget, initial, type Rules, type State } from '../../../src/witness/ballot';
import { type Ballot, type Dcs, dcsOf, readTxn, votesOf } from '../../../src/witness/dcs';
import type { TxnAnswer } from '../../../src/witness/etcd/txn';
import { keysOf } from '../../../src/witness/keys';
import type { Look } from '../../../src/witness/look';
import { type Removal, removalTxn, retractTxn, voteTxn } from '../../../src/witness/writes';
import { apply, type Entry, put, type Store, without } from './etcd';
import type { Happening, System } from './explore';

/**
 * Witnesses, as they are, around an etcd and a leader that may do anything: die, fall silent, come back at any moment,
 * be replaced, be unreachable for some. Requests are late, lost, or done without an answer. A `pause` is a time longer
 * than any vote's lease in which nobody gets to do anything: whoever goes on afterwards was stopped in mid-step.
 */

/** What is under test. The tests break one part at a time, to see that the checker notices. */
export const protocol = { consider, count, voteTxn, removalTxn, noticesPauses: true, votesExpire: true };
export type Protocol = typeof protocol;

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

type Pending =
  | { readonly kind: 'vote'; readonly ballot: Ballot; readonly dcs: Dcs; readonly expired: boolean }
  | { readonly kind: 'removal'; readonly removal: Removal }
  | { readonly kind: 'retraction' };

type Witness = {
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

const keys = keysOf({ namespace: '/s/', scope: 'c', prefix: '/w/' });
const other = (name: string): string => (name === 'A' ? 'B' : 'A');
const SILENT = { granted: 20, remaining: 10 };
const RENEWED = { granted: 20, remaining: 20 };
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
const crown = (store: Store, name: string): Store =>
  put(
    put(store, keys.sync, JSON.stringify({ leader: name, sync_standby: other(name) })),
    ...([keys.leader, name, FOREVER] as const),
  );

export const witnessSystem = (limits: Limits, used: Protocol = protocol): System<World> => ({
  initial: begin(limits),
  next: (world) => [...limits.running.flatMap((name) => stepsOf(world, name, limits, used)), ...eventsOf(world, used)],
  broken: ({ broken }) => broken ?? undefined,
  sketch,
});

const flags = (...all: readonly boolean[]): string => all.map(Number).join('');

/** Witnesses are told apart by what they are at, not by their names: so they come first, in an order of their own. */
const sketch = ({ store, witnesses, left, was, broken, ...world }: World): string =>
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

const rulesOf = (name: string, { witnesses, checks }: Limits): Rules => ({ name, witnesses, checks });

const withWitness = (world: World, name: string, change: Partial<Witness>): World => {
  const before = world.witnesses[name];
  if (before === undefined) throw new Error(`no witness ${name}`);
  return { ...world, witnesses: { ...world.witnesses, [name]: { ...before, ...change } } };
};

/** What one witness may do next. */
export const stepsOf = (world: World, name: string, limits: Limits, used: Protocol): Happening<World>[] => {
  const witness = world.witnesses[name];
  if (witness === undefined) return [];
  const steps: Happening<World>[] = [];
  if (witness.at.step === 'idle') {
    const dcs = readDcs(world.store);
    steps.push(
      limits.steps === 3
        ? [`${name} reads etcd`, withWitness(world, name, { at: { step: 'asking', dcs } })]
        : [`${name} looks`, look(world, name, dcs, limits, used)],
    );
  }
  if (witness.at.step === 'asking') {
    steps.push([`${name} asks the leader`, look(world, name, witness.at.dcs, limits, used)]);
  }
  if (witness.at.step === 'sent') {
    const { what } = witness.at;
    steps.push([`etcd does the ${what.kind} of ${name}`, finish(world, name, what, limits, used)]);
    if (world.left.lostAnswers > 0 && witness.adrift === null) {
      const change = { at: { step: 'idle' as const }, adrift: what, state: forget(witness.state) };
      steps.push([
        `${name} waits no longer for its ${what.kind}`,
        spend(withWitness(world, name, change), 'lostAnswers'),
      ]);
    }
  }
  if (witness.adrift !== null) {
    const { kind } = witness.adrift;
    const { world: after } = execute(world, name, witness.adrift, limits, used);
    steps.push([`etcd does a late ${kind} of ${name}`, withWitness(after, name, { adrift: null })]);
    steps.push([`a late ${kind} of ${name} is lost`, withWitness(world, name, { adrift: null })]);
  }
  return steps;
};

const spend = (world: World, what: keyof World['left']): World => ({
  ...world,
  left: { ...world.left, [what]: world.left[what] - 1 },
});

/** Reading is the dearest step of all, and of the same store always yields the same. */
const reads = new WeakMap<Store, Dcs>();
const readDcs = (store: Store): Dcs => {
  const known = reads.get(store);
  if (known !== undefined) return known;
  const dcs = dcsOf(keys, apply(store, readTxn(keys)).answer.found);
  reads.set(store, dcs);
  return dcs;
};

const look = (world: World, name: string, dcs: Dcs, limits: Limits, used: Protocol): World => {
  const witness = world.witnesses[name];
  if (witness === undefined) return world;
  const isDead = !world.isUp || witness.isCut;
  const health = { is: isDead ? ('dead' as const) : ('alive' as const), why: '' };
  const seen: Look = {
    blind: witness.wasStopped && used.noticesPauses ? 'it stood still' : null,
    dcs,
    ...{ postgres: health, patroni: health },
    lease: world.isSilent ? SILENT : RENEWED,
    standbys: (dcs.sync?.standbys ?? []).map((standby) => ({
      name: standby,
      unfit: world.isStandbyFit && !witness.isCut ? null : 'down',
    })),
  };
  const { state, next } = used.consider(witness.state, seen, rulesOf(name, limits));
  const what: Pending | null =
    next.do === 'vote'
      ? { kind: 'vote', ballot: next.ballot, dcs, expired: false }
      : next.do === 'retract'
        ? { kind: 'retraction' }
        : null;
  const saw = isDead && !witness.wasStopped ? sawAgain(witness.saw, dcs, limits) : null;
  const after = withWitness(world, name, {
    ...{ state, wasStopped: false, saw },
    at: what === null ? { step: 'idle' } : { step: 'sent', what },
    sureOf: saw !== null && saw.times >= limits.checks ? saw.revision : witness.sureOf,
  });
  return limits.steps === 1 && what !== null ? finish(after, name, what, limits, used) : after;
};

const sawAgain = (before: Witness['saw'], { leader }: Dcs, { checks }: Limits): Witness['saw'] => {
  if (leader === null) return null;
  const times = before?.revision === leader.revision ? Math.min(before.times + 1, checks) : 1;
  return { revision: leader.revision, times };
};

/** etcd does what a witness waits for, and the witness goes on with the answer. */
const finish = (world: World, name: string, what: Pending, limits: Limits, used: Protocol): World => {
  const { world: after, answer } = execute(world, name, what, limits, used);
  const witness = after.witnesses[name];
  if (witness === undefined) return after;
  const idle = { step: 'idle' as const };
  if (what.kind !== 'vote') return withWitness(after, name, { at: idle });
  if (!answer.succeeded) return withWitness(after, name, { at: idle, state: forget(witness.state) });
  const votes = votesOf(keys, answer.found);
  const { state, removal } = used.count(witness.state, votes, what.ballot, what.dcs, rulesOf(name, limits));
  return withWitness(after, name, {
    state,
    at: removal === null ? idle : { step: 'sent', what: { kind: 'removal', removal } },
  });
};

const REFUSED: TxnAnswer = { succeeded: false, found: [] };

const execute = (world: World, name: string, what: Pending, limits: Limits, used: Protocol) => {
  switch (what.kind) {
    case 'vote': {
      if (what.expired) return { world, answer: REFUSED }; // etcd knows no such lease
      const by = { witness: name, witnesses: limits.witnesses, since: '', lease: 'vote' };
      const { store, answer } = apply(world.store, used.voteTxn(keys, what.ballot, by));
      return { world: { ...world, store }, answer };
    }
    case 'retraction': {
      const { store, answer } = apply(world.store, retractTxn(keys, name));
      return { world: { ...world, store }, answer };
    }
    case 'removal': {
      const { store, answer } = apply(
        world.store,
        used.removalTxn(keys, what.removal, { witness: name, lease: 'rest' }),
      );
      if (!answer.succeeded) return { world, answer };
      const broken = world.broken ?? whyWrong(world, what.removal, limits);
      return { world: { ...world, store, broken, removals: world.removals + 1 }, answer };
    }
  }
};

/** What must hold at the moment a key is removed, whatever the witnesses believe. */
const whyWrong = (world: World, removal: Removal, limits: Limits): string | null => {
  const { leader, config, failover } = readDcs(world.store);
  if (leader?.name !== removal.leader || leader.revision !== removal.revision) {
    return 'the key of another leader than the one voted about is removed';
  }
  const sure = Object.values(world.witnesses).filter(({ sureOf }) => sureOf === leader.revision);
  if (world.was.wellThroughout) return 'a leader is removed that has been well for longer than any vote lives';
  if (sure.length * 2 < limits.witnesses.length) return 'a leader is removed by a minority';
  if (!world.was.silent) return 'a leader is removed that has renewed its lease all the time';
  if (!world.was.fit) return 'a leader is removed that no standby can take over from';
  if (config?.paused !== false || failover?.pending === true) return 'a leader is removed against somebody’s wish';
  return null;
};

/** What may happen around the witnesses. */
const eventsOf = (world: World, used: Protocol): Happening<World>[] => {
  const { left, store } = world;
  const { leader, sync } = readDcs(store);
  const events: Happening<World>[] = [];
  const may = (when: boolean, what: string, after: () => World): void => {
    if (when) events.push([what, after()]);
  };
  may(world.isUp && leader !== null && left.crashes > 0, 'the leader dies', () =>
    spend({ ...world, isUp: false, was: { ...world.was, wellThroughout: false } }, 'crashes'),
  );
  may(!world.isUp && !world.isSilent, 'its lease is not renewed', () => ({
    ...world,
    isSilent: true,
    was: { ...world.was, silent: true },
  }));
  may(!world.isUp && leader !== null && left.returns > 0, 'the leader comes back', () =>
    spend({ ...world, isUp: true, isSilent: false }, 'returns'),
  );
  may(leader === null, 'the standby becomes the leader', () => ({
    ...world,
    store: crown(store, other(sync?.leader ?? 'A')),
    ...{ isUp: true, isSilent: false, was: { ...world.was, wellThroughout: false } },
  }));
  may(world.isStandbyFit && left.standbyFailures > 0, 'the standby dies', () =>
    spend({ ...world, isStandbyFit: false }, 'standbyFailures'),
  );
  may(!world.isStandbyFit, 'the standby is back', () => ({
    ...world,
    isStandbyFit: true,
    was: { ...world.was, fit: true },
  }));
  may(left.requests > 0, 'the cluster is paused', () =>
    spend(
      { ...world, store: put(store, keys.config, JSON.stringify({ synchronous_mode: true, pause: true })) },
      'requests',
    ),
  );
  may(left.requests > 0, 'a switchover is requested', () =>
    spend({ ...world, store: put(store, keys.failover, JSON.stringify({ leader: 'A' })) }, 'requests'),
  );
  for (const [name, { isCut }] of Object.entries(world.witnesses)) {
    may(!isCut && left.cuts > 0, `${name} is cut off from the leader`, () =>
      spend(withWitness(world, name, { isCut: true }), 'cuts'),
    );
  }
  may(left.pauses > 0, 'everybody stands still', () => spend(pause(world, used), 'pauses'));
  return events;
};

const pause = (world: World, used: Protocol): World => ({
  ...world,
  store: used.votesExpire ? without(world.store, (_, { lease }) => lease === 'vote' || lease === 'rest') : world.store,
  witnesses: Object.fromEntries(
    Object.entries(world.witnesses).map(([name, witness]) => [
      name,
      {
        ...witness,
        wasStopped: true,
        ...{ saw: null, sureOf: null },
        adrift: witness.adrift === null ? null : used.votesExpire ? expired(witness.adrift) : witness.adrift,
        at:
          witness.at.step === 'sent' && used.votesExpire
            ? { step: 'sent', what: expired(witness.at.what) }
            : witness.at,
      },
    ]),
  ),
  was: { silent: world.isSilent, fit: world.isStandbyFit, wellThroughout: world.isUp },
});

const expired = (what: Pending): Pending => (what.kind === 'vote' ? { ...what, expired: true } : what);

/**
 * From here on the leader is dead for good, nothing else goes wrong, and the witnesses look in turn: how many looks of
 * each until its key is removed. Undefined when there is nothing to remove, or somebody wishes that it is not.
 */
export const looksUntilRemoved = (world: World, limits: Limits, used: Protocol = protocol): number | undefined => {
  const { leader, config, failover } = readDcs(world.store);
  if (leader === null || config?.paused !== false || failover !== null) return undefined;
  const whole = Object.entries(world.witnesses).map(([name, one]) => [name, { ...one, isCut: false, adrift: null }]);
  let now: World = {
    ...{ ...world, isUp: false, isSilent: true, isStandbyFit: true },
    witnesses: Object.fromEntries(whole) as World['witnesses'],
    store: without(world.store, (key) => key === keys.removed),
    was: { silent: true, fit: true, wellThroughout: false },
  };
  for (let looks = 1; looks <= 10; looks += 1) {
    for (const name of limits.running) {
      do now = stepsOf(now, name, limits, used)[0]?.[1] ?? now;
      while (now.witnesses[name]?.at.step !== 'idle');
    }
    if (readDcs(now.store).leader === null) return looks;
  }
  return Infinity;
};
