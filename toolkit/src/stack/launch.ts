import { spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync } from 'node:fs';
import { messageOf, SubmilliError } from '@submilli/core';
import { onHost } from '../hosts/enter';
import type { NetworkRecord } from '../hosts/record';
import type { Layout } from './layout';
import { processWith, type ProcessId } from './procs';
import type { Service } from './service';

/** How a process ended, in words: "exit code 1", "SIGKILL". */
export type End = { readonly words: string; readonly clean: boolean };

export type Launched = {
  readonly process: ProcessId;
  readonly ended: Promise<End>;
  /** The line of its log since this start that tells most; undefined if it said nothing. */
  readonly tellingLine: () => string | undefined;
};

/** The search path of every service: what it names must be in the system's own directories. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Starts a service's process. Throws a `SubmilliError` naming the program when it can't be started. */
export const launch = async (service: Service, layout: Layout, network: NetworkRecord | null): Promise<Launched> => {
  const logFile = layout.logOf(service.name);
  const log = openSync(logFile, 'a', 0o640);
  const offset = fstatSync(log).size;
  const { account, host } = service;
  // Entering a host takes root; there it becomes the account's.
  const { command, args } = host === undefined ? service : onHost(network, host, service, account);
  const as = host === undefined && account !== undefined ? { uid: account.uid, gid: account.gid } : {};
  const child = spawn(command, args, {
    cwd: service.cwd ?? layout.state,
    env: { PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC', HOME: layout.state, ...service.env },
    stdio: ['ignore', log, log],
    detached: true, // a session of its own: Ctrl-C on our terminal is for the supervisor, which stops all in order
    ...as,
  });
  closeSync(log);
  const ended = new Promise<End>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve({ words: signal ?? `exit code ${code}`, clean: code === 0 && signal === null }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error: NodeJS.ErrnoException) => reject(cannotStart(service, error)));
  });
  const pid = child.pid ?? 0;
  return {
    process: processWith(pid) ?? { pid, startTime: 'ended at once' },
    ended,
    tellingLine: () => tellingLine(readFrom(logFile, offset)),
  };
};

const cannotStart = (service: Service, error: NodeJS.ErrnoException): SubmilliError =>
  new SubmilliError({
    what: error.code === 'ENOENT' ? `${service.command} is not installed` : `can't start: ${messageOf(error)}`,
    where: service.name,
    hint: error.code === 'ENOENT' ? 'Run `npx submilli packages --for stack`.' : `Command: ${service.command}`,
    cause: error,
  });

const LOOK_BACK = 64 * 1024;

/** The end of a file from `offset` on, at most the last 64 KiB. */
const readFrom = (path: string, offset: number): string => {
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const from = Math.max(Math.min(offset, size), size - LOOK_BACK);
    const buffer = Buffer.alloc(size - from);
    readSync(file, buffer, 0, buffer.length, from);
    return buffer.toString();
  } finally {
    closeSync(file);
  }
};

const WORST = /\b(fatal|panic|no space left|address already in use|permission denied|cannot allocate)\b/i;
const BAD = /\b(error|failed|critical|denied|refused|invalid|unable)\b/i;

/** The line of a log that says most about a failure: the last of the worst kind there, else the last line. */
export const tellingLine = (log: string): string | undefined => {
  const lines = log.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  const line = lines.findLast((l) => WORST.test(l)) ?? lines.findLast((l) => BAD.test(l)) ?? lines.at(-1);
  return line === undefined || line.length <= 400 ? line : `${line.slice(0, 400)}…`;
};

/** Sets the last run's log aside as NAME.log.1, so that a log is of one run and two runs are the most that is kept. */
export const setLogAside = (path: string): void => {
  if (existsSync(path)) renameSync(path, `${path}.1`);
};
