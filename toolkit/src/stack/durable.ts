import {
  chownSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Who owns a file, by number: the names may differ between machines. */
export type Owner = { readonly uid: number; readonly gid: number };

/** All there is to put back of a file. */
export type FileState = Owner & { readonly content: Buffer; readonly mode: number };

/** Called between any two acts after which a machine that lost its power would find something else. */
export type Between = () => void;

const nothing: Between = () => undefined;

/** A rename, a new name or a removal is on the disk when its folder is. */
export const syncFolder = (folder: string): void => {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

/** Where a path leads to: a link stays a link, and what it names is replaced. */
const target = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

const partialOf = (path: string): string => `${path}.submilli-partial`;

/** Removes what a kill has left of a file that was being written. Only for who holds the lock. */
export const discardPartial = (path: string): void => rmSync(partialOf(target(path)), { force: true });

const writePartial = (path: string, { content, mode, uid, gid }: FileState, between: Between): void => {
  rmSync(path, { force: true });
  const fd = openSync(path, 'wx', 0o600);
  try {
    for (let at = 0; at < content.length;) at += writeSync(fd, content, at);
    between();
    const now = statSync(path);
    if (now.uid !== uid || now.gid !== gid) chownSync(path, uid, gid);
    fchmodSync(fd, mode); // after the owner: changing that clears bits
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

/** Writes a file whole: its content, owner and mode are there together, or nothing has changed. */
export const writeWhole = (path: string, file: FileState, between = nothing): void => {
  const real = target(path);
  const partial = partialOf(real);
  try {
    writePartial(partial, file, between);
    between();
    renameSync(partial, real);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  between();
  syncFolder(dirname(real));
};

/** Removes a file for good; one that is not there is fine. */
export const removeWhole = (path: string, between = nothing): void => {
  rmSync(path, { force: true });
  between();
  syncFolder(dirname(path));
};

/** Writes a file that nobody has written before; false if somebody has. */
export const writeNew = (path: string, file: FileState, between = nothing): boolean => {
  const partial = `${path}.${process.pid}`;
  writePartial(partial, file, between);
  try {
    linkSync(partial, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(partial, { force: true });
  }
  syncFolder(dirname(path));
  return true;
};

export const own = (content: string | Buffer, mode = 0o600): FileState => ({
  ...{ content: Buffer.from(content), mode },
  ...{ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
});
