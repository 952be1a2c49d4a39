import type { Duplex } from 'node:stream';
import type { Client } from 'pg';
import { Problem } from '../problem';

/**
 * node-postgres believes whatever a server sends: a message cut short makes it throw where nobody can catch it, which
 * ends the process, and an error message without its end mark makes it loop for ever. An exporter must outlive any
 * peer, so each message's frame is checked before the driver sees it, and what the driver still throws is caught.
 * Format: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export const vetMessages = (client: Client, where: string): void => {
  const connection = client.connection as unknown as { attachListeners: (stream: Duplex) => void };
  const attach = connection.attachListeners.bind(connection);
  // Called for the plain stream, or for the encrypted one laid over it.
  connection.attachListeners = (stream) => {
    vetStream(stream, where);
    attach(stream);
  };
};

const vetStream = (stream: Duplex, where: string): void => {
  const check = messageChecker();
  const emit = stream.emit.bind(stream);
  stream.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event !== 'data') return emit(event, ...args);
    if (stream.destroyed) return true;
    try {
      check(args[0] as Buffer);
      return emit(event, ...args);
    } catch (cause) {
      stream.destroy(
        new Problem('data', {
          what: 'the answer breaks PostgreSQL’s protocol',
          where,
          hint: 'Something else answers there: check host and port.',
          cause,
        }),
      );
      return true;
    }
  };
};

/** Every message that a server may send to us. */
const KNOWN = new Set([...'123ACDEGHIKNRSTVWZcdnstv'].map((letter) => letter.charCodeAt(0)));
/** Those made of fields ended by a zero: the driver reads on until it finds that zero. */
const FIELDS = new Set([...'EN'].map((letter) => letter.charCodeAt(0)));

const HEADER_BYTES = 5;
/** One row of ours is a few kilobytes; the driver buffers a message whole. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Takes the bytes of one direction in any portions; throws at the first that no server would send. */
export const messageChecker = (): ((chunk: Buffer) => void) => {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  let bodyLeft = 0;
  let fields: 'none' | 'start' | 'inside' | 'ended' = 'none';

  const begin = (): void => {
    const code = header[0] ?? 0;
    const length = header.readUInt32BE(1);
    if (!KNOWN.has(code)) throw new Error(`no message begins with byte 0x${code.toString(16)}`);
    if (length < 4 || length > MAX_MESSAGE_BYTES) throw new Error(`no message is ${length} bytes long`);
    bodyLeft = length - 4;
    fields = FIELDS.has(code) ? 'start' : 'none';
  };
  const body = (bytes: Buffer): void => {
    if (fields === 'none') return;
    for (const byte of bytes) {
      if (fields === 'ended') throw new Error('bytes after the end of an error message');
      if (fields === 'start') fields = byte === 0 ? 'ended' : 'inside';
      else if (byte === 0) fields = 'start';
    }
  };
  const end = (): void => {
    headerBytes = 0;
    if (fields !== 'none' && fields !== 'ended') throw new Error('an error message without its end');
  };

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (headerBytes < HEADER_BYTES) {
        const taken = chunk.copy(header, headerBytes, at, at + HEADER_BYTES - headerBytes);
        headerBytes += taken;
        at += taken;
        if (headerBytes < HEADER_BYTES) return;
        begin();
      }
      const part = chunk.subarray(at, at + bodyLeft);
      body(part);
      at += part.length;
      bodyLeft -= part.length;
      if (bodyLeft === 0) end();
    }
  };
};
