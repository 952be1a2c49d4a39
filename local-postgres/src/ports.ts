import { createServer } from 'node:net';

/** Below the range from which systems take the ports of outgoing connections: those could grab a port we just chose. */
const FIRST = 20_000;
const COUNT = 12_000;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Whoever asked for one may not listen on it yet: nobody else is given it. */
const chosen = new Set<number>();

/** A TCP port on 127.0.0.1 that was free a moment ago, another each time. `random` gives numbers in [0, 1). */
export const freePort = async (random: () => number = Math.random): Promise<number> => {
  for (;;) {
    const port = FIRST + Math.floor(random() * COUNT);
    if (chosen.has(port)) continue;
    chosen.add(port);
    if (await isFree(port)) return port;
  }
};
