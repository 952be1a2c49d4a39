import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@submilli/local-postgres';
import type { Certificates } from './certificates';

export type EtcdCluster = {
  readonly urls: readonly string[];
  /** Runs etcdctl against all members. */
  readonly ctl: (...args: string[]) => string;
  readonly kill: (member: number) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Three etcd members on loopback: Debian's binary, ports of their own, data that is gone afterwards. */
export const startEtcd = async (tls?: Certificates): Promise<EtcdCluster> => {
  const folder = mkdtempSync(join(tmpdir(), 'submilli-etcd-'));
  const scheme = tls === undefined ? 'http' : 'https';
  const ports = await Promise.all([1, 2, 3, 4, 5, 6].map(() => freePort()));
  const clients = ports.slice(0, 3).map((port) => `${scheme}://127.0.0.1:${port}`);
  const peers = ports.slice(3).map((port) => `http://127.0.0.1:${port}`);
  const members = clients.map((client, i) => {
    const peer = peers[i] ?? '';
    const args = [
      ...['--name', `e${i}`, '--data-dir', join(folder, `e${i}`), '--log-level', 'error', '--logger', 'zap'],
      ...['--listen-client-urls', client, '--advertise-client-urls', client],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', peers.map((url, j) => `e${j}=${url}`).join(), '--initial-cluster-state', 'new'],
      ...(tls === undefined ? [] : ['--cert-file', tls.server.cert, '--key-file', tls.server.key]),
      ...(tls === undefined ? [] : ['--client-cert-auth', '--trusted-ca-file', tls.ca]),
    ];
    return spawn('etcd', args, { stdio: 'ignore' });
  });
  const ctl = (...args: string[]): string => {
    const files = tls === undefined ? [] : ['--cacert', tls.ca, '--cert', tls.client.cert, '--key', tls.client.key];
    return execFileSync('etcdctl', ['--endpoints', clients.join(), ...files, ...args], {
      env: { ...process.env, ETCDCTL_API: '3' },
      stdio: 'pipe',
      encoding: 'utf8',
    });
  };
  await untilHealthy(ctl);
  return {
    urls: clients,
    ctl,
    kill: (member) => end(members[member]),
    stop: async () => {
      await Promise.all(members.map(end));
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const untilHealthy = async (ctl: EtcdCluster['ctl']): Promise<void> => {
  for (let tries = 0; ; tries += 1) {
    try {
      ctl('endpoint', 'health');
      return;
    } catch (error) {
      if (tries > 60) throw error;
      await sleep(500);
    }
  }
};

const end = async (member: ChildProcess | undefined): Promise<void> => {
  if (member?.exitCode !== null || member.signalCode !== null) return;
  const ended = new Promise((resolve) => member.once('exit', resolve));
  member.kill('SIGKILL');
  await ended;
};
