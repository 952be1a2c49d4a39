import { join } from 'node:path';
import { Client } from 'pg';
import {
  SUPERUSER,
  copyTree,
  makeServerDir,
  settingsText,
  temporaryDataDir,
  writeServerFile,
  type Settings,
} from './cluster';
import { freePort } from './ports';
import type { RunSpec } from './postmaster';
import type { LocalPostgres } from './server';

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

/** What the server makes anew by itself, and what belongs to the primary alone. */
const notCopied =
  /^(postmaster\.(pid|opts)|standby\.signal|replication\.pass|postgresql\.auto\.conf\.tmp|pg_internal\.init)$|^(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/|(^|\/)pgsql_tmp/;

/** Whether a base backup leaves this file (relative to the data directory) out. */
export const isLeftOutOfBackup = (path: string): boolean => notCopied.test(path);

/** Copies a running primary into a streaming standby with a physical slot of its own; it only needs to be started. */
export const prepareStandby = async (
  primary: LocalPostgres,
  spec: RunSpec,
  options: StandbyOptions = {},
): Promise<RunSpec> => {
  const port = options.port ?? (await freePort());
  const name = options.name ?? `standby_${port}`;
  const place =
    options.dataDir === undefined ? await temporaryDataDir() : { dataDir: options.dataDir, remove: undefined };
  try {
    await makeServerDir(place.dataDir);
    await baseBackup(primary, place.dataDir, name);
    await followPrimary(primary, place.dataDir, name, options);
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
const baseBackup = async (primary: LocalPostgres, to: string, slot: string): Promise<void> => {
  const client = new Client(primary.clientConfig());
  await client.connect();
  try {
    await client.query(
      `SELECT pg_catalog.pg_create_physical_replication_slot($1, true)
       WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = $1)`,
      [slot],
    );
    const old = primary.major < 15;
    await client.query(
      old ? `SELECT pg_catalog.pg_start_backup($1, true, false)` : `SELECT pg_catalog.pg_backup_start($1, true)`,
      [slot],
    );
    await copyTree(primary.dataDir, to, isLeftOutOfBackup);
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

/** The password stands in a file of its own: pg_monitor may read primary_conninfo. */
const followPrimary = async (
  primary: LocalPostgres,
  dataDir: string,
  name: string,
  { user = SUPERUSER, password = primary.password }: StandbyOptions,
): Promise<void> => {
  const passfile = join(dataDir, 'replication.pass');
  const escaped = password.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
  await writeServerFile(passfile, `*:*:*:*:${escaped}\n`);
  const conninfo = `host=${primary.host} port=${primary.port} user=${user} application_name=${name} passfile=${passfile}`;
  await writeServerFile(
    join(dataDir, 'postgresql.auto.conf'),
    settingsText({ primary_conninfo: conninfo, primary_slot_name: name, recovery_target_timeline: 'latest' }),
  );
  await writeServerFile(join(dataDir, 'standby.signal'), '');
};
