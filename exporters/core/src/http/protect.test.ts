import { hashSync } from 'bcryptjs';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineCollector } from '../collector/define';
import { configSchema } from '../config/schema';
import { type ExporterDefinition, runExporter, type RunningExporter } from '../exporter/exporter';
import { silentLogger } from '../log';

/** Ends when the test says so. */
let finish: () => void = () => undefined;
let held: Promise<void> = Promise.resolve();
const hold = (): void => {
  held = new Promise((resolve) => (finish = resolve));
};

const patient = defineCollector({
  ...{ name: 'patient', source: 'a test', metrics: {} },
  read: () => held,
  publish: () => [],
});

const definition: ExporterDefinition<null, object> = {
  ...{ name: 'database', title: 'Test exporter', description: 'A wall.', section: 'postgres' },
  registry: { collectors: [patient], samplers: [], surveys: [], derived: [], rules: [] },
  resources: [
    {
      path: 'broken',
      answer: () => {
        throw new Error('broken');
      },
    },
  ],
  targets: (config) =>
    config.postgres.map(({ name }) => ({
      name,
      source: {
        where: name,
        open: () => Promise.resolve({ session: null, isClosed: () => false, close: () => Promise.resolve() }),
        facts: () => Promise.resolve({}),
        plan: () => undefined,
      },
    })),
};

const directory = mkdtempSync(join(tmpdir(), 'submilli-protect-'));
let running: RunningExporter | undefined;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const run = async (overrides: object = {}): Promise<string> => {
  const config = configSchema.parse({
    listen: { database: `127.0.0.1:${await freePort()}` },
    postgres: [{ name: 'pg1' }],
    ...overrides,
  });
  const requestReload = (): Promise<void> => Promise.resolve();
  running = await runExporter(definition, {
    ...{ config, log: silentLogger, version: '1', requestReload, stateDirectory: null },
  });
  return running.url;
};

afterEach(async () => {
  finish();
  held = Promise.resolve();
  await running?.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

/** With a method and headers that `fetch` does not let one choose. */
const raw = (url: string, method: string, headers: Record<string, string> = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    request(url, { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

const answers: readonly (readonly [path: string, status: number])[] = [
  ['/', 200],
  ['/metrics', 200],
  ['/probe?target=pg1', 200],
  ['/probe?target=10.0.0.1:5432', 400],
  ['/-/healthy', 200],
  ['/-/ready', 200],
  ['/api/v1/status', 200],
  ['/api/v1/targets', 200],
  ['/api/v1/recommendations', 200],
  ['/api/v1/broken', 500],
  ['/nothing', 404],
  ['/%ff', 404],
];

const expectProtected = (headers: Headers): void => {
  expect(Object.fromEntries(headers)).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'cross-origin-resource-policy': 'same-origin',
    'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-/) as string,
  });
  const names = [...headers.keys()];
  expect(names.filter((name) => /^(server|x-powered-by|access-control-|set-cookie|etag)/.test(name))).toEqual([]);
};

describe('an answer of any kind', () => {
  it('has the headers that protect who reads it, and none that tells more than it must', async () => {
    const url = await run();
    for (const [path, status] of answers) {
      const answer = await fetch(url + path, { headers: { origin: 'http://evil.example' } });
      expect([path, answer.status]).toEqual([path, status]);
      expectProtected(answer.headers);
    }
    const refused = await fetch(`${url}/metrics`, { method: 'DELETE' });
    expect(refused.status).toBe(405);
    expectProtected(refused.headers);
  });

  it('has them also when it asks for a password', async () => {
    const file = join(directory, 'web.yml');
    writeFileSync(file, `basic_auth_users:\n  ops: ${hashSync('s3cret', 4)}\n`);
    const answer = await fetch(await run({ web_config_file: file }));
    expect(answer.status).toBe(401);
    expectProtected(answer.headers);
  });

  it('lets the page have its own style sheet and nothing else', async () => {
    const answer = await fetch(await run());
    const page = await answer.text();
    const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(answer.headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}';`);
    expect(page).not.toMatch(/<script|<link|<img|<form|<iframe|\sstyle=|\son\w+=|javascript:/i);
  });
});

describe('what can be asked', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])('is not %s, of what is only read', async (method) => {
    const url = await run();
    for (const path of ['/', '/metrics', '/probe?target=pg1', '/api/v1/status']) {
      expect([path, await raw(url + path, method)]).toEqual([path, 405]);
    }
    expect(await raw(`${url}/-/reload`, method)).toBe(method === 'POST' ? 200 : 405);
  });

  it('is not a reload by the page of another site, not even in the browser of somebody who may', async () => {
    const url = await run();
    expect(await raw(`${url}/-/reload`, 'POST', { origin: 'http://evil.example' })).toBe(403);
    expect(await raw(`${url}/-/reload`, 'POST', { origin: 'null' })).toBe(403);
    expect(await raw(`${url}/-/reload`, 'POST', { origin: url })).toBe(200);
    const file = join(directory, 'web.yml');
    writeFileSync(file, `basic_auth_users:\n  ops: ${hashSync('s3cret', 4)}\n`);
    await running?.close();
    const closed = await run({ web_config_file: file });
    const authorization = `Basic ${Buffer.from('ops:s3cret').toString('base64')}`;
    expect(await raw(`${closed}/-/reload`, 'POST', { authorization, origin: 'http://evil.example' })).toBe(403);
    expect(await raw(`${closed}/-/reload`, 'POST', { authorization })).toBe(200);
  });

  it('is answered to a bounded crowd; who is too many is told at once', async () => {
    const url = await run();
    await fetch(`${url}/metrics`);
    hold();
    const told: number[] = [];
    const ask = async (): Promise<unknown> => told.push(await raw(`${url}/metrics`, 'GET'));
    const crowd = Array.from({ length: 80 }, ask);
    // 64, and 4 for the one target: they are in once the other 12 were told.
    while (told.length < 12) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await raw(`${url}/-/healthy`, 'GET')).toBe(503);
    finish();
    await Promise.all(crowd);
    expect(told).toEqual([...Array<number>(12).fill(503), ...Array<number>(68).fill(200)]);
    expect(await raw(`${url}/-/healthy`, 'GET')).toBe(200);
  });
});
