import { connect, type Socket } from 'node:net';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { makeRole, PASSWORD } from '../../../../exporters/core/test/watching';
import { makeFolder, serve, type Serving } from './serving';

jest.setTimeout(90_000);

let server: LocalPostgres;
let serving: Serving;
const folder = makeFolder();

beforeAll(async () => {
  server = await startPostgres({ major: 18 });
  await makeRole(server);
  serving = await serve(folder.path, {
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    clusters: [{ name: 'main', postgres: ['pg'] }],
  });
}, 180_000);
afterAll(async () => {
  await serving.stop();
  await server.stop();
  folder.remove();
});

/** A client that writes what it likes, and what it was answered until it was cut off. */
const raw = (write: (socket: Socket) => void): { readonly closed: Promise<string>; readonly socket: Socket } => {
  const socket = connect(Number(new URL(serving.urls.database).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.once('connect', () => write(socket));
  return { socket, closed: new Promise((resolve) => socket.once('close', () => resolve(answer))) };
};
const told = (text: string): Promise<string> => raw((socket) => socket.write(text)).closed;
const GET = 'GET /-/healthy HTTP/1.1\r\nHost: x\r\n';
const statusesOf = (answer: string): string[] =>
  [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, code = '']) => code);
const isServed = async (): Promise<boolean> => (await fetch(`${serving.urls.database}/-/healthy`)).ok;

describe('clients that mean no good', () => {
  it('are cut off when they send a byte a second, or nothing at all; the others are served meanwhile', async () => {
    const post = 'POST /api/v1/recommendations/x/dismiss HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    const begins = [
      '',
      'GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ',
      'POST /-/reload HTTP/1.1\r\n',
      `${post}Content-Length: 900\r\n\r\n`,
    ];
    const slow = Array.from({ length: 60 }, (_, i) =>
      raw((socket) => {
        const begin = begins[i % begins.length] ?? '';
        if (begin === '') return;
        socket.write(begin);
        const drip = setInterval(() => socket.write('a'), 1000);
        socket.once('close', () => clearInterval(drip));
      }),
    );
    expect(await isServed()).toBe(true);
    const answers = await Promise.all(slow.map(({ closed }) => closed));
    expect(new Set(answers.flatMap(statusesOf))).toEqual(new Set(['408']));
    expect(await isServed()).toBe(true);
  });

  it('are refused a head that is too large, and a body that is', async () => {
    expect(statusesOf(await told(`${GET}X-Large: ${'a'.repeat(20_000)}\r\n\r\n`))).toEqual(['431']);
    const large = `POST /api/v1/recommendations/x/dismiss HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 9000\r\n\r\n${'a'.repeat(9000)}`;
    expect(statusesOf(await told(large))).toEqual(['413']);
  });

  it.each([
    ['two lengths', `${GET}Content-Length: 4\r\nContent-Length: 40\r\n\r\nGET `],
    [
      'a length and chunks',
      `${GET}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n`,
    ],
    ['a header that is folded', `${GET}X: a\r\n Content-Length: 4\r\n\r\n`],
    ['a space before the colon', `${GET}Content-Length : 4\r\n\r\nGET `],
    ['a length that is negative', `${GET}Content-Length: -1\r\n\r\n`],
    ['no host', 'GET /-/healthy HTTP/1.1\r\n\r\n'],
    ['bare line ends in a head', 'GET /-/healthy HTTP/1.1\nHost: x\nContent-Length: 4\n\nGET '],
    ['a null in a header', `${GET}X: a\0b\r\n\r\n`],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ])('smuggle nothing by %s: one refusal, and the connection is closed', async (_, text) => {
    expect(statusesOf(await told(text))).toEqual(['400']);
  });

  it('get one answer where the encoding is unknown: what follows is no request', async () => {
    const text = `${GET}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n`;
    expect(statusesOf(await told(text))).toHaveLength(1);
  });

  it('get nothing for the address of somebody else, as of a proxy', async () => {
    const answer = await told('GET http://169.254.169.254/latest HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(statusesOf(answer)).toEqual(['404']);
    const tunnel = await told('CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(statusesOf(tunnel).filter((code) => code.startsWith('2'))).toEqual([]);
  });

  it('reach none but the configured targets by /probe, whatever they call them', async () => {
    const addresses = [
      '127.0.0.1:22',
      `${server.host}:${server.port}`,
      'http://169.254.169.254/',
      'pg@evil',
      '__proto__',
    ];
    for (const name of [...addresses, '../pg', 'PG', 'pg%00', 'pg ']) {
      const answer = await fetch(`${serving.urls.database}/probe?target=${encodeURIComponent(name)}`);
      expect([name, answer.status]).toEqual([name, 400]);
    }
    for (const query of ['', '?target=', '?target=pg&target=evil', '?target[]=pg', '?target[name]=pg', '?host=pg']) {
      expect([query, (await fetch(`${serving.urls.database}/probe${query}`)).status]).toEqual([query, 400]);
    }
    const log = await server.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'submilli' AND application_name NOT LIKE 'submilli/%'",
    );
    expect(log).toEqual([{ n: 0 }]);
  });
});

describe('a crowd', () => {
  it('opens no more connections to a server than one scrape does, and whoever is too many is refused', async () => {
    const { database, query, ha } = serving.urls;
    const statuses = await Promise.all(
      [database, query, ha].flatMap((url) =>
        Array.from({ length: 150 }, async () => {
          const answer = await fetch(`${url}/metrics`).catch(() => undefined);
          await answer?.arrayBuffer();
          return answer?.status;
        }),
      ),
    );
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(100);
    const [row] = await server.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'submilli'",
    );
    expect(row?.n).toBeGreaterThan(0);
    expect(row?.n).toBeLessThanOrEqual(9);
  });
});
