import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverAccount, freePort, type LocalPostgres } from '@submilli/local-postgres';

/** A real PgBouncer, from Debian's package, in front of a local server. Its `app` is a pool of one. */
export type LocalPgbouncer = {
  readonly port: number;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** As if it had crashed. */
  readonly kill: () => Promise<void>;
  /** Freezes it: whoever asks gets no answer, and no refusal either. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Replaces words of pgbouncer.ini, which takes effect at the next RELOAD. */
  readonly rewrite: (from: string, to: string) => Promise<void>;
  /** Stops it for good, leaving nothing behind. */
  readonly remove: () => Promise<void>;
};

export const MAX_CLIENTS = 12;

const PROGRAM = '/usr/sbin/pgbouncer';

/** Lines to add to pgbouncer.ini; of two that set the same the later one counts. */
export type MoreLines = { readonly databases?: readonly string[]; readonly settings?: readonly string[] };

const configOf = (server: LocalPostgres, port: number, directory: string, more: MoreLines): string => `[databases]
app = host=${server.host} port=${server.port} dbname=postgres user=${server.superuser} password=${server.password}
${(more.databases ?? []).join('\n')}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(directory, 'users.txt')}
pool_mode = transaction
default_pool_size = 1
max_db_connections = 5
max_client_conn = ${MAX_CLIENTS}
stats_users = submilli
admin_users = pgbouncer
stats_period = 1
logfile = ${join(directory, 'log')}
${(more.settings ?? []).join('\n')}
`;

/** `users` maps names to passwords; `submilli` may look at the console, `pgbouncer` may command it. */
export const startPgbouncer = async (
  server: LocalPostgres,
  users: Record<string, string>,
  more: MoreLines = {},
): Promise<LocalPgbouncer> => {
  const directory = await mkdtemp(join(tmpdir(), 'submilli-pgbouncer-'));
  const port = await freePort();
  const account = serverAccount(); // PgBouncer refuses root, as PostgreSQL does
  const own = async (path: string, mode: number): Promise<void> => {
    await chmod(path, mode);
    if (account !== undefined) await chown(path, account.uid, account.gid);
  };
  const lines = Object.entries(users).map(([user, password]) => `"${user}" "${password}"\n`);
  const files = { 'users.txt': lines.join(''), 'pgbouncer.ini': configOf(server, port, directory, more) };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(directory, name), text);
    await own(join(directory, name), 0o600);
  }
  await own(directory, 0o700);

  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const options = account === undefined ? {} : { uid: account.uid, gid: account.gid };
    child = spawn(PROGRAM, [join(directory, 'pgbouncer.ini')], { ...options, stdio: 'ignore' });
    let failure: Error | undefined;
    child.once('error', (error) => (failure = error));
    for (let look = 0; look < 200 && failure === undefined && child.exitCode === null; look += 1) {
      if (await answers(port)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const log = await readFile(join(directory, 'log'), 'utf8').catch(() => 'it left no log');
    throw new Error(`PgBouncer does not answer: ${failure?.message ?? log}`);
  };
  const stop = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    const exit = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGTERM');
    running.kill('SIGCONT');
    const last = setTimeout(() => running.kill('SIGKILL'), 1000);
    await exit;
    clearTimeout(last);
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    const exit = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await exit;
  };
  const remove = async (): Promise<void> => {
    await stop();
    await rm(directory, { recursive: true, force: true });
  };

  await start().catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    ...{ port, start, stop, kill, remove },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    rewrite: async (from, to) => {
      const path = join(directory, 'pgbouncer.ini');
      await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
    },
  };
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
