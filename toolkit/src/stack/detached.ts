import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { messageOf, SubmilliError } from '@submilli/core';
import type { Emit, StackEvent } from './events';
import { layoutOf, submilliBin } from './layout';
import { makeProgress } from './progress';
import { setLogAside } from './launch';

/** What a detached supervisor sends to the command that started it. */
type Message =
  { readonly event: StackEvent } | { readonly error: { readonly message: string; readonly hint?: string } };

/**
 * Starts a supervisor in a session of its own and shows its progress. Resolves when the stack is up; rejects with the
 * reason when it could not be brought up, after everything is stopped again.
 */
export const startDetached = async (state: string, args: readonly string[], emit: Emit): Promise<void> => {
  const layout = layoutOf(state);
  mkdirSync(layout.logs, { recursive: true });
  setLogAside(layout.logOf('stack'));
  const log = openSync(layout.logOf('stack'), 'a', 0o640);
  const child = spawn(process.execPath, [submilliBin, 'stack', 'up', ...args, '--supervise'], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const interrupt = (): boolean => child.kill('SIGINT');
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message: Message) => {
        if ('error' in message) reject(new SubmilliError({ what: message.error.message, ...hintOf(message.error) }));
        else {
          emit(message.event);
          if (message.event.kind === 'up') resolve();
        }
      });
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        reject(
          new SubmilliError({
            what: `the stack ended (${signal ?? `exit code ${code}`})`,
            hint: `Its log: ${layout.logOf('stack')}`,
          }),
        ),
      );
    });
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
};

const hintOf = ({ hint }: { readonly hint?: string }): { hint?: string } => (hint === undefined ? {} : { hint });

/** The detached side: events go to who started it while it listens, and to the log. */
export const eventsToParent = (): { readonly emit: Emit; readonly failed: (error: unknown) => void } => {
  const show = makeProgress(process.stdout);
  const send = (message: Message): void => {
    if (process.connected) process.send?.(message, () => undefined);
  };
  process.on('disconnect', () => undefined);
  // Its log may be on a disk that is full: what can't be written there is lost, and nothing ends for it.
  for (const out of [process.stdout, process.stderr]) out.on('error', () => undefined);
  return {
    emit: (event) => {
      show(event);
      send({ event });
    },
    failed: (error) =>
      send({
        error: {
          message: messageOf(error),
          ...(error instanceof SubmilliError && error.hint !== undefined ? { hint: error.hint } : {}),
        },
      }),
  };
};
