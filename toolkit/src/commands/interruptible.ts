import { forPeople } from '@submilli/core';
import { makeProgress } from '../stack/progress';

const INTERRUPTED = 130;

class Interrupted extends Error {}

/**
 * Does something that takes its time: shows on standard error what it is at, ends at Ctrl-C, and answers the exit status
 * (`failed` where it throws). What comes of it is printed by `print`, below the last line of what it is at.
 */
export const interruptible = async (
  title: string,
  failed: number,
  work: (signal: AbortSignal, say: (what: string) => void, print: (text: string) => void) => Promise<number>,
): Promise<number> => {
  const calledOff = new AbortController();
  const stop = (): void => calledOff.abort(new Interrupted());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  const emit = makeProgress(process.stderr);
  emit({ kind: 'begin', index: 1, total: 1, title });
  try {
    const say = (detail: string): void => emit({ kind: 'say', detail });
    const status = await work(calledOff.signal, say, (text) => {
      emit({ kind: 'done' });
      process.stdout.write(text);
    });
    emit({ kind: 'done' });
    return status;
  } catch (error) {
    emit({ kind: 'failed', message: '', hint: undefined });
    if (calledOff.signal.aborted) {
      console.error('submilli: interrupted; nothing was written');
      return INTERRUPTED;
    }
    console.error(`submilli: ${forPeople(error)}`);
    return failed;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  }
};
