import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The direct children of a process. A postmaster's are all its backends: they don't share its process group. */
export const childrenOf = (parent: number): number[] =>
  process.platform === 'linux' ? fromProc(parent) : fromPs(parent);

const fromProc = (parent: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => Number(statOf(pid)?.[1]) === parent);

/** State, parent and so on of a process; undefined when it is gone. */
const statOf = (pid: number): string[] | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before may hold anything
  } catch {
    return undefined;
  }
};

const fromPs = (parent: number): number[] =>
  spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .stdout.split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, ppid]) => (ppid === parent && pid !== undefined ? [pid] : []));

/** Sends a signal; a process that is gone already is fine. */
export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Signals a postmaster, then its children: the other order would let it start new ones in between. */
export const signalTree = (pid: number, name: NodeJS.Signals): void => {
  signal(pid, name);
  for (const child of childrenOf(pid)) signal(child, name);
};

/** Kills a postmaster and its children and waits until the children are gone: a new server refuses to start before. */
export const killTree = async (pid: number): Promise<void> => {
  signal(pid, 'SIGSTOP'); // it starts no more children, and they stay its children until we know them
  const children = childrenOf(pid);
  for (const process of [pid, ...children]) signal(process, 'SIGKILL');
  while (children.some(isRunning)) await sleep(5); // none of them can refuse
};

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
};

/** Dead, and listed only because its parent hasn't asked yet; a container's first process may never ask. */
const isZombie = (pid: number): boolean => process.platform === 'linux' && statOf(pid)?.[0] === 'Z';

/**
 * Ties a server's life to ours: a tiny shell waits on a pipe that only we hold, so that however this process ends
 * (return, crash, SIGKILL) the server is stopped at once and its temporary directory removed.
 * Returns how to let go after an ordinary stop.
 */
export const tieToThisProcess = (pid: number, temporaryDir: string | undefined): (() => void) => {
  const script = 'read -r word; [ "$word" = done ] && exit; kill -QUIT "$1"; [ -z "$2" ] || { sleep 1; rm -rf "$2"; }';
  const child: ChildProcess = spawn('/bin/sh', ['-c', script, 'sh', String(pid), temporaryDir ?? ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    detached: true,
  });
  child.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  child.unref();
  (child.stdin as { unref?: () => void } | null)?.unref?.();
  return () => void child.stdin?.end('done\n');
};
