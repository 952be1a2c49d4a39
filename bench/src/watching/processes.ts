import { readdirSync, readFileSync } from 'node:fs';

/**
 * Seconds that a process has run on a processor, of all its threads, to the nanosecond: /proc/PID/stat counts in steps of
 * 10 ms, which is as much as a scrape takes. Of a process that is gone, nothing.
 */
export const runSeconds = (pid: number): number | undefined => {
  try {
    const tasks = `/proc/${pid}/task`;
    const nanoseconds = readdirSync(tasks).map((task) => ranFor(`${tasks}/${task}/schedstat`));
    return nanoseconds.reduce((a, b) => a + b, 0) / 1e9;
  } catch {
    return undefined;
  }
};

const ranFor = (path: string): number => {
  try {
    return Number(readFileSync(path, 'utf8').split(' ')[0]);
  } catch {
    return 0; // a thread that has just ended
  }
};

/** Resident memory in MB; nothing of a process that is gone. */
export const residentMb = (pid: number): number | undefined => {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
};
