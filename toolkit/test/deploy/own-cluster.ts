import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '@submilli/core';
import { type Account, freePort } from '@submilli/local-postgres';
import { asOperator, get } from '../../src/stack/http';
import { layoutOf, submilliBin } from '../../src/stack/layout';

/** A cluster of somebody's own, as `cluster render` says to put it up: all of it on one machine, under one folder. */
export type OwnCluster = {
  readonly bundle: string;
  readonly config: string;
  /** On the machine. */
  readonly configuration: string;
  /** Wants more of it. */
  readonly want: (more: object) => void;
  readonly stop: () => Promise<void>;
};

const NAMES = ['pg1', 'etcd1', 'pool1'];

const owned = (path: string, account: Account | undefined): void => {
  if (account === undefined) return;
  chownSync(path, account.uid, account.gid);
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) owned(join(path, name), account);
};

const run = (command: string, args: readonly string[], env: object = {}): void => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
};

export const putUp = async (
  root: string,
  account: Account | undefined,
  way: { readonly url: string; readonly config: string },
): Promise<OwnCluster> => {
  const [bundle, config, there] = [join(root, 'bundle'), join(root, 'submilli.yml'), join(root, 'machine')];
  const ports = await Promise.all(Array.from({ length: 6 }, () => freePort()));
  const [port = 0, rest = 0, client = 0, peer = 0, metrics = 0, pool = 0] = ports;
  const here = '127.0.0.1';
  const directories = { configuration: 'conf', data: 'data', log: 'log', etcd: 'etcd' };
  const reference = {
    versions: { postgresql: 15, patroni: '3.0.2' },
    members: [{ name: 'pg1', address: here, port, rest_port: rest, memory_mb: 1024, cores: 2, disk_gb: 10 }],
    etcd: [{ name: 'etcd1', address: here, client_port: client, peer_port: peer, metrics_port: metrics }],
    pools: [{ name: 'pool1', address: here, port: pool }],
    ...{ clients: [here], watchers: [here], operators: [here] },
    directories: Object.fromEntries(Object.entries(directories).map(([name, folder]) => [name, join(there, folder)])),
    deploy: { machines: Object.fromEntries(NAMES.map((name) => [name, way.url])), ssh_config: way.config },
  };
  const want = (more: object): void => writeFileSync(config, JSON.stringify({ reference: { ...reference, ...more } }));
  want({});
  run(process.execPath, [submilliBin, 'cluster', 'render', '--config', config, '--out', bundle]);
  const configuration = join(there, directories.configuration);
  for (const folder of Object.values(directories)) mkdirSync(join(there, folder), { recursive: true, mode: 0o700 });
  for (const name of NAMES) cpSync(join(bundle, name), configuration, { recursive: true });
  owned(there, account);

  const children: ChildProcess[] = [];
  const start = (name: string, ...[program = '', ...args]: string[]): void => {
    const out = openSync(join(root, `${name}.log`), 'a');
    children.push(
      spawn(program, args, {
        ...{ cwd: there, stdio: ['ignore', out, out] },
        // libpq looks for certificates at home, and nobody's is readable to another account.
        env: { ...process.env, HOME: there, PYTHONDONTWRITEBYTECODE: '1' },
        ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      }),
    );
    closeSync(out);
  };
  const stop = async (): Promise<void> => {
    for (const child of children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const end = new Promise((resolve) => child.once('exit', resolve));
      child.kill(child.spawnfile === 'pgbouncer' ? 'SIGINT' : 'SIGTERM');
      await end;
    }
  };
  const superuser = readFileSync(join(bundle, 'secrets', 'superuser'), 'utf8').trim();
  const env = {
    ...{ PGHOST: here, PGPORT: String(port), PGUSER: 'postgres', PGPASSWORD: superuser, PGCONNECT_TIMEOUT: '5' },
    ...{ PGSSLMODE: 'verify-full', PGSSLROOTCERT: join(configuration, 'certs', 'ca.crt') },
  };
  try {
    start('etcd1', 'etcd', '--config-file', join(configuration, 'etcd.yml'));
    start('pg1', 'python3', join(configuration, 'lossless.py'), join(configuration, 'patroni.yml'));
    await untilLeads(`https://${here}:${rest}/primary`, bundle, join(root, 'pg1.log'));
    run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', join(bundle, 'operator', 'roles.sql')], env);
    start('pool1', 'pgbouncer', join(configuration, 'pool1', 'pgbouncer.ini'));
  } catch (error) {
    await stop();
    throw error;
  }
  return { bundle, config, configuration, want, stop };
};

/** It has the leader's lock, which comes after all that Patroni does to a new cluster. */
const untilLeads = async (url: string, bundle: string, log: string): Promise<void> => {
  const end = Date.now() + 180_000;
  for (;;) {
    const answer = get(url, AbortSignal.timeout(5000), asOperator(layoutOf(bundle)));
    const seen = await answer.then(({ status }) => `answer ${status}`, messageOf);
    if (seen === 'answer 200') return;
    if (Date.now() > end) throw new Error(`no primary: ${seen}: ${readFileSync(log, 'utf8').slice(-3000)}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};

/** Nothing that a deploy puts beside files for a moment. */
export const leftovers = ({ configuration }: OwnCluster): string[] =>
  existsSync(configuration)
    ? readdirSync(configuration, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /submilli-(partial|deploy)/.test(name),
      )
    : [];
