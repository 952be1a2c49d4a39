import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { copyTree, makeServerDir, settingsText, temporaryDataDir, writeServerFile, type Settings } from './cluster';
import { freePort } from './ports';
import type { RunSpec } from './postmaster';
import type { Major } from './releases';

export type StandbyOptions = {
  readonly dataDir?: string;
  readonly port?: number;
  readonly settings?: Settings;
  readonly logFile?: string;
  /** application_name and slot; default `standby_<port>`. The primary's synchronous_standby_names goes by it. */
  readonly name?: string;
  /** Who replicates; default: the superuser. */
  readonly user?: string;
  readonly password?: string;
};

/** A running server on this machine, to copy from. */
export type CloneSource = {
  readonly major: Major;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** A superuser, or another role that may take base backups. */
  readonly user: string;
  readonly password: string;
};

/** How the copy follows its source: slot and application_name, and the role that replicates. */
export type Following = { readonly name: string; readonly user: string; readonly password: string };

/** What the server makes anew by itself, and what belongs to the primary alone. */
const notCopied = [
  /^postmaster\.(pid|opts)$/,
  /^(standby\.signal|replication\.pass|postgresql\.auto\.conf\.tmp)$/,
  /^(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\//,
  /(^|\/)(pgsql_tmp|pg_internal\.init)/,
];

/** Whether a base backup leaves this file (relative to the data directory) out. */
export const isLeftOutOfBackup = (path: string): boolean => notCopied.some((pattern) => pattern.test(path));

/**
 * Copies a running server into the data directory of a streaming standby with a physical slot of its own; it only
 * needs `configureCluster` and to be started. `dataDir` is afterwards either complete or not there.
 */
export const cloneStandby = async (source: CloneSource, dataDir: string, following: Following): Promise<void> => {
  const partial = `${dataDir}.partial`;
  await rm(partial, { recursive: true, force: true });
  await makeServerDir(partial);
  await baseBackup(source, partial, following.name);
  const passfile = 'replication.pass';
  // The password stands in a file of its own: pg_monitor may read primary_conninfo.
  await writeServerFile(join(partial, passfile), `*:*:*:*:${following.password.replaceAll(/[\\:]/g, '\\$&')}\n`);
  const settings = followSettings(source, following, join(dataDir, passfile));
  await writeServerFile(join(partial, 'postgresql.auto.conf'), settingsText(settings));
  await writeServerFile(join(partial, 'standby.signal'), '');
  await rename(partial, dataDir);
};

const followSettings = ({ host, port }: CloneSource, { name, user }: Following, passfile: string): Settings => ({
  primary_conninfo: `host=${host} port=${port} user=${user} application_name=${name} passfile=${passfile}`,
  primary_slot_name: name,
  recovery_target_timeline: 'latest',
});

/** Clones `source` as `options` ask, in a form ready to be run. `spec` is how the source runs. */
export const prepareStandby = async (
  source: CloneSource,
  spec: RunSpec,
  options: StandbyOptions = {},
): Promise<RunSpec> => {
  const port = options.port ?? (await freePort());
  const place =
    options.dataDir === undefined ? await temporaryDataDir() : { dataDir: options.dataDir, remove: undefined };
  try {
    await cloneStandby(source, place.dataDir, {
      name: options.name ?? `standby_${port}`,
      user: options.user ?? source.user,
      password: options.password ?? source.password,
    });
  } catch (error) {
    await place.remove?.();
    throw error;
  }
  return {
    ...spec,
    dataDir: place.dataDir,
    logFile: options.logFile ?? `${place.dataDir}.log`,
    port,
    settings: { ...spec.settings, ...options.settings },
    temporary: place.remove,
  };
};

/** The slot comes first: from then on the primary keeps all the WAL that the copy will need. */
const baseBackup = async (source: CloneSource, to: string, slot: string): Promise<void> => {
  const client = new Client(clientConfig(source));
  await client.connect();
  try {
    await client.query(
      `SELECT pg_catalog.pg_create_physical_replication_slot($1, true)
       WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = $1)`,
      [slot],
    );
    const old = source.major < 15;
    await client.query(
      old ? `SELECT pg_catalog.pg_start_backup($1, true, false)` : `SELECT pg_catalog.pg_backup_start($1, true)`,
      [slot],
    );
    await copyTree(source.dataDir, to, isLeftOutOfBackup);
    const { rows } = await client.query<{ labelfile: string }>(
      old
        ? 'SELECT labelfile FROM pg_catalog.pg_stop_backup(false, false)'
        : 'SELECT labelfile FROM pg_catalog.pg_backup_stop(false)',
    );
    await writeServerFile(join(to, 'backup_label'), rows[0]?.labelfile ?? '');
  } finally {
    await client.end();
  }
};

const clientConfig = ({ host, port, user, password }: CloneSource): ClientConfig => ({
  host,
  port,
  user,
  password,
  database: 'postgres',
});
