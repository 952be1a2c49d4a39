import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type LocalPostgres, serverAccount } from '@submilli/local-postgres';
import { Client, type ClientConfig } from 'pg';
import { sleep } from './load';

export type Pooler = {
  readonly port: number;
  readonly version: string;
  readonly pid: number | undefined;
  /** Connects to the database `app` through the pool. */
  readonly clientConfig: ClientConfig;
  readonly stop: () => Promise<void>;
};

const PROGRAM = '/usr/sbin/pgbouncer';
export const PASSWORD = 'pooled';

/** Debian's PgBouncer in front of `app`, under one name or several, in transaction mode. */
export const startPooler = async (
  server: LocalPostgres,
  poolSize: number,
  { maxClients = 100, names = ['app'] }: { readonly maxClients?: number; readonly names?: readonly string[] } = {},
): Promise<Pooler> => {
  const directory = await mkdtemp(join(tmpdir(), 'submilli-incident-'));
  const port = await freePort();
  const { host, superuser, password } = server;
  const target = `host=${host} port=${server.port} dbname=app user=${superuser} password=${password}`;
  const files = {
    'users.txt': ['app', 'submilli'].map((user) => `"${user}" "${PASSWORD}"\n`).join(''),
    'pgbouncer.ini': `[databases]
${names.map((name) => `${name} = ${target}`).join('\n')}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(directory, 'users.txt')}
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = ${maxClients}
stats_users = submilli
; pgbouncer_exporter sets it when it connects, and its README asks for this
ignore_startup_parameters = extra_float_digits
`,
  };
  const account = serverAccount(); // PgBouncer refuses root, as PostgreSQL does
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text, { mode: 0o600 });
  for (const path of [directory, ...Object.keys(files).map((name) => join(directory, name))]) {
    chmodSync(path, path === directory ? 0o700 : 0o600);
    if (account !== undefined) chownSync(path, account.uid, account.gid);
  }
  const owner = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  const child = spawn(PROGRAM, [join(directory, 'pgbouncer.ini')], { ...owner, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const clientConfig = { host: '127.0.0.1', port, user: 'app', password: PASSWORD, database: names[0] ?? 'app' };
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  for (let look = 0; look < 100; look += 1) {
    if (await answers(clientConfig)) {
      const version = /PgBouncer (\S+)/.exec(execFileSync(PROGRAM, ['--version']).toString())?.[1] ?? 'unknown';
      return { port, version, pid: child.pid, clientConfig, stop };
    }
    await sleep(100);
  }
  await stop();
  throw new Error('PgBouncer does not answer');
};

const answers = async (connection: ClientConfig): Promise<boolean> => {
  const client = new Client(connection);
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
};
