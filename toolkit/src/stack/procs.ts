import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that can be told from a later one with the same number. `startTime` is opaque: only compare it. */
export type ProcessId = { readonly pid: number; readonly startTime: string };

const hasProc = existsSync('/proc/self/stat');

/** Start time and whether it is a zombie, out of a `/proc/PID/stat` line. The name in parentheses may hold anything. */
export const parseStat = (text: string): { startTime: string; zombie: boolean } => {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { zombie: fields[0] === 'Z' || fields[0] === 'X', startTime: fields[19] ?? '' };
};

const fromPs = (pid: number): string | undefined => {
  const { stdout } = spawnSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const text = stdout.trim();
  return text === '' || text.startsWith('Z') ? undefined : text.replace(/^\S+\s+/, '');
};

/** What identifies the process with this number now; undefined if there is none (a zombie is none). */
export const processWith = (pid: number): ProcessId | undefined => {
  if (!hasProc) {
    const startTime = fromPs(pid);
    return startTime === undefined ? undefined : { pid, startTime };
  }
  try {
    const { startTime, zombie } = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return zombie ? undefined : { pid, startTime };
  } catch {
    return undefined;
  }
};

export const isAlive = ({ pid, startTime }: ProcessId): boolean => processWith(pid)?.startTime === startTime;

/** The command line of a process as one line, as far as we may read it. */
export const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
};

/** Signals a process, or with `group` the whole group it leads; one that is gone already is fine. */
export const send = (pid: number, signal: NodeJS.Signals, group = false): void => {
  try {
    process.kill(group ? -pid : pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Waits until the process is gone; false when `seconds` pass or `hurry` fires first. */
export const untilGone = async (id: ProcessId, seconds: number, hurry?: AbortSignal): Promise<boolean> => {
  const deadline = Date.now() + seconds * 1000;
  while (isAlive(id)) {
    if (Date.now() > deadline || hurry?.aborted === true) return false;
    await sleep(25);
  }
  return true;
};

/** The postmaster that runs on a data directory now, whoever started it: its pid file, believed only if it works there. */
export const postmasterOf = (dataDir: string): ProcessId | undefined => {
  try {
    const pid = Number(readFileSync(`${dataDir}/postmaster.pid`, 'utf8').split('\n')[0]);
    if (!Number.isInteger(pid) || pid <= 1) return undefined;
    if (hasProc && !isSameFolder(`/proc/${pid}/cwd`, dataDir)) return undefined;
    return processWith(pid);
  } catch {
    return undefined;
  }
};

/** By what they are, not by their paths: a host may see the folder under another. */
const isSameFolder = (one: string, other: string): boolean => {
  const [a, b] = [statSync(one), statSync(other)];
  return a.dev === b.dev && a.ino === b.ino;
};

export type Stopping = ProcessId & {
  readonly stopSignal: NodeJS.Signals;
  readonly stopSeconds: number;
  readonly dataDir?: string | undefined;
};

/** Ends a service's process, then a postmaster it left behind: politely first, not politely when patience or `hurry` ends. */
export const endProcess = async (target: Stopping, hurry?: AbortSignal): Promise<void> => {
  if (isAlive(target)) {
    send(target.pid, target.stopSignal);
    if (!(await untilGone(target, target.stopSeconds, hurry))) {
      send(target.pid, 'SIGKILL', true);
      await untilGone(target, 5);
    }
  }
  if (target.dataDir !== undefined) await endPostmaster(target.dataDir, hurry);
};

/** Fast shutdown, then immediate, then SIGKILL. */
export const endPostmaster = async (dataDir: string, hurry?: AbortSignal): Promise<void> => {
  const postmaster = postmasterOf(dataDir);
  if (postmaster === undefined) return;
  const tries: readonly [NodeJS.Signals, number, AbortSignal | undefined][] = [
    ['SIGINT', 8, hurry],
    ['SIGQUIT', 5, undefined],
    ['SIGKILL', 5, undefined],
  ];
  for (const [signal, seconds, until] of tries) {
    send(postmaster.pid, signal);
    if (await untilGone(postmaster, seconds, until)) return;
  }
};
