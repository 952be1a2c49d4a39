import { spawn } from 'node:child_process';
import { SubmilliError } from '@submilli/core';
import type { Account } from '@submilli/local-postgres';
import { tellingLine } from './launch';

export type ExecOptions = {
  /** What it is for, as the subject of the error: "seeding the trading database". */
  readonly purpose: string;
  readonly account?: Account | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Called with each line it prints on standard error. */
  readonly onLine?: (line: string) => void;
};

/** Runs a program to its end and resolves with what it printed. Throws a `SubmilliError` with its most telling line. */
export const exec = (command: string, args: readonly string[], options: ExecOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const { purpose, account, env, input, signal, onLine } = options;
    const child = spawn(command, args, {
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true, // Ctrl-C reaches it through `signal`
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      ...(signal === undefined ? {} : { signal, killSignal: 'SIGTERM' as const }),
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      for (const line of text.split('\n')) if (line.trim() !== '') onLine?.(line.trim());
    });
    child.stdin.on('error', () => undefined); // it may end before it has read all; its exit code tells
    child.stdin.end(input ?? '');
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const what = cause.code === 'ENOENT' ? `${command} is not installed` : cause.message;
      reject(new SubmilliError({ what: `${purpose} failed: ${what}`, cause }));
    });
    child.on('close', (code, killedBy) => {
      if (code === 0) return resolve(out);
      const line = tellingLine(err === '' ? out : err);
      const end = killedBy ?? `exit code ${code}`;
      reject(new SubmilliError({ what: `${purpose} failed with ${end}${line === undefined ? '' : `: ${line}`}` }));
    });
  });
