import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file as a whole, readable by its owner only. Whoever reads it, at whatever moment this process is killed,
 * finds the old contents or the new, never a part.
 */
export const replaceFile = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    // On a full disk half a draft would take the room that is left, and stay when the next process has another name.
    rmSync(draft, { force: true });
    throw error;
  }
};
