import { endNetwork } from '../hosts/build';
import { endProcess } from './procs';
import { removeState, type StackState } from './state';
import type { Layout } from './layout';

/**
 * Stops what a supervisor that was killed has left running, in reverse order of its start. Only processes that are
 * still the recorded ones are touched: a pid that was given to another program since has another start time.
 */
export const stopLeftovers = async (layout: Layout, state: StackState): Promise<void> => {
  for (const { process, stopSignal, stopSeconds, dataDir } of state.services.toReversed()) {
    const target = process ?? { pid: 0, startTime: 'none' };
    await endProcess({
      ...target,
      stopSignal: stopSignal as NodeJS.Signals,
      stopSeconds,
      dataDir: dataDir ?? undefined,
    });
  }
  if (state.network !== null) await endNetwork(state.network);
  removeState(layout);
};
