import {
  mkdirSync,
  mkdtempSync,
  chownSync,
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { SubmilliError } from '@submilli/core';
import type { Account } from '@submilli/local-postgres';
import { endPostmaster, isAlive, processWith, type ProcessId } from '../stack/procs';

const PREFIX = 'submilli-verify-';

/** A folder that a rehearsal has for itself, and that goes with it. */
export type Scratch = {
  readonly folder: string;
  readonly data: string;
  readonly socket: string;
  readonly remove: () => Promise<void>;
};

/** Room for the files, and for WAL while they are brought up to date. */
const roomFor = (bytes: number): number => Math.ceil(bytes * 1.1) + 512 * 1024 ** 2;

/** Throws a `SubmilliError` where the files would not fit: a full disk is the last thing a rehearsal may bring. */
export const requireRoom = (folder: string, bytes: number): void => {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= roomFor(bytes)) return;
  const gib = (size: number): string => `${(size / 1024 ** 3).toFixed(1)} GiB`;
  const what = `${gib(roomFor(bytes))} are needed and ${gib(free)} are free`;
  throw new SubmilliError({ what, where: folder, hint: 'Name a folder with more room: --scratch DIR' });
};

export const makeScratch = (parent: string, account: Account | undefined): Scratch => {
  const folder = mkdtempSync(join(parent, PREFIX));
  const parts = { data: join(folder, 'data'), socket: join(folder, 's') };
  writeFileSync(join(folder, 'owner.json'), JSON.stringify(processWith(process.pid)));
  for (const path of [folder, ...['data', 's', 'lock'].map((name) => join(folder, name))]) {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o700);
    if (account !== undefined) chownSync(path, account.uid, account.gid);
  }
  return { folder, ...parts, remove: () => removeScratch(folder) };
};

const removeScratch = async (folder: string): Promise<void> => {
  await endPostmaster(join(folder, 'data'));
  rmSync(folder, { recursive: true, force: true });
};

/** What a rehearsal that was killed has left: its server is ended, its folder removed. */
export const removeLeftovers = async (parent: string): Promise<void> => {
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(parent, name);
    const owner = ownerOf(folder);
    if (owner !== undefined && !isAlive(owner)) await removeScratch(folder);
  }
};

const ownerOf = (folder: string): ProcessId | undefined => {
  try {
    return JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')) as ProcessId;
  } catch {
    return undefined;
  }
};
