import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  copyFile,
  constants,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { canReach, serverAccount } from './account';
import type { Binaries } from './binaries';
import { moveIntoPlace, withLock } from './lock';
import { run } from './run';

export const SUPERUSER = 'postgres';

/** Server settings by name, as they would stand in postgresql.conf (without the quotes). */
export type Settings = Readonly<Record<string, string | number | boolean>>;

export type ClusterConfig = {
  readonly port: number;
  readonly settings: Settings;
  /** Libraries for shared_preload_libraries. */
  readonly preload: readonly string[];
  /** False makes a crash of the machine (not of PostgreSQL) lose data; tests don't mind. */
  readonly fsync: boolean;
};

const OWN_CONFIG = 'submilli.conf';

/** Small, quiet and local; whatever a caller sets wins. */
const baseSettings: Settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  shared_buffers: '32MB',
  max_connections: 60,
  wal_level: 'replica',
  hot_standby: true,
  compute_query_id: true,
  track_io_timing: true,
  log_timezone: 'UTC',
  timezone: 'UTC',
};

/** One `name = 'value'` line per setting, quoted for postgresql.conf. */
export const settingsText = (settings: Settings): string =>
  Object.entries(settings)
    .map(([name, value]) => {
      const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
      return `${name} = '${text.replaceAll("'", "''")}'\n`;
    })
    .join('');

export const isInitialised = (dataDir: string): boolean => existsSync(join(dataDir, 'PG_VERSION'));

/**
 * Makes a data directory with SCRAM passwords, TCP on 127.0.0.1 only and no other way in.
 * `fromTemplate` copies a cached initdb (fast, not synced to disk; such clusters share a system identifier), else
 * initdb runs. `dataDir` is afterwards either complete or not there.
 */
export const createCluster = async (
  binaries: Binaries,
  dataDir: string,
  password: string,
  fromTemplate: boolean,
): Promise<void> => {
  const account = serverAccount();
  if (!canReach(dataDir, account)) {
    throw new SubmilliError({
      what: `PostgreSQL runs as user ${account?.name ?? 'self'}, who can't enter a folder above it`,
      where: dataDir,
      hint: 'Use a data directory below one that everybody may enter, such as /var/lib or /tmp.',
    });
  }
  const partial = `${dataDir}.partial`;
  await rm(partial, { recursive: true, force: true });
  await makeServerDir(partial);
  if (fromTemplate) await copyTree(await template(binaries), partial);
  else await initdb(binaries, partial, ['--data-checksums']);
  await configureCluster(partial, { port: 5432, settings: {}, preload: [], fsync: !fromTemplate });
  await setSuperuserPassword(binaries, partial, password);
  await rename(partial, dataDir);
};

/** Writes our configuration over the last one; takes effect at the next start. */
export const configureCluster = async (
  dataDir: string,
  { port, settings, preload, fsync }: ClusterConfig,
): Promise<void> => {
  const all: Settings = { ...baseSettings, port, fsync, shared_preload_libraries: preload.join(','), ...settings };
  await writeServerFile(join(dataDir, OWN_CONFIG), settingsText(all));
  await writeServerFile(join(dataDir, 'postgresql.conf'), `include '${OWN_CONFIG}'\n`);
  const access = ['all', 'replication'].map((database) => `host ${database} all 127.0.0.1/32 scram-sha-256\n`);
  await writeServerFile(join(dataDir, 'pg_hba.conf'), access.join(''));
};

/** A directory only the server's account may enter. */
export const makeServerDir = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  await giveToServer(path);
};

/** A file only the server's account may read. */
export const writeServerFile = async (path: string, text: string): Promise<void> => {
  await writeFile(path, text, { mode: 0o600 });
  await giveToServer(path);
};

const giveToServer = async (path: string): Promise<void> => {
  const account = serverAccount();
  if (account !== undefined) await chown(path, account.uid, account.gid);
};

/**
 * Copies a data directory for the server's account. `skip` sees each path relative to `from`. A file that vanishes
 * meanwhile is left out, as a running server drops files at any time.
 */
export const copyTree = async (
  from: string,
  to: string,
  skip: (path: string) => boolean = () => false,
): Promise<void> => {
  const copy = async (entry: string): Promise<void> => {
    if (skip(entry)) return;
    const info = await lstat(join(from, entry)).catch(ignoreMissing);
    if (info?.isDirectory()) {
      await makeServerDir(join(to, entry));
      await walk(entry);
    } else if (info?.isFile()) {
      await copyFile(join(from, entry), join(to, entry), constants.COPYFILE_FICLONE).catch(ignoreMissing);
      await giveToServer(join(to, entry)).catch(ignoreMissing);
    }
  };
  const walk = async (folder: string): Promise<void> => {
    const names = await readdir(join(from, folder));
    await Promise.all(names.map((name) => copy(join(folder, name))));
  };
  await walk('');
};

const ignoreMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT') return undefined;
  throw error;
};

const initdb = async (
  { initdb: program, major }: Binaries,
  dataDir: string,
  more: readonly string[],
): Promise<void> => {
  // "trust" holds for no moment in which a server runs: configureCluster replaces it before the first start.
  const args = ['-D', dataDir, '-U', SUPERUSER, '-A', 'trust', '-E', 'UTF8', '--locale=C', ...more];
  await run(program, args, { account: serverAccount(), purpose: `initdb of PostgreSQL ${major}` });
};

/** Single-user mode sets the password before anything listens, and leaves it in no file. */
const setSuperuserPassword = async (binaries: Binaries, dataDir: string, password: string): Promise<void> => {
  const output = await run(binaries.postgres, ['--single', '-D', dataDir, 'postgres'], {
    account: serverAccount(),
    input: `ALTER ROLE ${SUPERUSER} PASSWORD '${password.replaceAll("'", "''")}'\n`,
    purpose: 'setting the superuser password',
  });
  if (/^.*(ERROR|FATAL):/m.test(output)) {
    throw new SubmilliError({ what: 'the superuser password could not be set', where: dataDir });
  }
};

const template = async (binaries: Binaries): Promise<string> => {
  const path = `${binaries.root}-template-${serverAccount()?.uid ?? process.getuid?.() ?? 0}`; // only its owner can read it
  await withLock(`${path}.lock`, async () => {
    if (isInitialised(path)) return;
    const work = await mkdtemp(`${path}.partial-`);
    await makeServerDir(work);
    await initdb(binaries, work, ['--data-checksums', '--no-sync']);
    await moveIntoPlace(work, path);
  });
  return path;
};

/** A fresh data directory path below the system's temp directory, with its removal. */
export const temporaryDataDir = async (): Promise<{ dataDir: string; remove: () => Promise<void> }> => {
  const parent = await mkdtemp(join(tmpdir(), 'submilli-pg-'));
  await chmod(parent, 0o755);
  return { dataDir: join(parent, 'data'), remove: () => rm(parent, { recursive: true, force: true }) };
};
