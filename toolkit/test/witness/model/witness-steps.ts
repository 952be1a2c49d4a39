import { consider, count, forget, type Rules } from '../../../src/witness/ballot';
import { type Dcs, votesOf } from '../../../src/witness/dcs';
import type { TxnAnswer } from '../../../src/witness/etcd/txn';
import type { Look } from '../../../src/witness/look';
import { type Removal, removalTxn, retractTxn, voteTxn } from '../../../src/witness/writes';
import { apply } from './etcd';
import type { Happening } from './explore';
import { keys, type Limits, type Pending, readDcs, spend, type Witness, withWitness, type World } from './world';

/** What is under test. The tests break one part at a time, to see that the checker notices. */
export const protocol = { consider, count, voteTxn, removalTxn, noticesPauses: true, votesExpire: true };
export type Protocol = typeof protocol;

const SILENT = { granted: 20, remaining: 10 };
const RENEWED = { granted: 20, remaining: 20 };

const rulesOf = (name: string, { witnesses, checks }: Limits): Rules => ({ name, witnesses, checks });

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
