import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SubmilliError } from '@submilli/core';
import type { Account } from '@submilli/local-postgres';
import { Client } from 'pg';
import { tellingLine } from '../stack/launch';
import { processWith, send, untilGone } from '../stack/procs';
import type { Scratch } from './scratch';

const POLL_MS = 200;
/** Of the socket's name alone. */
const PORT = 5432;

export type ScratchServer = {
  /** Works on a connection of the superuser's. */
  readonly query: <T>(database: string, work: (client: Client) => Promise<T>) => Promise<T>;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
};

export type ScratchServerOptions = {
  readonly scratch: Scratch;
  readonly bin: string;
  readonly account: Account | undefined;
  readonly superuser: string;
  readonly signal: AbortSignal;
  readonly say: (detail: string) => void;
};

/**
 * What the copy must not take over from where it came from: addresses, files elsewhere, who waits for whom, and the
 * archive, which is the living cluster's. hot_standby off lets it replay with fewer connections than the primary has.
 */
const settings = (folder: string, socket: string): readonly string[] =>
  Object.entries({
    listen_addresses: '',
    port: String(PORT),
    unix_socket_directories: socket,
    unix_socket_permissions: '0700',
    hba_file: join(folder, 'hba.conf'),
    ident_file: join(folder, 'ident.conf'),
    ssl: 'off',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_timezone: 'UTC',
    lc_messages: 'C',
    hot_standby: 'off',
    archive_mode: 'off',
    synchronous_standby_names: '',
    primary_conninfo: '',
    primary_slot_name: '',
    autovacuum: 'off',
    max_connections: '20',
    shared_buffers: '128MB',
    max_wal_size: '1GB',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/**
 * Starts PostgreSQL on a restored data directory and waits until recovery has ended. Reached by a socket in its own
 * folder alone, by whoever runs it and by root. Throws a `SubmilliError` when it ends instead.
 */
export const startScratchServer = async (options: ScratchServerOptions): Promise<ScratchServer> => {
  const { scratch, bin, account, superuser, signal, say } = options;
  const { folder, socket } = scratch;
  writeFileSync(join(folder, 'hba.conf'), 'local all all peer map=own\n', { mode: 0o644 });
  const users = [...new Set(['root', account?.name ?? process.env.USER ?? 'postgres'])];
  writeFileSync(join(folder, 'ident.conf'), users.map((user) => `own ${user} ${superuser}\n`).join(''), {
    mode: 0o644,
  });
  const logFile = join(folder, 'postgres.log');
  const out = openSync(logFile, 'a', 0o640);
  const child = spawn(join(bin, 'postgres'), ['-D', scratch.data, ...settings(folder, socket)], {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    stdio: ['ignore', out, out],
    detached: true,
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
  closeSync(out);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, killedBy) => resolve(killedBy ?? `exit code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });
  const log = (): string => readFileSync(logFile, 'utf8');
  const stop = async (): Promise<void> => {
    const own = child.pid === undefined ? undefined : processWith(child.pid);
    if (own === undefined) return;
    for (const [how, seconds] of [
      ['SIGINT', 30],
      ['SIGQUIT', 10],
      ['SIGKILL', 5],
    ] as const) {
      send(own.pid, how);
      if (await untilGone(own, seconds)) return;
    }
  };
  const query = async <T>(database: string, work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({
      host: socket,
      port: PORT,
      user: superuser,
      database,
      application_name: 'submilli/backup',
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  try {
    await untilRecovered({ ended, log, query, signal, say });
  } catch (error) {
    await stop();
    throw error;
  }
  return { query, log, stop };
};

const untilRecovered = async ({
  ended,
  log,
  query,
  signal,
  say,
}: Pick<ScratchServer, 'log' | 'query'> &
  Pick<ScratchServerOptions, 'signal' | 'say'> & { readonly ended: Promise<string> }): Promise<void> => {
  let end: string | undefined;
  void ended.then((how) => (end = how));
  for (;;) {
    signal.throwIfAborted();
    if (end !== undefined) throw didNotRecover(end, log());
    const recovering = await query('postgres', async (client) => {
      const { rows } = await client.query<{ recovering: boolean }>(
        'SELECT pg_catalog.pg_is_in_recovery() AS recovering',
      );
      return rows[0]?.recovering ?? true;
    }).catch(isNotYet);
    if (!recovering) return;
    const file = [...log().matchAll(/restored log file "(\w+)"/g)].at(-1)?.[1];
    if (file !== undefined) say(`WAL ${file}`);
    await sleep(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
};

/** No socket yet, nobody at it yet, or the server is starting up: anything else is no reason to wait. */
const isNotYet = (error: unknown): true => {
  const { code = '' } = error as { code?: string };
  if (['ENOENT', 'ECONNREFUSED', '57P03'].includes(code)) return true;
  throw error;
};

const didNotRecover = (end: string, log: string): SubmilliError => {
  const line = tellingLine(log);
  const short = log.includes('recovery ended before configured recovery target was reached');
  return new SubmilliError({
    what: short
      ? 'the archive ends before the moment that was asked for'
      : `the restored server ended with ${end}${line === undefined ? '' : `: ${line}`}`,
    hint: short
      ? 'Is WAL archived (archive_command, archive_timeout)? A database that nobody writes to has no later transaction.'
      : 'Verify another backup; if that fails too, take a new full one.',
  });
};
