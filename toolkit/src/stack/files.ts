import { chmodSync, chownSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import type { Account } from '@submilli/local-postgres';

const give = (path: string, account: Account | undefined): void => {
  if (account !== undefined) chownSync(path, account.uid, account.gid);
};

/** Makes a directory (and those above) and gives it to the account that works in it. */
export const makeDir = (path: string, account: Account | undefined, mode = 0o700): void => {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
  give(path, account);
};

/** Writes a file in one step: nobody ever reads half of it, and it never has a wider mode than it ends with. */
export const writeFile = (path: string, text: string, account: Account | undefined, mode = 0o600): void => {
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, text, { mode, flush: true });
  chmodSync(partial, mode);
  give(partial, account);
  renameSync(partial, path);
};
