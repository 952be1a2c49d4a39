import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forPeople, SubmilliError } from '@submilli/core';
import { topologyOfStack, type Topology } from '../drill/topology';
import { askSupervisor } from '../stack/control';
import { layoutOf, submilliBin, type Layout } from '../stack/layout';
import { readState } from '../stack/state';

/** The stack that is soaked: one of its own, that is taken down whatever happens. */
export type Subject = {
  readonly layout: Layout;
  readonly topology: Topology;
  readonly start: (service: string) => Promise<void>;
  readonly stop: (service: string) => Promise<void>;
};

/** Where the unprivileged services can reach it. */
export const temporaryFolder = (): string => {
  const parent = mkdtempSync(join(tmpdir(), 'submilli-soak-'));
  chmodSync(parent, 0o755);
  return parent;
};

/** Runs the `submilli` command; an abort asks it to stop in good order, and is waited for. */
const submilli = (args: readonly string[], signal: AbortSignal | undefined, say: (line: string) => void) =>
  new Promise<void>((resolve, reject) => {
    // In a session of its own: Ctrl-C is for us, who then say what is to be stopped, and when.
    const child = spawn(process.execPath, [submilliBin, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let said = '';
    for (const out of [child.stdout, child.stderr]) {
      out.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-4000);
        for (const line of text.split('\n')) if (line.trim() !== '') say(line);
      });
    }
    const interrupt = (): void => void child.kill('SIGTERM');
    signal?.addEventListener('abort', interrupt, { once: true });
    if (signal?.aborted === true) interrupt();
    child.once('error', reject);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', interrupt);
      if (code === 0) resolve();
      else
        reject(
          new SubmilliError({ what: `submilli ${args.slice(0, 2).join(' ')} ended with ${code}: ${said.trim()}` }),
        );
    });
  });

export type UpOptions = { readonly state: string; readonly rate: number; readonly processes: 1 | 4 };

export const bringUp = async (
  { state, rate, processes }: UpOptions,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Subject> => {
  const args = ['--state', state, '--rate', String(rate), '--processes', String(processes), '--no-preview'];
  await submilli(['stack', 'up', '--detach', '--yes', ...args], signal, say);
  const layout = layoutOf(state);
  const tell = (command: 'start' | 'stop') => async (name: string) => {
    const running = readState(layout);
    if (running === undefined) throw new SubmilliError({ what: 'the stack is gone', where: state });
    await askSupervisor(running.socket, { command, name });
  };
  const [start, stop] = [tell('start'), tell('stop')];
  return { layout, topology: topologyOfStack(layout, start), start, stop };
};

/** Also of a stack that never came up, or whose supervisor was killed. */
export const takeDown = async (state: string, say: (line: string) => void): Promise<void> => {
  if (!existsSync(layoutOf(state).stateFile)) return;
  await submilli(['stack', 'down', '--state', state], undefined, say).catch((error: unknown) =>
    say(`the stack could not be stopped: ${forPeople(error)}; try: npx submilli stack down --state ${state}`),
  );
};
