import { spawn } from 'node:child_process';
import { SubmilliError } from '@submilli/core';
import type { Account } from './account';

export type RunOptions = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly account?: Account | undefined;
  readonly input?: string;
  /** What the command was for, in the error if it fails. */
  readonly purpose: string;
  readonly hint?: string;
};

/** The environment of every PostgreSQL program: nothing of ours (PGHOST, LD_PRELOAD …) leaks into it. */
export const serverEnv: NodeJS.ProcessEnv = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** The spawn options that make a program run as `account`. */
export const asAccount = (account: Account | undefined): { uid?: number; gid?: number } =>
  account === undefined ? {} : { uid: account.uid, gid: account.gid };

const tail = (text: string, lines: number): string => text.trim().split('\n').slice(-lines).join('\n');

/** Runs a program to its end and returns its output; a failure carries the last lines it printed. */
export const run = (command: string, args: readonly string[], options: RunOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? '/',
      env: options.env ?? serverEnv,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...asAccount(options.account),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on('error', () => undefined); // the program may end before it reads; its exit code tells
    child.stdin.end(options.input ?? '');
    const fail = (what: string, cause?: unknown): void =>
      reject(
        new SubmilliError({
          what: `${options.purpose} failed: ${what}`,
          where: command,
          ...(options.hint === undefined ? {} : { hint: options.hint }),
          cause,
        }),
      );
    child.on('error', (error) => fail(error.message, error));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(`${stdout}${stderr}`);
      else fail(`${signal ?? `exit code ${code}`}\n${tail(stderr === '' ? stdout : stderr, 15)}`);
    });
  });
