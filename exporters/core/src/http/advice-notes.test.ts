import { hashSync } from 'bcryptjs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recommendation, recommendationsAnswer } from '../api/recommendations';
import { defineRule } from '../advice/rule';
import { defineCollector } from '../collector/define';
import { configSchema } from '../config/schema';
import { type ExporterDefinition, runExporter, type RunningExporter } from '../exporter/exporter';
import { silentLogger } from '../log';

const level = defineCollector({
  name: 'level',
  source: 'a gauge on the wall',
  metrics: {},
  read: () => Promise.resolve(9),
  publish: () => [],
});

const high = defineRule<object, { level: typeof level }>({
  ...{ name: 'high', title: 'The level is high', signal: 'level', threshold: 'above 5', inputs: { level } },
  check: ({ level: now }) => [
    {
      ...{ subject: 'the level', severity: 'critical', title: 'Mind <the level>', why: 'it is high' },
      evidence: [{ label: 'level', value: now, unit: '' }],
      action: { kind: 'config', text: 'lower it', reversible: true, lock: null, needsRestart: false },
      impact: { what: 'level', before: null, after: null, confidence: 'high', measured: 'by reading it' },
    },
  ],
});

const definition: ExporterDefinition<null, object> = {
  ...{ name: 'database', title: 'Test exporter', description: 'A wall.', section: 'postgres', resources: [] },
  registry: { collectors: [level], samplers: [], surveys: [], derived: [], rules: [high] },
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

let directory: string;
let running: RunningExporter | undefined;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const run = async (overrides: object = {}, host = '127.0.0.1'): Promise<string> => {
  const port = await freePort();
  const config = configSchema.parse({
    listen: { database: `${host}:${port}` },
    postgres: [{ name: 'pg1' }],
    ...overrides,
  });
  running = await runExporter(definition, {
    ...{ config, log: silentLogger, version: '1', requestReload: () => Promise.resolve(), stateDirectory: directory },
  });
  return running.url.replace('0.0.0.0', '127.0.0.1');
};

const rounds = async (url: string, headers: Record<string, string> = {}) => {
  const metrics = await (await fetch(`${url}/metrics`, { headers })).text();
  const answer = recommendationsAnswer.parse(await (await fetch(`${url}/api/v1/recommendations`, { headers })).json());
  const [first] = answer.recommendations;
  if (first === undefined) throw new Error('nothing is recommended');
  return { metrics, first };
};

const JSON_TYPE = { 'content-type': 'application/json' };
const post = async (url: string, path: string, body: unknown, headers: Record<string, string> = JSON_TYPE) => {
  const answer = await fetch(`${url}/api/v1/recommendations/${path}`, {
    ...{ method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
  });
  return { status: answer.status, body: (await answer.json()) as { error?: string } };
};
const tomorrow = (): string => new Date(Date.now() + 86_400_000).toISOString();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'submilli-notes-'));
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(directory, { recursive: true });
});

