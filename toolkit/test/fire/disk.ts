import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A disk of a few hundred kilobytes, in memory. */
export const mountSmallDisk = (directory: string) => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k,mode=0700', 'tmpfs', directory], { stdio: 'pipe' });
  } catch (cause) {
    throw new Error('a disk that can be full takes root with CAP_SYS_ADMIN, to mount it', { cause });
  }
  const ballast = join(directory, 'ballast');
  return {
    /** To the last byte. */
    fill: (): void => {
      const file = openSync(ballast, 'w');
      const block = Buffer.alloc(4096);
      try {
        for (;;) writeSync(file, block);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free: (): void => rmSync(ballast, { force: true }),
    remove: (): void => void execFileSync('umount', ['--lazy', directory], { stdio: 'pipe' }),
  };
};
