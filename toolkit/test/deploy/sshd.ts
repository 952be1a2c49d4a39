import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, closeSync, copyFileSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type Account, freePort } from '@submilli/local-postgres';

/** A real sshd of nobody's system: unprivileged, on a free port of loopback, with keys and logs in a folder of the test. */
export type Sshd = {
  /** For `ssh -F`: our key, and the host's as the only one known. */
  readonly config: string;
  readonly url: (port?: number) => string;
  readonly port: number;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
};

const keygen = (file: string): void => {
  const { status, stderr } = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`ssh-keygen: ${stderr}`);
};

/** It lets its own user in, and nobody else; `account` is who that is, where the test is root. */
export const startSshd = async (folder: string, account: Account | undefined): Promise<Sshd> => {
  const [server, client] = [join(folder, 'sshd'), join(folder, 'ssh')];
  for (const each of [server, client]) mkdirSync(each, { mode: 0o700 });
  const user = account?.name ?? userInfo().username;
  keygen(join(server, 'host'));
  keygen(join(client, 'id'));
  copyFileSync(join(client, 'id.pub'), join(server, 'authorized_keys'));
  const port = await freePort();
  const settings = {
    ...{ ListenAddress: '127.0.0.1', Port: port, HostKey: join(server, 'host'), PidFile: 'none' },
    ...{ AuthorizedKeysFile: join(server, 'authorized_keys'), AllowUsers: user },
    ...{ AuthenticationMethods: 'publickey', PasswordAuthentication: 'no', KbdInteractiveAuthentication: 'no' },
    // Its folder is below /tmp, where anybody may make files.
    ...{ StrictModes: 'no', UsePAM: 'no', PrintMotd: 'no' },
  };
  const text = (own: object): string =>
    Object.entries(own)
      .map(([name, value]) => `${name} ${String(value)}\n`)
      .join('');
  writeFileSync(join(server, 'config'), text(settings), { mode: 0o600 });
  const [type = '', key = ''] = readFileSync(join(server, 'host.pub'), 'utf8').split(' ');
  writeFileSync(join(client, 'known_hosts'), `* ${type} ${key.trim()}\n`);
  writeFileSync(
    join(client, 'config'),
    text({
      ...{ IdentityFile: join(client, 'id'), IdentitiesOnly: 'yes', IdentityAgent: 'none' },
      ...{
        UserKnownHostsFile: join(client, 'known_hosts'),
        GlobalKnownHostsFile: 'none',
        StrictHostKeyChecking: 'yes',
      },
    }),
  );
  if (account !== undefined) {
    for (const name of ['', 'host', 'host.pub', 'authorized_keys', 'config']) {
      chownSync(join(server, name), account.uid, account.gid);
    }
  }
  const log = join(folder, 'sshd.log');
  const out = openSync(log, 'a');
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(server, 'config')], {
    ...{ cwd: '/', stdio: ['ignore', out, out] },
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
  closeSync(out);
  const listens = (): boolean => readFileSync(log, 'utf8').includes('Server listening');
  for (let i = 0; i < 600 && !listens() && child.exitCode === null; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (!listens()) throw new Error(`sshd does not listen: ${readFileSync(log, 'utf8')}`);
  return {
    ...{ config: join(client, 'config'), port, log: () => readFileSync(log, 'utf8'), stop: () => ended(child) },
    url: (other = port) => `ssh://${user}@127.0.0.1:${other}`,
  };
};

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await end;
};

/** A way to a port that breaks when so many bytes have gone there. */
export const breakingAfter = async (
  bytes: number,
  port: number,
): Promise<{ readonly port: number; readonly close: () => void }> => {
  const server: Server = createServer((near: Socket) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => undefined);
    let gone = 0;
    near.on('data', (chunk: Buffer) => {
      gone += chunk.length;
      if (gone > bytes) for (const socket of [near, far]) socket.destroy();
      else far.write(chunk);
    });
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = server.address();
  return { port: typeof at === 'object' && at !== null ? at.port : 0, close: () => void server.close() };
};
