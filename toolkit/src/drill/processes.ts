import { readdirSync, readFileSync } from 'node:fs';
import { parseStat, processWith, send, type ProcessId } from '../stack/procs';

/** A process and its parent, as `/proc` has them. */
type Relative = { readonly pid: number; readonly parent: number };

const everyProcess = (): Relative[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'utf8');
        const parent = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
        return parseStat(text).zombie ? [] : [{ pid: Number(name), parent }];
      } catch {
        return [];
      }
    });

/** A process and all that descend from it, parents before children. */
export const familyOf = (root: number, all: readonly Relative[]): number[] => {
  const family = [root];
  // What is added meanwhile is visited as well.
  for (const member of family) family.push(...all.filter(({ parent }) => parent === member).map(({ pid }) => pid));
  return family;
};

/**
 * Signals a process and all its descendants: each parent is stopped before its children are looked for, so that none is
 * born unseen. Returns whom it reached.
 */
export const signalFamily = (root: ProcessId, signal: 'SIGKILL' | 'SIGSTOP'): ProcessId[] => {
  send(root.pid, 'SIGSTOP');
  const family = familyOf(root.pid, everyProcess());
  for (const pid of family) send(pid, 'SIGSTOP');
  const found = family.flatMap((pid) => processWith(pid) ?? []);
  if (signal === 'SIGKILL') for (const { pid } of found) send(pid, 'SIGKILL');
  return found;
};

/** Lets stopped processes go on; one whose number is another's by now is left alone. */
export const letGoOn = (stopped: readonly ProcessId[]): void => {
  for (const { pid, startTime } of stopped) {
    if (processWith(pid)?.startTime === startTime) send(pid, 'SIGCONT');
  }
};
