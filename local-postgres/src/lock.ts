import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A lock whose owner can't be told (killed while writing its pid) is broken after this long. */
const ANONYMOUS_LOCK_MS = 10_000;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const take = async (path: string): Promise<boolean> => {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

const isAbandoned = async (path: string): Promise<boolean> => {
  try {
    const pid = Number(await readFile(path, 'utf8'));
    if (pid > 0) return !isAlive(pid);
    return Date.now() - (await stat(path)).mtimeMs > ANONYMOUS_LOCK_MS;
  } catch {
    return false; // released between our look and now
  }
};

/** Runs `work` while holding the lock file `path`; a lock left by a dead process is broken. */
export const withLock = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  while (!(await take(path))) {
    if (await isAbandoned(path)) await rm(path, { force: true });
    else await sleep(100);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
};

/** Renames a finished directory to its final name; where another process was faster, its work is as good as ours. */
export const moveIntoPlace = async (finished: string, path: string): Promise<void> => {
  try {
    await rename(finished, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    await rm(finished, { recursive: true, force: true });
  }
};
