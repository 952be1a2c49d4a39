import { setTimeout } from 'node:timers/promises';
import { messageOf } from '@submilli/core';
import type { Journal } from './journal';
import { inOrder, inverse, type Step } from './step';

/** Does one step, or finds it done: whoever was killed at it does it again. Resolves with what there is to say of it. */
export type Do = (step: Step, direction: 'forward' | 'back') => Promise<string | undefined>;

export type Running = {
  readonly journal: Journal;
  readonly act: Do;
  readonly onStep: (step: Step, index: number, total: number) => void;
  readonly onDone: (detail: string | undefined) => void;
};

/** What is left to do, in order. `signal` is looked at between steps: none is left half done on purpose. */
export const runForward = async (running: Running, signal: AbortSignal): Promise<void> => {
  const { journal, act, onStep, onDone } = running;
  const { begin, done } = journal.progress();
  for (const [i, one] of begin.steps.entries()) {
    if (done.has(i)) continue;
    signal.throwIfAborted();
    onStep(one, i + 1, begin.steps.length);
    journal.write({ entry: 'doing', step: i });
    const detail = await act(one, 'forward');
    journal.write({ entry: 'done', step: i, detail: detail ?? null });
    onDone(detail);
  }
};

/**
 * Takes back whatever was begun. A step that can't be taken back keeps none of the others from it. Resolves with what is left, and why.
 */
export const runBack = async (running: Running, why: string): Promise<string[]> => {
  const { journal, act, onStep, onDone } = running;
  if (journal.progress().turned === undefined) journal.write({ entry: 'turning back', why });
  const { begin, touched, undone } = journal.progress();
  const steps = inOrder(begin.steps.map((one, i) => ({ step: inverse(one), i })));
  const left = steps.filter(({ i }) => touched.has(i) && !undone.has(i));
  const failures: string[] = [];
  for (const [n, { step, i }] of left.entries()) {
    onStep(step, n + 1, left.length);
    journal.write({ entry: 'undoing', step: i });
    try {
      const detail = await act(step, 'back');
      journal.write({ entry: 'undone', step: i, detail: detail ?? null });
      onDone(detail);
    } catch (error) {
      failures.push(messageOf(error));
      journal.write({ entry: 'note', text: `could not be taken back: ${messageOf(error)}` });
      onDone(`FAILED: ${messageOf(error)}`);
    }
  }
  return failures;
};

const BACK_TRIES = 5;
const BACK_PAUSE_MS = 3000;

/** Again and again for a while: what harmed may also keep others from being heard. A pool that is stormed answers late. */
export const runBackPatiently = async (
  running: Running,
  why: string,
  say: (text: string) => void,
  pause: (ms: number) => Promise<unknown> = setTimeout,
): Promise<string[]> => {
  for (let tries = 1; ; tries += 1) {
    const left = await runBack(running, why);
    if (left.length === 0 || tries === BACK_TRIES) return left;
    say(`Not taken back yet, and tried again: ${left.join('; ')}`);
    await pause(BACK_PAUSE_MS);
  }
};