describe('a note on advice', () => {
  it('is shown, counted, and there after a restart', async () => {
    let url = await run();
    const { first, metrics } = await rounds(url);
    expect(metrics).toContain('\ndb_advice_recommendations{rule="high",severity="critical"} 1\n');
    const acknowledged = await post(url, `${first.id}/acknowledge`, { by: 'ann', why: 'on it' });
    expect(acknowledged.status).toBe(200);
    expect(recommendation.parse(acknowledged.body)).toMatchObject({ id: first.id, state: 'acknowledged' });
    expect((await post(url, `${first.id}/dismiss`, { by: 'bob', until: tomorrow() })).status).toBe(200);
    await running?.close();
    url = await run();
    const after = await rounds(url);
    expect(after.first).toMatchObject({
      ...{ state: 'dismissed', firstSeen: first.firstSeen, note: { by: 'bob', why: null } },
      history: [{ state: 'open' }, { state: 'acknowledged', by: 'ann', why: 'on it' }, { state: 'dismissed' }],
    });
    expect(after.metrics).not.toContain('db_advice_recommendations{');
    expect(after.metrics).toContain('\ndb_advice_states{state="dismissed",severity="critical"} 1\n');
    expect((await post(url, `${first.id}/reopen`, { by: 'ann' })).status).toBe(200);
    expect((await rounds(url)).first.state).toBe('open');
  });

  it('is on the landing page with its author, and what is dismissed only as a number', async () => {
    const url = await run();
    const { first } = await rounds(url);
    await post(url, `${first.id}/acknowledge`, { by: '<b>ann', why: '"soon"' });
    const page = async (): Promise<string> => (await fetch(url)).text();
    expect(await page()).toContain('<td>Mind &lt;the level&gt;</td>');
    expect(await page()).toContain('acknowledged by &lt;b&gt;ann: &quot;soon&quot;');
    await post(url, `${first.id}/snooze`, { by: 'ann', until: tomorrow() });
    expect(await page()).not.toContain('the level');
    expect(await page()).toContain('1 snoozed');
  });

  it.each([
    ['no author', 'dismiss', {}, 'say who you are: by'],
    ['a snooze without an end', 'snooze', { by: 'ann' }, 'say until when'],
    ['an end in the past', 'dismiss', { by: 'ann', until: '2020-01-01T00:00:00Z' }, 'in the year to come'],
    ['an end in a thousand years', 'snooze', { by: 'ann', until: '3020-01-01T00:00:00Z' }, 'in the year to come'],
    ['an end that is none', 'snooze', { by: 'ann', until: 'tomorrow' }, 'until'],
    ['an end of a reopening', 'reopen', { by: 'ann', until: tomorrow() }, 'nothing is reopened until'],
    ['an unknown key', 'dismiss', { by: 'ann', because: 'x' }, 'because'],
    ['an author of many lines', 'dismiss', { by: 'ann\nbob' }, 'a line of text'],
    ['a novel', 'dismiss', { by: 'ann', why: 'x'.repeat(501) }, 'why'],
    ['no object', 'dismiss', [], 'object'],
    ['no JSON', 'dismiss', '{', 'JSON'],
  ])('with %s is refused with 400, saying what is wrong', async (_, action, body, error) => {
    const url = await run();
    const { first } = await rounds(url);
    const refused = await post(url, `${first.id}/${action}`, body);
    expect(refused.status).toBe(400);
    expect(refused.body.error).toContain(error);
    expect((await rounds(url)).first).toMatchObject({ state: 'open', history: [{ state: 'open' }] });
  });

  it('is refused of what is not there, what makes no sense now, and what is too long', async () => {
    const url = await run();
    const { first } = await rounds(url);
    const by = { by: 'ann' };
    expect((await post(url, 'nobody/dismiss', by)).status).toBe(404);
    expect((await post(url, `${first.id}/apply`, by)).status).toBe(404);
    expect(await post(url, `${first.id}/reopen`, by)).toMatchObject({ status: 409, body: { error: 'it is open' } });
    expect((await post(url, `${first.id}/dismiss`, { by: 'x'.repeat(10_000) })).status).toBe(413);
    expect((await fetch(`${url}/api/v1/recommendations/${first.id}/dismiss`)).status).toBe(404);
  });

  it('is not taken from a form of a foreign page, nor through one whose name suddenly means this machine', async () => {
    const url = await run();
    const { first } = await rounds(url);
    const path = `${first.id}/dismiss`;
    const form = await post(url, path, '{"by":"x"}', { 'content-type': 'text/plain' });
    expect(form).toMatchObject({ status: 415, body: { error: expect.stringContaining('application/json') as string } });
    const preflight = await fetch(`${url}/api/v1/recommendations/${path}`, {
      method: 'OPTIONS',
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    expect(await rawPost(url, path, { host: 'evil.example', origin: 'http://evil.example' })).toBe(403);
    expect(await rawPost(url, path, { host: new URL(url).host, origin: url })).toBe(200);
  });

  it('is not taken from elsewhere without authentication, also through a proxy here', async () => {
    const url = await run();
    const { first } = await rounds(url);
    const path = `${first.id}/dismiss`;
    for (const header of ['x-forwarded-for', 'x-real-ip', 'forwarded'])
      expect(await rawPost(url, path, { host: 'a', [header]: '127.0.0.1, 10.1.2.3' })).toBe(403);
    expect(await rawPost(url, path, { host: 'a', 'x-forwarded-for': '127.0.0.1' })).toBe(200);
  });

  it('needs the password where there are users, and then bears the user’s name', async () => {
    const file = join(directory, 'web.yml');
    writeFileSync(file, `basic_auth_users:\n  ops: ${hashSync('s3cret', 4)}\n`);
    const url = await run({ web_config_file: file });
    const authorization = `Basic ${Buffer.from('ops:s3cret').toString('base64')}`;
    const { first } = await rounds(url, { authorization });
    const path = `${first.id}/acknowledge`;
    expect((await post(url, path, { by: 'ann' })).status).toBe(401);
    const headers = { ...JSON_TYPE, authorization, 'x-forwarded-for': '10.1.2.3' };
    expect((await post(url, path, {}, headers)).body).toMatchObject({ note: { by: 'ops' } });
    expect((await post(url, path, { by: 'ann' }, headers)).body).toMatchObject({ note: { by: 'ann (through ops)' } });
  });
});

/** With headers that `fetch` does not let one choose. */
const rawPost = (url: string, path: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const body = '{"by":"x"}';
    httpRequest(
      `${url}/api/v1/recommendations/${path}`,
      { method: 'POST', headers: { ...JSON_TYPE, ...headers, 'content-length': body.length } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    )
      .on('error', reject)
      .end(body);
  });
