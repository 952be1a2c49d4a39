import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setupRoleStatements } from '@submilli/core';
import { type Account, freePort } from '@submilli/local-postgres';
import { Client } from 'pg';
import { stringify } from 'yaml';
import { until } from '../e2e/stack';
import type { Certificates } from './certificates';
import { daemon } from './daemon';

const SUPERUSER = { user: 'postgres', password: 'super-secret' };
const HOST = '127.0.0.1';

export type HaOptions = {
  readonly directory: string;
  readonly certificates: Certificates;
  readonly account: Account | undefined;
  /** Of the role that watches. */
  readonly password: string;
};

/** One real Patroni with its server on one real etcd, both speaking TLS: all that the ha exporter asks. */
export const startHa = async ({ directory, certificates, account, password }: HaOptions) => {
  const [store, peer, rest, port] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const { ca, node, owned } = certificates;
  const etcd = daemon({
    command: [
      ...['etcd', '--name', 'n1', '--data-dir', join(directory, 'etcd'), '--log-level', 'fatal'],
      ...['--cert-file', node.cert, '--key-file', node.key],
      ...['--listen-client-urls', `https://${HOST}:${store}`, '--advertise-client-urls', `https://${HOST}:${store}`],
      ...['--listen-peer-urls', `http://${HOST}:${peer}`, '--initial-advertise-peer-urls', `http://${HOST}:${peer}`],
      ...['--initial-cluster', `n1=http://${HOST}:${peer}`],
    ],
  });
  const home = join(directory, 'patroni');
  const data = join(home, 'data');
  mkdirSync(home);
  const config = join(home, 'patroni.yml');
  writeFileSync(
    config,
    stringify({
      ...{ scope: 'fire', name: 'pg1', etcd3: { host: `${HOST}:${store}`, protocol: 'https', cacert: ca } },
      restapi: {
        ...{ listen: `${HOST}:${rest}`, connect_address: `${HOST}:${rest}`, certfile: owned.cert, keyfile: owned.key },
      },
      bootstrap: {
        dcs: { ttl: 20, loop_wait: 1, retry_timeout: 3, failsafe_mode: true },
        initdb: [{ encoding: 'UTF8' }],
      },
      postgresql: {
        ...{ listen: `${HOST}:${port}`, connect_address: `${HOST}:${port}`, data_dir: data },
        ...{ bin_dir: '/usr/lib/postgresql/15/bin', pgpass: join(home, 'pgpass') },
        parameters: { unix_socket_directories: '', fsync: 'off' },
        pg_hba: ['host all all 127.0.0.1/32 scram-sha-256', 'host replication all 127.0.0.1/32 scram-sha-256'],
        authentication: {
          superuser: { username: SUPERUSER.user, password: SUPERUSER.password },
          replication: { username: 'replicator', password: 'replicator-secret' },
        },
      },
      watchdog: { mode: 'off' },
    }),
  );
  if (account !== undefined) for (const path of [home, config]) chownSync(path, account.uid, account.gid);
  const patroni = daemon({
    ...{ command: ['patroni', config], account, cwd: home },
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  });
  etcd.start();
  patroni.start();

  const ask = (url: string, body?: object): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request(
        url,
        { method: body === undefined ? 'GET' : 'POST', ca: readFileSync(ca), agent: false, timeout: 3000 },
        (answer) => {
          let text = '';
          answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
          answer.on('end', () => resolve(text));
        },
      );
      sent.on('error', ({ message }) => reject(new Error(message)));
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const whole = async (): Promise<void> => {
    const seen = await until(
      120,
      () => ask(`https://${HOST}:${rest}/patroni`),
      (text) => /"state": "running", .*"role": "(master|primary)"/.test(text),
    );
    if (typeof seen !== 'string' || !seen.includes('"state": "running"')) {
      throw new Error(`Patroni did not start: ${String(seen)}\n${patroni.said().slice(-3000)}\n${etcd.said()}`);
    }
  };
  const postmaster = (): number | undefined => {
    try {
      return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    } catch {
      return undefined;
    }
  };
  const on = async (...statements: readonly string[]): Promise<void> => {
    const client = new Client({ host: HOST, port, database: 'postgres', ...SUPERUSER });
    client.on('error', () => undefined);
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const stop = async (): Promise<void> => {
    await patroni.kill();
    const pid = postmaster();
    // Its children end when they see it gone.
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    await etcd.kill();
  };
  try {
    await whole();
    await on(...setupRoleStatements({ role: 'submilli' }), `ALTER ROLE submilli PASSWORD '${password}'`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ store, rest, port, etcd, patroni, stop },
    /** The alarm that etcd raises when its store is full: it then takes no more writes. */
    alarm: async (action: 'ACTIVATE' | 'DEACTIVATE'): Promise<void> => {
      const base = `https://${HOST}:${store}/v3/maintenance`;
      const { header } = JSON.parse(await ask(`${base}/status`, {})) as { header: { member_id: string } };
      await ask(`${base}/alarm`, { action, alarm: 'NOSPACE', memberID: header.member_id });
    },
  };
};
