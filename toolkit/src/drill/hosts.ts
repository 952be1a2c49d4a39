import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { cutOff, rejoin } from '../hosts/cable';
import { hostNamed, pathOn, processesOn } from '../hosts/enter';
import type { NetworkRecord } from '../hosts/record';
import { exec } from '../stack/exec';
import { processWith, type ProcessId } from '../stack/procs';
import type { ServiceRecord } from '../stack/state';

/** Machines of their own, as far as the kernel gives them: what a drill can do to one. */
export type Hosts = {
  /** The host a service runs on. */
  readonly of: (service: string) => string | undefined;
  /** The services of a host, in starting order. */
  readonly servicesOn: (host: string) => readonly string[];
  readonly processesOn: (host: string) => readonly ProcessId[];
  readonly cutOff: (host: string) => Promise<void>;
  readonly rejoin: (host: string) => Promise<void>;
  readonly fillDisk: (host: string) => Promise<void>;
  readonly freeDisk: (host: string) => void;
};

const FILLER = 'submilli-drill-fills-this-disk';
/** Left by the quick way of filling, for the exact one. */
const REST_BYTES = 4 * 1024 * 1024;
const LIMIT_MS = 20_000;

export const stackHosts = (network: NetworkRecord, services: () => readonly ServiceRecord[]): Hosts => {
  const diskOf = (host: string): string => {
    const { disk } = hostNamed(network, host);
    if (disk === null) throw new SubmilliError({ what: `host ${host} has no disk of its own` });
    return pathOn(network, host, disk.mountPoint);
  };
  return {
    of: (name) => services().find((service) => service.name === name)?.host ?? undefined,
    servicesOn: (host) =>
      services()
        .filter((service) => service.host === host)
        .map(({ name }) => name),
    processesOn: (host) => processesOn(network, host).flatMap((pid) => processWith(pid) ?? []),
    cutOff: (host) => cutOff(network, host),
    rejoin: (host) => rejoin(network, host),
    fillDisk: (host) => fill(diskOf(host)),
    freeDisk: (host) => rmSync(join(diskOf(host), FILLER), { force: true }),
  };
};

/** Takes all that is free: most of it by reserving, which writes nothing, and the rest byte by byte until there is none. */
const fill = async (directory: string): Promise<void> => {
  const { bavail, bsize } = statfsSync(directory);
  const path = join(directory, FILLER);
  const most = bavail * bsize - REST_BYTES;
  if (most > 0) {
    const purpose = `filling the disk at ${directory}`;
    await exec('fallocate', ['--length', String(most), path], { purpose, signal: AbortSignal.timeout(LIMIT_MS) });
  }
  const file = openSync(path, 'a');
  try {
    const block = Buffer.alloc(bsize);
    for (;;) writeSync(file, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
};
