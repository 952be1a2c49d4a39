import { SubmilliError } from '@submilli/core';
import { EXIT } from './exit';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborts at the first Ctrl-C; at the second this process ends where it is, and says how to go on. */
export const interruption = (howToGoOn: string): { readonly signal: AbortSignal; readonly off: () => void } => {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      console.error(`\nLeft as it is; the journal knows how far it got. ${howToGoOn}`);
      process.exit(EXIT.interrupted);
    }
    console.error('\nStopping: what was done is taken back. Once more leaves it as it is.');
    controller.abort(new SubmilliError({ what: 'interrupted' }));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    off: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
};
