import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Replaces a file as a whole, readable by its owner only. Whoever reads it, at whatever moment this process is killed,
 * finds the old contents or the new, never a part.
 */
export const replaceFile = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = draftOf(path);
  try {
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    // On a full disk half a draft would take the room that is left, and stay when the next process has another name.
    rmSync(draft, { force: true });
    throw error;
  }
};

/** Where what replaces a file is written first. */
export const draftOf = (path: string): string => `${path}.${process.pid}.tmp`;

/** Removes the drafts that processes before this one were killed over: nobody else ever would. */
export const removeDrafts = (path: string): void => {
  const directory = dirname(path);
  const name = basename(path);
  try {
    for (const other of readdirSync(directory)) {
      if (other.startsWith(`${name}.`) && /^\d+\.tmp$/.test(other.slice(name.length + 1))) {
        rmSync(join(directory, other), { force: true });
      }
    }
  } catch {
    // Where there is no directory yet, or none of ours, there is no draft of ours; who keeps things there says more.
  }
};
