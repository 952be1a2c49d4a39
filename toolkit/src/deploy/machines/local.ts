import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { SubmilliError } from '@submilli/core';
import {
  type Between,
  discardPartial,
  type FileState,
  own,
  type Owner,
  removeWhole,
  writeNew,
  writeWhole,
} from '../../stack/durable';
import { exec } from '../../stack/exec';
import type { Found, Machine } from '../machine';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const found = (path: string): Found => {
  try {
    const { mode, uid, gid } = statSync(path);
    return { file: { content: readFileSync(path), mode: mode & 0o7777, uid, gid } };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { file: undefined, folder: ownerOf(dirname(path)) };
    throw refused(path, error);
  }
};

const ownerOf = (folder: string): Owner | undefined => {
  try {
    const { uid, gid } = statSync(folder);
    return { uid, gid };
  } catch {
    return undefined;
  }
};

const refused = (path: string, cause: unknown): SubmilliError => {
  const denied = codeOf(cause) === 'EACCES' || codeOf(cause) === 'EPERM';
  return new SubmilliError({
    what: denied ? 'permission denied' : (cause as Error).message,
    where: path,
    hint: denied ? 'Run it as the owner of the configuration, or as root.' : 'Nothing was changed there.',
    cause,
  });
};

const guarded = <T>(path: string, act: () => T): Promise<T> =>
  new Promise((resolve, reject) => {
    try {
      resolve(act());
    } catch (error) {
      reject(error instanceof SubmilliError ? error : refused(path, error));
    }
  });

/** This machine, by its paths. `between` is for who wants to see what is left by a kill. */
export const localMachine = (name: string, between?: Between): Machine => ({
  name,
  title: 'this machine',
  read: (paths) => guarded(name, () => new Map(paths.map((path) => [path, found(path)]))),
  write: (path, file: FileState) => guarded(path, () => writeWhole(path, file, between)),
  remove: (path) => guarded(path, () => removeWhole(path, between)),
  tidy: (path) => guarded(path, () => discardPartial(path)),
  run: ([program = '', ...args], purpose) => exec(program, args, { purpose }),
  claim: (path, text) =>
    guarded(path, () => (writeNew(path, own(text, 0o644)) ? undefined : readFileSync(path, 'utf8'))),
});
