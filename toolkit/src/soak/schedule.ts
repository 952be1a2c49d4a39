import { shuffled } from './random';
import type { SoakFault } from './faults';

/** Exporters are restarted in this share of a run; after it, they live to its end. */
const RESTARTS_SHARE = 0.3;
/** From a fault to the next, about: its hold, the way back, a look at the counters, and quiet. */
export const ROUND_SECONDS = 100;

export type Kind = Pick<SoakFault, 'kind' | 'restartsExporters'>;

/**
 * What is done next: every kind once in a random order before any is done again. Every other time, but in the first part
 * only, it is a restart of the exporters: most of a run is one long life, since a slow leak takes time to be told.
 */
export const scheduleOf = <K extends Kind>(
  kinds: readonly K[],
  random: () => number,
): ((share: number) => K | undefined) => {
  const restarts = roundOf(
    kinds.filter(({ restartsExporters }) => restartsExporters),
    random,
  );
  const others = roundOf(
    kinds.filter(({ restartsExporters }) => !restartsExporters),
    random,
  );
  let turn = 0;
  return (share) => {
    turn += 1;
    const restart = share < RESTARTS_SHARE && turn % 2 === 1 ? restarts() : undefined;
    return restart ?? others() ?? (share < RESTARTS_SHARE ? restarts() : undefined);
  };
};

/** One after the other, in another order each round; nothing of nothing. */
const roundOf = <K>(kinds: readonly K[], random: () => number): (() => K | undefined) => {
  let queue: K[] = [];
  return () => {
    if (queue.length === 0) queue = shuffled(kinds, random);
    return queue.shift();
  };
};
