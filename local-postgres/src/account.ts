import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The unprivileged system account PostgreSQL runs as; `undefined` means "as ourselves". */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

const idOf = (flag: '-u' | '-g', name: string): number | undefined => {
  const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
};

let known: { readonly account: Account | undefined } | undefined;

/**
 * Which account to run PostgreSQL as: it refuses root, so root lends it `postgres`, or `nobody` where that account
 * was never made.
 */
export const serverAccount = (): Account | undefined => {
  known ??= { account: process.getuid?.() === 0 ? lookup() : undefined };
  return known.account;
};

const lookup = (): Account | undefined => {
  for (const name of ['postgres', 'nobody']) {
    const uid = idOf('-u', name);
    const gid = idOf('-g', name);
    if (uid !== undefined && gid !== undefined) return { name, uid, gid };
  }
  return undefined;
};

/** Whether `account` can pass through every folder above `path` (read from the mode bits; ACLs are not looked at). */
export const canReach = (path: string, account: Account | undefined): boolean => {
  if (account === undefined) return true;
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    if (existsSync(folder) && !mayEnter(folder, account)) return false;
    if (folder === dirname(folder)) return true;
  }
};

const mayEnter = (folder: string, { uid, gid }: Account): boolean => {
  const { mode, uid: owner, gid: group } = statSync(folder);
  if (owner === uid) return (mode & 0o100) !== 0;
  if (group === gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
};
