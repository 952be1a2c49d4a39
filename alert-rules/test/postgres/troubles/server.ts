import { readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { atWork, type Trouble, until, names, type World } from '../world';

/** Where all that a runbook does can be done on a server that is well. */
export const nothing: Trouble = () => Promise.resolve({ ...names });

export const watcherLockedOut: Trouble = async ({ query, later }) => {
  await query('ALTER ROLE submilli NOLOGIN');
  later(() => query('ALTER ROLE submilli LOGIN'));
  return {};
};

/** Sessions that idle, that idle in a transaction, and that work. */
export const manySessions: Trouble = async (world) => {
  const [, forgetful] = [await world.session(), await world.session()];
  await forgetful.query('BEGIN; SELECT 1');
  return { ...names, pid: await atWork(world) };
};

const spoil = ({ primary, later }: World, name: string, line: string): void => {
  const path = join(primary.dataDir, name);
  const sound = readFileSync(path, 'utf8');
  writeFileSync(path, `${sound}${line}\n`);
  later(() => Promise.resolve(writeFileSync(path, sound)));
};

export const unusableFiles: Trouble = (world) => {
  spoil(world, 'postgresql.conf', 'no_such_setting = on');
  spoil(world, 'pg_hba.conf', 'host all all 127.0.0.1/32 no-such-method');
  return Promise.resolve({ setting: 'work_mem' });
};

export const waitsForRestart: Trouble = async ({ query }) => {
  await query('ALTER SYSTEM SET max_connections = 70');
  await query('SELECT pg_reload_conf()');
  const pending = async (): Promise<boolean> =>
    (await query('SELECT FROM pg_settings WHERE pending_restart')).length > 0;
  await until('a setting waits for a restart', pending);
  return { setting: 'max_connections' };
};

const PAGE = 8192;

/** An index whose pages on disk are not what was written; somebody has tried to read it. */
export const damagedIndex: Trouble = async ({ primary, query, later }) => {
  await query('CREATE TABLE damaged AS SELECT g AS id FROM generate_series(1, 5000) g');
  later(() => query('DROP TABLE damaged'));
  await query('CREATE INDEX damaged_id ON damaged (id)');
  const [file] = await query<{ path: string; node: string }>(
    "SELECT pg_relation_filepath('damaged_id') AS path, pg_relation_filenode('damaged_id') AS node",
  );
  await primary.restart(); // Only then is it read from disk.
  const handle = await open(join(primary.dataDir, file?.path ?? ''), 'r+');
  for (let page = 1; page < 10; page += 1) await handle.write('damage', page * PAGE + 4000);
  await handle.close();
  await query('SET enable_seqscan = off; SELECT count(*) FROM damaged WHERE id < 4000').catch(() => undefined);
  const seen = async (): Promise<boolean> =>
    (await query('SELECT FROM pg_stat_database WHERE checksum_failures > 0')).length > 0;
  await until('the damage is counted', seen);
  return { filenode: file?.node ?? '', schema: 'public', index: 'damaged_id' };
};
