import { createServer, type Server } from 'node:net';
import fc from 'fast-check';
import { deadlineIn, systemClock } from '../clock';
import { connectSql } from './connect';
import { messageChecker } from './vet-messages';

/** One message: its letter, its length, its body. */
const message = (letter: string, body: Uint8Array = Buffer.alloc(0)): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(letter, 'latin1'), length, body]);
};

const errorBody = (fields: readonly string[]): Buffer =>
  Buffer.from(`${fields.map((text, i) => `${'SCMDH'[i % 5]}${text}\0`).join('')}\0`);

const text = fc.string({ unit: 'grapheme' }).map((words) => words.replaceAll('\0', ''));
const sound = fc.oneof(
  fc
    .tuple(fc.constantFrom(...'123CDKRSTZ'), fc.uint8Array({ maxLength: 40 }))
    .map(([letter, body]) => message(letter, body)),
  fc
    .tuple(fc.constantFrom('E', 'N'), fc.array(text, { maxLength: 5 }))
    .map(([letter, fields]) => message(letter, errorBody(fields))),
);

describe('vetting what a server sends', () => {
  it('lets every well-framed conversation pass, however it is cut into portions', () => {
    fc.assert(
      fc.property(fc.array(sound, { maxLength: 6 }), fc.array(fc.nat({ max: 60 })), (messages, cuts) => {
        const check = messageChecker();
        let rest = Buffer.concat(messages);
        for (const cut of cuts) {
          check(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        check(rest);
      }),
    );
  });

  it('stops at an unknown letter, an impossible length, and an error message without its end', () => {
    for (const bytes of [
      Buffer.from('X\0\0\0\x04'),
      Buffer.from('HTTP/1.1 400 Bad Request'),
      Buffer.from('Z\0\0\0\x03'),
      message('E'),
      message('E', Buffer.from('SFATAL\0')),
      message('N', Buffer.from('SFATAL')),
      message('E', Buffer.from('SFATAL\0\0\0')),
    ]) {
      expect(() => messageChecker()(bytes)).toThrow();
    }
  });
});

describe('a session with a peer that breaks the protocol', () => {
  let peer: Server | undefined;
  afterEach(() => new Promise((resolve) => peer?.close(resolve)));

  /** Connects to a peer that answers everything with `bytes`; the words of the refusal. */
  const refusal = async (bytes: Buffer): Promise<string> => {
    const listening = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.end(bytes));
    });
    peer = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const bound = listening.address();
    const options = {
      address: {
        ...{ name: 'peer', host: '127.0.0.1', database: 'x', user: 'x', password: 'x', sslmode: 'disable' as const },
        port: typeof bound === 'object' && bound !== null ? bound.port : 0,
      },
      limits: { connect_ms: 2000, lock_ms: 10, statement_ms: 1000 },
      ...{ applicationName: 'test', dialect: 'pgbouncer' as const, clock: systemClock },
    };
    const opened = await connectSql(options, deadlineIn(2000, systemClock)).catch((error: unknown) => error);
    if (!(opened instanceof Error)) throw new Error('it was believed');
    return opened.message;
  };

  // Each of these ended the process, or kept it busy for ever, before messages were vetted.
  it.each([...'ADEGHKNRTt'].flatMap((letter) => ['', 'ffff', '7fffffff'].map((body) => [letter, body])))(
    'survives a message %s with the body "%s"',
    async (letter, body) => {
      expect(await refusal(message(letter, Buffer.from(body, 'hex')))).toMatch(/^peer \(127\.0\.0\.1:\d+\): /);
    },
  );

  it('says that something else answers there', async () => {
    expect(await refusal(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))).toContain('breaks PostgreSQL’s protocol');
  });
});
