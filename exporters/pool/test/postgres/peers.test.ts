import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { collectorsFailing, scrape } from '../../../core/test/watching';
import { configFor, watch } from './watching';

/** One message of PostgreSQL's protocol: a letter, its length, its body. */
const message = (letter: string, body: Uint8Array | string = ''): Buffer => {
  const bytes = Buffer.from(body);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length + 4);
  return Buffer.concat([Buffer.from(letter), length, bytes]);
};

const LOGGED_IN = Buffer.concat([message('R', '\0\0\0\0'), message('Z', 'I')]);

const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number): Buffer => Buffer.concat([int16(value >> 16), int16(value & 0xffff)]);

/** A whole answer of one text column and one row. */
const answer = (column: string, text: string): Buffer =>
  Buffer.concat([
    message('T', Buffer.concat([int16(1), Buffer.from(`${column}\0`), int32(0), int16(0), int32(25), Buffer.alloc(8)])),
    message('D', Buffer.concat([int16(1), int32(text.length), Buffer.from(text)])),
    message('C', 'SHOW\0'),
    message('Z', 'I'),
  ]);

/** Lets everybody in, then answers every query with what `reply` makes of its text. */
const console =
  (reply: (query: string) => Buffer) =>
  (socket: Socket): void => {
    socket.once('data', () => {
      socket.on('data', (query) => socket.write(reply(query.subarray(5).toString())));
      socket.write(LOGGED_IN);
    });
  };

const drip = (socket: Socket): void => {
  const timer = setInterval(() => socket.write(Buffer.alloc(1000)), 5);
  socket.once('close', () => clearInterval(timer));
  socket.write(Buffer.from('D\0\x80\0\0', 'latin1')); // eight megabytes are announced
};

describe('the pool exporter and a peer that is no PgBouncer', () => {
  const sockets = new Set<Socket>();
  let peer: Server | undefined;
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await new Promise((resolve) => peer?.close(resolve));
  });

  const listen = (onConnection: (socket: Socket) => void): Promise<number> =>
    new Promise((resolve) => {
      peer = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        onConnection(socket);
      });
      peer.listen(0, '127.0.0.1', () => {
        const address = peer?.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });

  it.each<[string, (socket: Socket) => void, RegExp]>([
    [
      'answers random bytes',
      (socket) => socket.on('data', () => socket.write(randomBytes(4096))),
      /protocol|no answer|timeout/,
    ],
    ['greets like a mail server', (socket) => socket.write('220 mail ESMTP\r\n'), /breaks PostgreSQL’s protocol/],
    ['answers HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), /breaks PostgreSQL’s protocol/],
    ['says nothing', () => undefined, /timeout expired while connecting/],
    ['hangs up', (socket) => socket.destroy(), /./],
    ['announces more than it sends', drip, /timeout expired/],
    ['lets us in and hangs', console(() => Buffer.alloc(0)), /no answer within 750 ms/],
    ['sends a row cut short', console(() => message('D', '\0')), /breaks PostgreSQL’s protocol/],
    ['sends an error without end', console(() => message('E', 'SFATAL')), /breaks PostgreSQL’s protocol/],
    ['sends a row before its columns', console(() => message('D', Buffer.concat([int16(1), int32(-1)]))), /./],
    ['is another pooler', console(() => answer('version', 'PgCat 1.2.0')), /it is "PgCat 1.2.0", not PgBouncer/],
    ['answers something else', console(() => answer('answer', '42')), /has no column version/],
  ])('that %s is down with a reason, within the deadline', async (_, behaviour, reason) => {
    const target = watch(configFor(await listen(behaviour)));
    const text = await scrape(target);
    expect(text).toContain('\ndb_exporter_up 0\n');
    expect(text).not.toMatch(/^db_pool_/m);
    expect(target.view().problem?.message).toMatch(reason);
    expect(target.view().problem?.message).toMatch(/^pool \(127\.0\.0\.1:\d+\): ./);
    await target.close();
  });

  it('keeps what works when single commands are refused or answered with nonsense', async () => {
    const replies: Record<string, Buffer> = {
      'SHOW VERSION': answer('version', 'PgBouncer 1.30.0'),
      'SHOW STATS': answer('database', 'app'),
      'SHOW LISTS': answer('list', 'ducks'),
      'SHOW POOLS': answer('weather', 'fine'),
    };
    const refused = Buffer.concat([message('E', 'SERROR\0C08P01\0Minvalid command\0\0'), message('Z', 'I')]);
    const reply = (query: string): Buffer => replies[query.replace(/\0$/, '')] ?? refused;
    const target = watch(configFor(await listen(console(reply))));
    const text = await scrape(target);
    expect(text).toContain('\ndb_exporter_up 1\n');
    expect(text).toContain('\ndb_pool_version_info{version="1.30.0"} 1\n');
    const refusedToo = ['users', 'memory', 'peers', 'peer-pools', 'dns', 'clients', 'servers'];
    expect(collectorsFailing(text)).toEqual(['state', 'pools', 'databases', 'limits', ...refusedToo]);
    expect(text).toContain('db_exporter_collector_errors_total{collector="pools",kind="data"} 1\n');
    expect(text).toContain('db_exporter_collector_errors_total{collector="limits",kind="missing"} 1\n');
    expect(text).toContain('\ndb_exporter_connects_total 1\n');
    await target.close();
  });
});
