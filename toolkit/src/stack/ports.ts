import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { SubmilliError } from '@submilli/core';
import { commandOf } from './procs';
import type { Service } from './service';

export type Listener = { readonly port: number; readonly inode: string };

const LISTEN = '0A';

/** The listening sockets in the text of `/proc/net/tcp` or `tcp6`. */
export const parseListeners = (text: string): Listener[] =>
  text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      const port = Number.parseInt(local?.split(':')[1] ?? '', 16);
      return state === LISTEN && inode !== undefined && Number.isInteger(port) ? [{ port, inode }] : [];
    });

const read = <T>(get: () => T, fallback: T): T => {
  try {
    return get();
  } catch {
    return fallback;
  }
};

/** The process that listens on a port: its number and command, if the kernel lets us see it. */
export const ownerOf = (port: number): { pid: number; command: string } | undefined => {
  const listeners = ['tcp', 'tcp6'].flatMap((name) =>
    parseListeners(read(() => readFileSync(`/proc/net/${name}`, 'utf8'), '')),
  );
  const sockets = new Set(listeners.filter((l) => l.port === port).map(({ inode }) => `socket:[${inode}]`));
  if (sockets.size === 0) return undefined;
  for (const pid of read(() => readdirSync('/proc'), []).filter((name) => /^\d+$/.test(name))) {
    const files = read(() => readdirSync(`/proc/${pid}/fd`), []);
    if (files.some((fd) => sockets.has(read(() => readlinkSync(`/proc/${pid}/fd/${fd}`), '')))) {
      return { pid: Number(pid), command: commandOf(Number(pid)) };
    }
  }
  return undefined;
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });

/** Throws a `SubmilliError` naming the first busy port, whom it is needed for and who has it. */
export const refuseBusyPorts = async (services: readonly Service[]): Promise<void> => {
  for (const { name, endpoints, host } of services) {
    if (host !== undefined) continue; // nobody else is there
    for (const { port, what } of endpoints) {
      if (await isFree(port)) continue;
      const owner = ownerOf(port);
      const by =
        owner === undefined ? 'a process of another user' : `process ${owner.pid} (${owner.command.slice(0, 120)})`;
      throw new SubmilliError({
        what: `port ${port}, needed for ${name} (${what}), is taken by ${by}`,
        hint: 'Stop that process, then start again.',
      });
    }
  }
};
