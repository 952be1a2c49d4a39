import { spawn } from 'node:child_process';
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SubmilliError } from '@submilli/core';
import type { Account } from '@submilli/local-postgres';
import { exec } from '../stack/exec';
import { isAlive, processWith, send, untilGone, type ProcessId } from '../stack/procs';
import { BRIDGE, ip, portOf } from './cable';
import { processesOn } from './enter';
import type { DiskPlan, NetworkPlan } from './plan';
import { firstRecord, type NetworkRecord } from './record';

export type BuildOptions = {
  /** Who owns the disks. */
  readonly account: Account | undefined;
  readonly signal: AbortSignal;
  /** Called with each change, so that whatever happens next there is a record of what to end. */
  readonly record: (network: NetworkRecord) => void;
};

/**
 * Makes the hosts: a namespace each, held open by a process, and one for the bridge that joins them. The kernel removes
 * namespaces, devices and mounts when the last process in them has ended, so that nothing can be left behind but
 * processes.
 */
export const buildNetwork = async (plan: NetworkPlan, options: BuildOptions): Promise<NetworkRecord> => {
  const { account, signal, record } = options;
  let network = firstRecord(plan);
  const set = (change: Partial<NetworkRecord>): void => record((network = { ...network, ...change }));

  set({ switch: await hold(['--net']) });
  for (const { name } of plan.hosts) {
    const process = await hold(['--net', '--mount', '--propagation=slave']);
    set({ hosts: network.hosts.map((host) => (host.name === name ? { ...host, process } : host)) });
  }
  const pidOf = (name: string): number => network.hosts.find((host) => host.name === name)?.process?.pid ?? 0;
  const hub = network.switch?.pid ?? 0;

  await ip(undefined, signal, [
    `link add ${plan.device} type veth peer name uplink netns ${hub}`,
    `addr add ${plan.address}/${plan.prefixLength} dev ${plan.device}`,
    `link set ${plan.device} up`,
  ]);
  await ip(hub, signal, [
    `link set lo up`,
    `link add ${BRIDGE} type bridge`,
    `link set ${BRIDGE} up`,
    `link set uplink master ${BRIDGE} up`,
    ...plan.hosts.flatMap(({ name }) => [
      `link add ${portOf(name)} type veth peer name eth0 netns ${pidOf(name)}`,
      `link set ${portOf(name)} master ${BRIDGE} up`,
    ]),
  ]);
  for (const { name, address, disk } of plan.hosts) {
    await ip(pidOf(name), signal, [
      'link set lo up',
      `addr add ${address}/${plan.prefixLength} dev eth0`,
      'link set eth0 up',
    ]);
    if (disk !== undefined) await attach(disk, pidOf(name), account, signal);
  }
  return network;
};

/** Ends whatever still runs on the hosts, and with it the hosts. */
export const endNetwork = async (network: NetworkRecord): Promise<void> => {
  const holders = network.hosts.flatMap(({ name, process }) => (process === null ? [] : [{ name, process }]));
  const left = holders
    .filter(({ process }) => isAlive(process))
    .flatMap(({ name }) => processesOn(network, name))
    .flatMap((pid) => processWith(pid) ?? []);
  const all = [...left, ...holders.map(({ process }) => process), ...(network.switch === null ? [] : [network.switch])];
  for (const one of all) if (isAlive(one)) send(one.pid, 'SIGKILL');
  for (const one of all) await untilGone(one, 5);
};

const HOLDER = 'sleep';

/** A process in namespaces of its own that does nothing else. */
const hold = async (namespaces: readonly string[]): Promise<ProcessId> => {
  const child = spawn('unshare', [...namespaces, '--', HOLDER, 'infinity'], { detached: true, stdio: 'ignore' });
  const problem = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(messageOf(error)));
    child.once('exit', (code, signal) => resolve(`unshare ended with ${signal ?? `exit code ${code}`}`));
  });
  const { pid } = child;
  for (let look = 0; pid !== undefined && look < 200; look += 1) {
    const found = processWith(pid);
    if (found !== undefined && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === HOLDER) {
      child.unref();
      return found;
    }
    if (child.exitCode !== null) break;
    await sleep(10);
  }
  throw new SubmilliError({
    what: `no namespace can be made here: ${await Promise.race([problem, sleep(100, 'it does not answer')])}`,
    hint: 'Hosts need root with CAP_SYS_ADMIN and CAP_NET_ADMIN; without --hosts the stack needs neither.',
  });
};

const attach = async (
  { image, mountPoint, megabytes }: DiskPlan,
  pid: number,
  account: Account | undefined,
  signal: AbortSignal,
): Promise<void> => {
  mkdirSync(mountPoint, { recursive: true });
  const purpose = `mounting ${image}`;
  if (!existsSync(image)) await format(image, megabytes, account, signal);
  const args = [`--target=${pid}`, '--mount', '--', 'mount', '-o', 'loop,noatime', image, mountPoint];
  await exec('nsenter', args, { purpose, signal });
};

const format = async (
  path: string,
  megabytes: number,
  account: Account | undefined,
  signal: AbortSignal,
): Promise<void> => {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  const file = openSync(partial, 'w', 0o600);
  ftruncateSync(file, megabytes * 1024 * 1024); // sparse: it takes what is written to it
  closeSync(file);
  const owner = account === undefined ? '' : `root_owner=${account.uid}:${account.gid},`;
  const args = ['-q', '-m', '0', '-E', `${owner}nodiscard`, partial];
  await exec('mkfs.ext4', args, { purpose: `formatting ${path}`, signal });
  renameSync(partial, path);
};
