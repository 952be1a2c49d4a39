import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@submilli/local-postgres';

/** Real etcd members of one cluster, on free ports of loopback. */
export const startEtcd = async (count: number) => {
  const root = mkdtempSync(join(tmpdir(), 'submilli-etcd-'));
  const members: { name: string; client: string; peer: string; metrics: string }[] = [];
  const url = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`;
  for (let i = 1; i <= count; i += 1) {
    members.push({ name: `n${i}`, client: await url(), peer: await url(), metrics: await url() });
  }
  const cluster = members.map(({ name, peer }) => `${name}=${peer}`).join(',');
  const processes = members.map(({ name, client, peer, metrics }): ChildProcess =>
    spawn(
      'etcd',
      [
        ...['--name', name, '--data-dir', join(root, name), '--initial-cluster', cluster, '--log-level', 'fatal'],
        ...['--listen-client-urls', client, '--advertise-client-urls', client],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--listen-metrics-urls', metrics],
      ],
      { stdio: 'ignore' },
    ),
  );
  const kill = (i: number): Promise<void> =>
    new Promise((resolve) => {
      const one = processes[i];
      if (one?.exitCode !== null || one.signalCode !== null) return resolve();
      one.once('exit', () => resolve());
      one.kill('SIGKILL');
    });
  return {
    urls: members.map(({ client }) => client),
    metricsUrls: members.map(({ metrics }) => metrics),
    kill,
    stop: async () => {
      await Promise.all(processes.map((_, i) => kill(i)));
      rmSync(root, { recursive: true, force: true });
    },
  };
};
