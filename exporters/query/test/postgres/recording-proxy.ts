import { createServer, connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What a client sent: a statement (simple or parsed), or another message that could run something. */
export type Sent = { readonly kind: 'query' | 'parse' | 'other'; readonly text: string };

export type RecordingProxy = {
  readonly port: number;
  readonly sent: readonly Sent[];
  readonly close: () => Promise<void>;
};

/** Stands between a client and a server of PostgreSQL, without TLS, and writes down all that the client asks for. */
export const startProxy = async (server: { readonly host: string; readonly port: number }): Promise<RecordingProxy> => {
  const sent: Sent[] = [];
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const upstream = connect(server.port, server.host);
    const record = recorder(sent);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => [client, upstream].forEach((each) => each.destroy()));
      socket.on('close', () => [client, upstream].forEach((each) => each.destroy()));
    }
    client.on('data', (chunk: Buffer) => {
      record(chunk);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => client.write(chunk));
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    sent,
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => listener.close(resolve));
    },
  };
};

/** Messages that only carry on with a statement that was parsed before, or give it up. */
const HARMLESS = new Set(['B', 'D', 'E', 'S', 'C', 'H', 'X', 'p']);

/** https://www.postgresql.org/docs/current/protocol-message-formats.html; the first message has no type. */
const recorder = (sent: Sent[]): ((chunk: Buffer) => void) => {
  let buffer = Buffer.alloc(0);
  let started = false;
  const take = (type: string, body: Buffer): void => {
    if (type === 'Q') sent.push({ kind: 'query', text: body.toString('utf8', 0, body.length - 1) });
    else if (type === 'P') {
      const from = body.indexOf(0) + 1;
      sent.push({ kind: 'parse', text: body.toString('utf8', from, body.indexOf(0, from)) });
    } else if (!HARMLESS.has(type)) sent.push({ kind: 'other', text: type });
  };
  return (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const head = started ? 1 : 0;
      if (buffer.length < head + 4) return;
      const end = head + buffer.readInt32BE(head);
      if (buffer.length < end) return;
      if (started) take(String.fromCharCode(buffer[0] ?? 0), buffer.subarray(5, end));
      started = true;
      buffer = buffer.subarray(end);
    }
  };
};
