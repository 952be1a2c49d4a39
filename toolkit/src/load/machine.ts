import { cpus, loadavg, release, totalmem } from 'node:os';
import { readOsRelease } from '../debian/os-release';

/** What the figures were measured on: enough to compare, and nothing that tells whose machine it is. */
export type Machine = {
  readonly cores: number;
  readonly processor: string;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly system: string;
  /** Processes that ran or wanted to, averaged over the minute before. */
  readonly loadBefore: number;
};

export const thisMachine = (): Machine => {
  const processors = cpus();
  return {
    cores: processors.length,
    processor: (processors[0]?.model ?? '').replace(/\s+/g, ' ').trim(),
    memoryBytes: totalmem(),
    kernel: release(),
    system: readOsRelease().name,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
};

/** Whether an address leads to the machine itself, so that clients and server share its processors. */
export const isHere = (host: string): boolean => /^(127\.|::1$|localhost$|\/)/.test(host);
