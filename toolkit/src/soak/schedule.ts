import { shuffled } from './random';
import type { SoakFault } from './faults';

/** Exporters are restarted in this share of a run; after it, they live to its end. */
const RESTARTS_SHARE = 0.3;
/** From a fault to the next, about: its hold, the way back, a look at the counters, and quiet. */
export const ROUND_SECONDS = 100;

export type Kind = Pick<SoakFault, 'kind' | 'restartsExporters'>;

/**
 * What is done next: every kind once in a random order before any is done again. Restarts of the exporters come first
 * and only in the first part, so that most of a run is one long life: a slow leak takes time to be told.
 */
export const scheduleOf = <K extends Kind>(
  kinds: readonly K[],
  random: () => number,
): ((share: number) => K | undefined) => {
  let queue: K[] = [];
  return (share) => {
    const possible = kinds.filter(({ restartsExporters }) => !restartsExporters || share < RESTARTS_SHARE);
    if (possible.length === 0) return undefined;
    queue = queue.filter((kind) => possible.includes(kind));
    if (queue.length === 0) {
      const all = shuffled(possible, random);
      queue = [...all.filter((kind) => kind.restartsExporters), ...all.filter((kind) => !kind.restartsExporters)];
    }
    return queue.shift();
  };
};
