import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessId } from '../stack/procs';

/** What a process holds, as the kernel counts it. */
export type Holdings = {
  readonly residentBytes: number;
  readonly threads: number;
  readonly descriptors: number;
  readonly sockets: number;
};

/** Undefined when it is gone, or not ours to look at. */
export const holdingsOf = (pid: number): Holdings | undefined => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const number = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return undefined; // closed since
      }
    });
    const descriptors = open.filter((target) => target !== undefined);
    return {
      ...{ residentBytes: number('VmRSS') * 1024, threads: number('Threads'), descriptors: descriptors.length },
      sockets: descriptors.filter((target) => target.startsWith('socket:')).length,
    };
  } catch {
    return undefined;
  }
};

/** A process that was told to stand still does not run, though it is there. */
export const standsStill = (pid: number): boolean => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).startsWith('T');
  } catch {
    return false;
  }
};

export const lifeOf = (process: ProcessId | undefined): string =>
  process === undefined ? 'none' : `${process.pid}@${process.startTime}`;

export type Folder = { readonly files: number; readonly bytes: number };

/** All files below a folder. One that goes while we look is not counted. */
export const folderOf = (path: string): Folder => {
  let [files, bytes] = [0, 0];
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const full = join(path, entry.name);
      if (entry.isDirectory()) {
        const below = folderOf(full);
        files += below.files;
        bytes += below.bytes;
      } else {
        bytes += statSync(full, { throwIfNoEntry: false })?.size ?? 0;
        files += 1;
      }
    }
  } catch {
    // it is gone
  }
  return { files, bytes };
};
