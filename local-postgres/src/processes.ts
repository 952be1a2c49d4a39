import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/** The direct children of a process. A postmaster's are all its backends: they don't share its process group. */
export const childrenOf = (parent: number): number[] =>
  process.platform === 'linux' ? fromProc(parent) : fromPs(parent);

const fromProc = (parent: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentFromProc(pid) === parent);

const parentFromProc = (pid: number): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]); // the name before may hold anything
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
  const before = name === 'SIGKILL' ? childrenOf(pid) : []; // once it is dead they are nobody's children
  signal(pid, name);
  for (const child of new Set([...before, ...childrenOf(pid)])) signal(child, name);
};

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
