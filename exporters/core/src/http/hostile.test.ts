import { freePort } from '@submilli/local-postgres';
import fc from 'fast-check';
import { request } from 'node:http';
import { runs } from '../../test/fuzz';
import { configSchema } from '../config/schema';
import { type ExporterDefinition, runExporter, type RunningExporter } from '../exporter/exporter';
import { silentLogger } from '../log';
import { Problem } from '../problem';
import { escape } from './escape';

const EVIL = '<script>alert(1)</script>"\'&';

/** Two targets: one that answers, and one whose failure and address say what nobody should be shown as it is. */
const definition: ExporterDefinition<null, null> = {
  ...{ name: 'database', title: EVIL, description: EVIL, section: 'postgres' },
  registry: { collectors: [], samplers: [], surveys: [], derived: [], rules: [] },
  targets: () =>
    ['up', 'down'].map((name) => ({
      name,
      source: {
        where: `${name} (${EVIL})`,
        open: () =>
          name === 'down'
            ? Promise.reject(new Problem('connection', { what: `no ${EVIL}`, hint: EVIL }))
            : Promise.resolve({ session: null, isClosed: () => false, close: () => Promise.resolve() }),
        facts: () => Promise.resolve(null),
        plan: () => undefined,
      },
    })),
  resources: [{ path: 'things', answer: ({ up }) => ({ up }) }],
};

type Answer = { readonly status: number; readonly type: string; readonly body: string };

describe('whatever is asked for', () => {
  let running: RunningExporter;
  let port = 0;
  beforeAll(async () => {
    port = await freePort();
    running = await runExporter(definition, {
      config: configSchema.parse({ listen: { database: `127.0.0.1:${port}` } }),
      ...{ log: silentLogger, version: EVIL, stateDirectory: null, requestReload: () => Promise.resolve() },
    });
  });
  afterAll(() => running.close());

  /** As it stands, which fetch() would not send. */
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET', body = ''): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            type: answer.headers['content-type'] ?? '',
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  /** No failure of ours, and nothing that a browser would run. */
  const judge = ({ status, type, body }: Answer): void => {
    expect(status).toBeLessThan(500);
    if (type.startsWith('text/html')) expect(body).not.toMatch(/<script|"'&"/i);
    if (status >= 400 && body !== '') {
      expect(type).toMatch(/^application\/json/);
      const { error } = JSON.parse(body) as { error: unknown };
      expect(error).toEqual(expect.stringMatching(/\w/));
      expect(error).not.toMatch(/undefined|at .*\.(js|ts):\d|Cannot read/);
    }
  };

  const words = [
    ...[
      '',
      'up',
      'down',
      'x',
      EVIL,
      '../..',
      '/etc/passwd',
      'http://169.254.169.254/',
      '127.0.0.1:5432',
      '__proto__',
      'constructor',
    ],
    ...[
      '\u0000',
      '\r\nSet-Cookie: a=b',
      '%',
      '%00',
      '%ff',
      '%E0%A4%A',
      '%2e%2e%2f',
      '🙂',
      'a'.repeat(3000),
      '${jndi:x}',
      '{{7*7}}',
    ],
  ];
  const word = fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 20 }));
  /** As a client that knows no rules could write it: what no request line can have is encoded. */
  const written = word.map((text) =>
    text.toWellFormed().replaceAll(/[^\x21-\x7e]/gu, (one) => encodeURIComponent(one)),
  );
  const key = fc.oneof(
    fc.constantFrom('target', 'target[]', 'target[a]', 'target[__proto__][x]', 'collect[]', '__proto__[x]', 'limit'),
    written,
  );
  const query = fc
    .array(fc.tuple(key, written), { maxLength: 4 })
    .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));
  const path = fc.oneof(
    fc.constantFrom(
      '/',
      '/metrics',
      '/probe',
      '/-/healthy',
      '/-/ready',
      '/api/v1/status',
      '/api/v1/targets',
      '/api/v1/things',
    ),
    fc.constantFrom('/api/v1/recommendations', '/-/reload', '//', '/api/v1/', '/index.html', '/%c0%ae'),
    fc.array(written, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
  );

  it('is answered, or refused in a plain sentence', async () => {
    await fc.assert(
      fc.asyncProperty(path, query, written, async (to, asked, header) => {
        judge(
          await ask(`${to}?${asked}`, { 'x-prometheus-scrape-timeout-seconds': header, host: header, accept: header }),
        );
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      runs(150),
    );
  });

  it('of a target by a name that there is not, is refused with what there is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('/probe', '/api/v1/things'), written, async (to, name) => {
        fc.pre(!/^(up|down)(&|#|$)|[#&]/.test(name));
        const answer = await ask(`${to}?target=${name}`);
        judge(answer);
        expect(answer.status).toBe(400);
      }),
      runs(60),
    );
  });

  it('by whatever method and body, is answered or refused', async () => {
    const body = fc.oneof(
      fc.json(),
      word,
      fc.constantFrom('{"__proto__":{"by":"x"}}', `{"by":"${'['.repeat(4000)}"}`, '['.repeat(4000)),
    );
    const type = fc.constantFrom(
      'application/json',
      'application/json; charset=x',
      'text/plain',
      'application/json;charset=utf-16',
      '',
    );
    const method = fc.constantFrom('POST', 'POST', 'PUT', 'PATCH');
    const action = fc.tuple(written, fc.constantFrom('acknowledge', 'snooze', 'dismiss', 'reopen', 'x'));
    const to = fc.oneof(
      path,
      action.map(([id, how]) => `/api/v1/recommendations/${id}/${how}`),
    );
    await fc.assert(
      fc.asyncProperty(to, method, type, body, async (where, how, contentType, content) => {
        const encoding: Record<string, string> = content.length % 7 === 3 ? { 'content-encoding': 'gzip' } : {};
        judge(await ask(where, { 'content-type': contentType, ...encoding }, how, content));
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      runs(100),
    );
  });

  it('is shown on the page with what came from elsewhere escaped', async () => {
    await ask('/probe?target=down');
    await ask('/metrics');
    const { status, type, body } = await ask('/');
    expect([status, type]).toEqual([200, 'text/html; charset=utf-8']);
    expect(body).toContain(`no ${escape(EVIL)}`);
    expect(body.replaceAll(escape(EVIL), '')).not.toMatch(/alert|<script/);
  });
});

describe('text for a page', () => {
  it('has nothing left in it that opens a tag, an attribute or an entity, and reads back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const safe = escape(text);
        expect(safe).not.toMatch(/[<>"]|&(?!(amp|lt|gt|quot);)/);
        const back = safe
          .replaceAll('&quot;', '"')
          .replaceAll('&gt;', '>')
          .replaceAll('&lt;', '<')
          .replaceAll('&amp;', '&');
        expect(back).toBe(text);
      }),
      runs(300),
    );
  });
});
