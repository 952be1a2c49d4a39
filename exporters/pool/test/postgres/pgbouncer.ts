import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverAccount, freePort, type LocalPostgres } from '@submilli/local-postgres';

/** A real PgBouncer, from Debian's package, in front of a local server. */
export type LocalPgbouncer = {
  readonly port: number;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

export const startPgbouncer = async (server: LocalPostgres, users: Record<string, string>): Promise<LocalPgbouncer> => {
  const directory = mkdtempSync(join(tmpdir(), 'submilli-pgbouncer-'));
  const port = await freePort();
  const account = serverAccount();
  const ini = join(directory, 'pgbouncer.ini');
  const file = join(directory, 'users.txt');
  writeFileSync(
    file,
    Object.entries(users)
      .map(([user, password]) => `"${user}" "${password}"\n`)
      .join(''),
  );
  writeFileSync(
    ini,
    `[databases]
app = host=127.0.0.1 port=${server.port} dbname=postgres user=${server.superuser} password=${server.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${file}
pool_mode = transaction
default_pool_size = 1
max_db_connections = 5
stats_users = submilli
admin_users = pgbouncer
stats_period = 1
logfile = ${join(directory, 'log')}
`,
  );
  chmodSync(directory, 0o700);
  for (const path of [directory, ini, file]) if (account !== undefined) chownSync(path, account.uid, account.gid);

  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn('/usr/sbin/pgbouncer', [ini], { ...account, stdio: 'ignore' });
    for (let look = 0; look < 200; look += 1) {
      if (await answers(port)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`PgBouncer does not answer:\n${readFileSync(join(directory, 'log'), 'utf8')}`);
  };
  const stop = async (): Promise<void> => {
    const running = child;
    if (running?.exitCode !== null) return;
    const exit = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGINT');
    setTimeout(() => running.kill('SIGKILL'), 2000).unref();
    await exit;
  };
  await start();
  return { port, start, stop };
};
