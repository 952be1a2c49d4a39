import { put, without } from './etcd';
import type { Happening, System } from './explore';
import { type Protocol, protocol, stepsOf } from './witness-steps';
import {
  begin,
  crown,
  keys,
  type Limits,
  other,
  type Pending,
  readDcs,
  sketch,
  spend,
  withWitness,
  type World,
} from './world';

/**
 * Witnesses, as they are, around an etcd and a leader that may do anything: die, fall silent, come back at any moment,
 * be replaced, be unreachable for some. Requests are late, lost, or done without an answer. A `pause` is a time longer
 * than any vote's lease in which nobody gets to do anything: whoever goes on afterwards was stopped in mid-step.
 */

export const witnessSystem = (limits: Limits, used: Protocol = protocol): System<World> => ({
  initial: begin(limits),
  next: (world) => [...limits.running.flatMap((name) => stepsOf(world, name, limits, used)), ...eventsOf(world, used)],
  broken: ({ broken }) => broken ?? undefined,
  sketch,
});

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
