import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStat } from '../../src/stack/procs';

/** The processes of one member of a running stack, to do to them what happens to machines. */

type StateFile = { readonly services: readonly { readonly name: string; readonly process: { pid: number } | null }[] };

/** Patroni of a member; empty while it doesn't run. */
export const patroniOf = (state: string, member: string): number[] => {
  const { services } = JSON.parse(readFileSync(join(state, 'state.json'), 'utf8')) as StateFile;
  const pid = services.find(({ name }) => name === member)?.process?.pid;
  return pid === undefined ? [] : [pid];
};

/** The postmaster of a member and all that it has started. */
export const serverOf = (state: string, member: string): number[] => {
  const postmaster = Number(readFileSync(join(state, member, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const children = readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    return Number.isInteger(pid) && parentOf(pid) === postmaster ? [pid] : [];
  });
  return [postmaster, ...children];
};

export const signal = (pids: readonly number[], name: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
};

const parentOf = (pid: number): number | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return parseStat(text).zombie ? undefined : Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
};
