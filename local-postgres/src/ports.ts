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

/** A TCP port on 127.0.0.1 that was free a moment ago. `random` gives numbers in [0, 1). */
export const freePort = async (random: () => number = Math.random): Promise<number> => {
  for (;;) {
    const port = FIRST + Math.floor(random() * COUNT);
    if (await isFree(port)) return port;
  }
};
