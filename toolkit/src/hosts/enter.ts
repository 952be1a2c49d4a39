import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SubmilliError } from '@submilli/core';
import type { Account } from '@submilli/local-postgres';
import type { ProcessId } from '../stack/procs';
import type { HostRecord, NetworkRecord } from './record';

export type Command = { readonly command: string; readonly args: readonly string[] };

/** Throws a `SubmilliError` when the stack has no such host, or the host is not there yet. */
export const hostNamed = (network: NetworkRecord | null, name: string): HostRecord & { process: ProcessId } => {
  const host = network?.hosts.find((one) => one.name === name);
  const process = host?.process ?? undefined;
  if (host !== undefined && process !== undefined) return { ...host, process };
  const there = (network?.hosts ?? []).map((one) => one.name).join(', ');
  throw new SubmilliError({
    what: `the stack has no host ${name}`,
    hint: there === '' ? 'Start it with: npx submilli stack up --hosts' : `There are: ${there}`,
  });
};

/** A command that runs another on a host, as `account`; only root may run it. It ends as the other's process. */
export const onHost = (
  network: NetworkRecord | null,
  name: string,
  { command, args }: Command,
  account?: Account,
): Command => {
  const { pid } = hostNamed(network, name).process;
  const as =
    account === undefined
      ? []
      : ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--'];
  return {
    command: 'nsenter',
    args: [`--target=${pid}`, '--net', '--mount', '--wdns=/', '--', ...as, command, ...args],
  };
};

/** A file of a host, as the rest of the machine can open it: its disks are mounted there only. */
export const pathOn = (network: NetworkRecord | null, name: string, path: string): string =>
  join(`/proc/${hostNamed(network, name).process.pid}/root`, path);

const networkOf = (pid: number | string): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined; // it has ended, or is not ours to look at
  }
};

/** The processes that run on a host now, without the one that holds it open: to freeze them, or to kill them. */
export const processesOn = (network: NetworkRecord | null, name: string): number[] => {
  const holder = hostNamed(network, name).process.pid;
  const own = networkOf(holder);
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== holder && own !== undefined && networkOf(pid) === own);
};
