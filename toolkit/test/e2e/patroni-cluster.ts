import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, serverAccount } from '@submilli/local-postgres';
import { Client } from 'pg';
import { stringify } from 'yaml';
import { startEtcd } from '../../../exporters/ha/test/etcd-cluster';

/** Two real Patronis on one real etcd, whose REST API speaks TLS, asks for a client's certificate and for a password. */

export const SUPERUSER = { user: 'postgres', password: 'super-secret' };
const REST = { username: 'patroni', password: 'rest-secret' };
/** Debian's Patroni takes a ttl this short as it is. */
const DCS = {
  ...{ ttl: 5, loop_wait: 1, retry_timeout: 2, primary_start_timeout: 0, synchronous_mode: true, failsafe_mode: true },
  postgresql: { use_pg_rewind: true, use_slots: true, parameters: { fsync: 'off', max_connections: 50 } },
};

export type PatroniMember = { readonly name: string; readonly port: number; readonly rest: number };

const openssl = (...args: string[]): void => {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0] ?? ''}: ${stderr}`);
};

/** An authority, and one certificate of it that serves both sides of loopback. */
const makeCertificates = (directory: string) => {
  const path = (name: string): string => join(directory, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    '/CN=test-ca',
    '-keyout',
    path('ca.key'),
    '-out',
    path('ca.crt'),
  );
  openssl('req', ...key, '-subj', '/CN=127.0.0.1', '-keyout', path('node.key'), '-out', path('node.csr'));
  writeFileSync(path('node.ext'), 'subjectAltName=IP:127.0.0.1\n');
  openssl(
    ...(['x509', '-req', '-in', path('node.csr'), '-CA', path('ca.crt'), '-CAkey', path('ca.key')] as const),
    ...(['-CAcreateserial', '-days', '2', '-extfile', path('node.ext'), '-out', path('node.crt')] as const),
  );
  return { ca: path('ca.crt'), cert: path('node.crt'), key: path('node.key') };
};

/** A process and all that it has started. */
const treeOf = (pid: number): number[] => {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return [pid, ...stdout.split(/\s+/).filter(Boolean).map(Number).flatMap(treeOf)];
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
};

export const startPatroniCluster = async () => {
  const account = serverAccount();
  const root = mkdtempSync(join(tmpdir(), 'submilli-ha-'));
  chmodSync(root, 0o755);
  const tls = makeCertificates(root);
  for (const file of Object.values(tls)) if (account !== undefined) chownSync(file, account.uid, account.gid);
  const store = await startEtcd(1);
  const members: PatroniMember[] = [];
  for (const name of ['pg1', 'pg2']) members.push({ name, port: await freePort(), rest: await freePort() });
  const running = new Map<string, ChildProcess>();

  const configOf = ({ name, port, rest }: PatroniMember): string => {
    const [, host = ''] = /^http:\/\/(.*)$/.exec(store.urls[0] ?? '') ?? [];
    return stringify({
      ...{ scope: 'ha', name, etcd3: { hosts: host } },
      restapi: {
        ...{ listen: `127.0.0.1:${rest}`, connect_address: `127.0.0.1:${rest}`, authentication: REST },
        ...{ certfile: tls.cert, keyfile: tls.key, cafile: tls.ca, verify_client: 'required' },
      },
      ctl: { cacert: tls.ca, certfile: tls.cert, keyfile: tls.key, authentication: REST },
      bootstrap: { dcs: DCS, initdb: ['data-checksums', { encoding: 'UTF8' }] },
      postgresql: {
        ...{ listen: `127.0.0.1:${port}`, connect_address: `127.0.0.1:${port}`, data_dir: join(root, name, 'data') },
        ...{ bin_dir: '/usr/lib/postgresql/15/bin', pgpass: join(root, name, 'pgpass') },
        parameters: { unix_socket_directories: '' },
        pg_hba: ['host all all 127.0.0.1/32 scram-sha-256', 'host replication all 127.0.0.1/32 scram-sha-256'],
        authentication: {
          superuser: { username: SUPERUSER.user, password: SUPERUSER.password },
          replication: { username: 'replicator', password: 'replicator-secret' },
        },
      },
      watchdog: { mode: 'off' },
    });
  };

  // As the reference cluster runs it. Without, a Patroni that hung and wakes may take the leader key back, find the
  // /sync key of the one it took it from, and never name a synchronous standby again.
  const launcher = join(root, 'lossless.py');
  copyFileSync(join(__dirname, '../../../cluster/patroni/lossless.py'), launcher);

  const start = (member: PatroniMember): void => {
    const log = join(root, `${member.name}.log`);
    const command = `exec python3 ${launcher} ${join(root, member.name, 'patroni.yml')} >>${log} 2>&1`;
    const child = spawn('sh', ['-c', command], {
      ...{ stdio: 'ignore', cwd: join(root, member.name), env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } },
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    });
    running.set(member.name, child);
  };
  for (const member of members) {
    mkdirSync(join(root, member.name));
    writeFileSync(join(root, member.name, 'patroni.yml'), configOf(member));
    writeFileSync(join(root, `${member.name}.log`), '');
    const own = [join(root, member.name), join(root, member.name, 'patroni.yml'), join(root, `${member.name}.log`)];
    for (const path of own) if (account !== undefined) chownSync(path, account.uid, account.gid);
    start(member);
  }

  const ask = (member: PatroniMember, path: string, body?: object): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const authorization = `Basic ${Buffer.from(`${REST.username}:${REST.password}`).toString('base64')}`;
      const options = {
        ...{ method: body === undefined ? 'GET' : 'POST', headers: { authorization }, agent: false, timeout: 20_000 },
        ...{ ca: readFileSync(tls.ca), cert: readFileSync(tls.cert), key: readFileSync(tls.key) },
      };
      const sent = request(`https://127.0.0.1:${member.rest}${path}`, options, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      // An Error of this side of Jest, which tells its own from the others.
      sent.on('error', ({ message }) => reject(new Error(message)));
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });

  const postmasterOf = ({ name }: PatroniMember): number | undefined => {
    try {
      return Number(readFileSync(join(root, name, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
    } catch {
      return undefined;
    }
  };

  return {
    ...{ members, tls, rest: REST, etcd: store.urls, start, ask },
    /** Runs statements as the superuser. */
    on: async (member: PatroniMember, ...statements: readonly string[]): Promise<void> => {
      const client = new Client({ host: '127.0.0.1', port: member.port, database: 'postgres', ...SUPERUSER });
      client.on('error', () => undefined);
      await client.connect();
      try {
        for (const statement of statements) await client.query(statement);
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    /** Patroni alone. */
    signalPatroni: ({ name }: PatroniMember, name_: NodeJS.Signals): void => {
      const pid = running.get(name)?.pid;
      if (pid !== undefined) signal(pid, name_);
    },
    /** As if the machine were lost: Patroni, PostgreSQL and all its processes at once. */
    killNode: (member: PatroniMember): void => {
      const pids = [running.get(member.name)?.pid, postmasterOf(member)].flatMap((pid) => (pid ? treeOf(pid) : []));
      for (const pid of pids) signal(pid, 'SIGKILL');
    },
    logs: (): string =>
      members.map(({ name }) => readFileSync(join(root, `${name}.log`), 'utf8').slice(-3000)).join('\n'),
    stop: async (): Promise<void> => {
      for (const member of members) {
        const pid = running.get(member.name)?.pid;
        const pids = [pid, postmasterOf(member)].flatMap((one) => (one ? treeOf(one) : []));
        for (const one of pids) signal(one, 'SIGKILL');
      }
      await store.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
};

export type PatroniCluster = Awaited<ReturnType<typeof startPatroniCluster>>;
