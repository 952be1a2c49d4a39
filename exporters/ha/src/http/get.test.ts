import { createServer, type RequestListener, type Server } from 'node:http';
import { deadlineIn, systemClock } from '@submilli/core';
import { type Endpoint, fetchText, getJson } from './get';

const servers: Server[] = [];
const listen = async (answer: RequestListener): Promise<string> => {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
};
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const SECRET = 'hunter2';
const endpoint = (url: string): Endpoint => ({
  ...{ url, address: new URL(url).host, service: 'Patroni', files: {} },
  login: { user: 'submilli', password: SECRET },
});
const soon = () => deadlineIn(5000, systemClock);

describe('a peer that is asked over HTTP', () => {
  it.each([301, 302, 303, 307, 308])('leads nobody elsewhere with %i, and no password goes there', async (status) => {
    const asked: (string | undefined)[] = [];
    const elsewhere = await listen((request, response) => {
      asked.push(request.headers.authorization);
      response.end('{}');
    });
    const peer = await listen((_, response) => response.writeHead(status, { location: elsewhere }).end());
    await expect(fetchText(endpoint(peer), { path: '/patroni' }, soon())).resolves.toEqual({ status, text: '' });
    await expect(getJson(endpoint(peer), '/patroni', soon())).rejects.toThrow('the answer is not JSON');
    expect(asked).toEqual([]);
  });

  it('is not listened to any more after a mebibyte, or a second', async () => {
    const loud = await listen((_, response) => {
      response.on('error', () => undefined);
      for (let i = 0; i < 40; i += 1) response.write('x'.repeat(100_000));
      response.end();
    });
    await expect(getJson(endpoint(loud), '/patroni', soon())).rejects.toThrow('larger than 1 MiB');
    const slow = await listen((_, response) => {
      const drip = setInterval(() => response.write(' '), 100);
      response.once('close', () => clearInterval(drip));
    });
    await expect(getJson(endpoint(slow), '/patroni', soon())).rejects.toThrow('no answer within 1000 ms');
  });

  it.each([200, 401, 403, 500])('cannot make us repeat the password that it was sent, with %i', async (status) => {
    const echo = await listen((request, response) => {
      const { authorization = '' } = request.headers;
      const plain = Buffer.from(authorization.slice(6), 'base64').toString();
      response
        .writeHead(status, `No ${plain.replace(':', '-')}`, { 'x-echo': plain })
        .end(`<p>${authorization} ${plain}`);
    });
    const failure: unknown = await getJson(endpoint(echo), '/patroni', soon()).catch((error: unknown) => error);
    const { message, hint } = failure as { message: string; hint?: string };
    expect(message).not.toBe('');
    for (const text of [message, hint ?? '']) expect(text).not.toMatch(/hunter2|c3VibWlsbGk6aHVudGVyMg/);
  });
});
