import { connect, createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Certificates, readPair } from './certificates';

/** What stands between an exporter and its peer does to what comes back. */
export type Trouble =
  'refuse' | 'reset' | 'slow' | 'garbage' | 'another authority' | 'an expired certificate' | 'plain text';

/** How TLS begins: at once, after PostgreSQL's question for it, or never. */
export type Dialect = 'http' | 'https' | 'postgres' | 'postgres without TLS';

export type Proxy = {
  readonly host: string;
  readonly port: number;
  /** Begins or ends trouble; connections that there are end with the old way. */
  readonly set: (trouble: Trouble | undefined) => Promise<void>;
  /** Ends the connections that there are, so that others are made. */
  readonly drop: () => void;
  /** Connections that are open to it. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

export type ProxyOptions = {
  readonly host: string;
  readonly upstream: { readonly host: string; readonly port: number };
  readonly dialect: Dialect;
  readonly certificates: Certificates;
};

const SLOW_MS = 40;

/** The same in each run: what is made of it is not up to chance. */
const garbage = (bytes: number): Buffer => {
  let seed = 20_261_128;
  return Buffer.from(
    Array.from({ length: bytes }, () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (seed >> 16) & 0xff;
    }),
  );
};

const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', ({ message }) => reject(new Error(`the proxy can't listen: ${message}`)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

/** A TCP proxy that does to its client what the network and strangers do. */
export const startProxy = async ({ host, upstream, dialect, certificates }: ProxyOptions): Promise<Proxy> => {
  let trouble: Trouble | undefined;
  const clients = new Set<Socket>();

  /** Both ways; what comes back goes through `back`. */
  const tunnel = (client: Socket, back: (server: Socket) => void): void => {
    const server = connect(upstream.port, upstream.host);
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.on('data', (chunk: Buffer) => server.write(chunk));
    back(server);
  };

  const byteByByte = (client: Socket, server: Socket): void => {
    const waiting: Buffer[] = [];
    server.on('data', (chunk: Buffer) => waiting.push(chunk));
    const timer = setInterval(() => {
      const first = waiting.shift();
      if (first === undefined) return;
      client.write(first.subarray(0, 1));
      if (first.length > 1) waiting.unshift(first.subarray(1));
    }, SLOW_MS);
    client.on('close', () => clearInterval(timer));
  };

  /** Half of an answer, and then a reset. */
  const halves = (client: Socket, server: Socket): void => {
    server.once('data', (chunk: Buffer) => {
      client.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => client.resetAndDestroy());
    });
  };

  /** Takes the part of the server as far as TLS, with a certificate; then `speak`. */
  const impersonate = (client: Socket, pair: Certificates['node'], speak: (client: Socket) => void): void => {
    client.on('error', () => client.destroy());
    // Who is asked for TLS and has none otherwise is somebody else.
    const isPlain = dialect === 'postgres without TLS' || (dialect === 'http' && pair === certificates.node);
    if (isPlain) return speak(client);
    const secure = (): void => {
      const encrypted = new TLSSocket(client, { isServer: true, ...readPair(pair) });
      encrypted.on('error', () => client.destroy());
      speak(encrypted);
    };
    if (dialect !== 'postgres') return secure();
    client.once('data', () => {
      client.write('S');
      secure();
    });
  };

  const speakGarbage = (client: Socket): void => {
    client.on('data', () => client.write(garbage(4096)));
  };

  const inPlainText = (client: Socket): void => {
    client.on('error', () => client.destroy());
    client.once('data', () => {
      if (dialect !== 'postgres') client.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
      else client.write('N');
    });
  };

  const take = (client: Socket): void => {
    switch (trouble) {
      case undefined:
        return tunnel(client, (server) => server.on('data', (chunk: Buffer) => client.write(chunk)));
      case 'slow':
        return tunnel(client, (server) => byteByByte(client, server));
      case 'reset':
        return tunnel(client, (server) => halves(client, server));
      case 'refuse':
        return void client.on('error', () => client.destroy());
      case 'garbage':
        return impersonate(client, certificates.node, speakGarbage);
      case 'another authority':
        return impersonate(client, certificates.foreign, () => undefined);
      case 'an expired certificate':
        return impersonate(client, certificates.expired, () => undefined);
      case 'plain text':
        return inPlainText(client);
    }
  };

  const made = (): Server =>
    createServer((client) => {
      clients.add(client);
      client.on('close', () => clients.delete(client));
      take(client);
    });
  const drop = (): void => clients.forEach((client) => client.destroy());
  const closed = async (server: Server): Promise<void> => {
    const ended = new Promise((resolve) => server.close(resolve));
    drop();
    await ended;
  };

  let server: Server | undefined = made();
  const port = await listen(server, host, 0);
  return {
    ...{ host, port, drop },
    set: async (next) => {
      trouble = next;
      drop();
      if (next === 'refuse' && server !== undefined) {
        await closed(server);
        server = undefined;
      } else if (next !== 'refuse' && server === undefined) {
        server = made();
        await listen(server, host, port);
      }
    },
    connections: () => clients.size,
    close: async () => {
      if (server !== undefined) await closed(server);
    },
  };
};
