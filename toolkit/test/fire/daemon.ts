import { type ChildProcess, spawn } from 'node:child_process';
import type { Account } from '@submilli/local-postgres';

/** A process that a test starts, hurts and starts again. */
export type Daemon = {
  readonly start: () => void;
  readonly signal: (name: NodeJS.Signals) => void;
  /** kill -9, and waits until it is gone. */
  readonly kill: () => Promise<void>;
  readonly pid: () => number;
  /** All that it has said so far, in all its lives. */
  readonly said: () => string;
};

export type DaemonOptions = {
  readonly command: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly account?: Account | undefined;
  readonly cwd?: string;
};

export const daemon = ({ command, env = {}, account, cwd = '/' }: DaemonOptions): Daemon => {
  const [program = '', ...args] = command;
  let child: ChildProcess | undefined;
  let said = '';
  return {
    start: () => {
      child = spawn(program, args, {
        ...{ cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
        ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      });
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
      }
      child.on('error', ({ message }) => (said += `${program}: ${message}\n`));
    },
    signal: (name) => void child?.kill(name),
    kill: async () => {
      const running = child;
      if (running?.exitCode !== null || running.signalCode !== null) return;
      const gone = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGKILL');
      await gone;
    },
    pid: () => child?.pid ?? 0,
    said: () => said,
  };
};
