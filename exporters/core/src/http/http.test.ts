import { hashSync } from 'bcryptjs';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { get as getTls } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recommendationsAnswer } from '../api/recommendations';
import { statusAnswer } from '../api/status';
import { targetsAnswer } from '../api/targets';
import { configSchema } from '../config/schema';
import { SubmilliError } from '../errors';
import { type ExporterDefinition, runExporter, type RunningExporter } from '../exporter/exporter';
import { silentLogger } from '../log';
import { scrapeTimeoutMs } from './app';

const definition: ExporterDefinition<null, null> = {
  name: 'database',
  title: 'Test exporter',
  description: 'Nothing to watch.',
  section: 'postgres',
  registry: { collectors: [], samplers: [], surveys: [], derived: [], rules: [] },
  targets: (config) =>
    config.postgres.map(({ name }) => ({
      name,
      source: {
        where: `${name} (here)`,
        open: () => Promise.resolve({ session: null, isClosed: () => false, close: () => Promise.resolve() }),
        facts: () => Promise.resolve(null),
        plan: () => undefined,
      },
    })),
  resources: [],
};

const directory = mkdtempSync(join(tmpdir(), 'submilli-http-'));
let running: RunningExporter | undefined;
let port = 0;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const start = async (overrides: object = {}, requestReload = () => Promise.resolve()): Promise<string> => {
  port = await freePort();
  const config = configSchema.parse({
    listen: { database: `127.0.0.1:${port}` },
    postgres: [{ name: 'pg1' }, { name: 'pg2' }],
    ...overrides,
  });
  running = await runExporter(definition, {
    config,
    log: silentLogger,
    version: '1.2.3',
    requestReload,
    stateDirectory: null,
  });
  return running.url;
};

afterEach(async () => {
  await running?.close();
  running = undefined;
});

describe('every exporter', () => {
  it('answers its promised paths', async () => {
    const url = await start();
    for (const path of ['/', '/metrics', '/probe?target=pg2', '/-/healthy', '/-/ready']) {
      expect({ path, status: (await fetch(url + path)).status }).toEqual({ path, status: 200 });
    }
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await metrics.text()).toContain('db_exporter_build_info{exporter="database",version="1.2.3"');
    const probe = await (await fetch(`${url}/probe?target=pg2`)).text();
    expect(probe).toContain('db_exporter_build_info{exporter="database"');
  });

  it('answers JSON of the promised shapes', async () => {
    const url = await start();
    const json = async (path: string): Promise<unknown> => (await fetch(url + path)).json();
    await fetch(`${url}/metrics`);
    const status = statusAnswer.parse(await json('/api/v1/status'));
    expect(status.targets.map(({ name, up }) => [name, up])).toEqual([
      ['pg1', true],
      ['pg2', false],
    ]);
    const targets = targetsAnswer.parse(await json('/api/v1/targets'));
    expect(targets[1]).toEqual({
      targets: [`127.0.0.1:${port}`],
      labels: { __metrics_path__: '/probe', __param_target: 'pg2', target: 'pg2' },
    });
    recommendationsAnswer.parse(await json('/api/v1/recommendations'));
  });

  it('refuses a probe of anything but a configured name', async () => {
    const url = await start();
    const answer = await fetch(`${url}/probe?target=10.0.0.1:5432`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: 'no target is called "10.0.0.1:5432"',
      hint: 'Known targets: pg1, pg2.',
    });
  });

  it('reloads for a caller on loopback, and shows why a reload was refused', async () => {
    let outcome = (): Promise<void> => Promise.resolve();
    const url = await start({}, () => outcome());
    expect((await fetch(`${url}/-/reload`, { method: 'POST' })).status).toBe(200);
    outcome = () => Promise.reject(new SubmilliError({ what: 'unknown key "x"', where: 'submilli.yml' }));
    const refused = await fetch(`${url}/-/reload`, { method: 'POST' });
    expect(refused.status).toBe(400);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('db_exporter_config_last_reload_successful 0');
    const status = statusAnswer.parse(await (await fetch(`${url}/api/v1/status`)).json());
    expect(status.lastReloadError).toBe('submilli.yml: unknown key "x"');
  });

  it('takes new targets at a reload, but not a new address', async () => {
    const url = await start();
    const config = configSchema.parse({ listen: { database: `127.0.0.1:${port}` }, postgres: [{ name: 'pg3' }] });
    await running?.reload(config);
    const status = statusAnswer.parse(await (await fetch(`${url}/api/v1/status`)).json());
    expect(status.targets.map(({ name }) => name)).toEqual(['pg3']);
    expect(() => running?.accepts(configSchema.parse({}))).toThrow('a reload cannot move it');
  });

  it('asks for user and password where the web configuration has users', async () => {
    const file = join(directory, 'auth.yml');
    writeFileSync(file, `basic_auth_users:\n  prom: ${hashSync('s3cret', 4)}\n`);
    const url = await start({ web_config_file: file });
    const as = (user: string, password: string) =>
      fetch(`${url}/metrics`, {
        headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
      });
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await as('prom', 'wrong')).status).toBe(401);
    expect((await as('nobody', 's3cret')).status).toBe(401);
    expect((await as('prom', 's3cret')).status).toBe(200);
  });

  it('speaks TLS where the web configuration says so', async () => {
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
        ...['-subj', '/CN=localhost', '-keyout', join(directory, 'key.pem'), '-out', join(directory, 'cert.pem')],
      ],
      { stdio: 'ignore' },
    );
    const file = join(directory, 'tls.yml');
    writeFileSync(file, 'tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n  min_version: TLS13\n');
    const url = await start({ web_config_file: file });
    expect(url).toMatch(/^https:/);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      getTls(`${url}/-/healthy`, { rejectUnauthorized: false }, resolve).on('error', reject);
    });
    expect(answer.statusCode).toBe(200);
    answer.destroy();
    await expect(
      new Promise((resolve, reject) => get(url.replace('https', 'http'), resolve).on('error', reject)),
    ).rejects.toThrow();
  });

  it('refuses a web configuration with an unknown key, naming it', async () => {
    const file = join(directory, 'bad.yml');
    writeFileSync(file, 'basic_auth_user: {}\n');
    await expect(start({ web_config_file: file })).rejects.toThrow('basic_auth_user');
  });

  it('says which port is taken', async () => {
    await start();
    const config = configSchema.parse({ listen: { database: `127.0.0.1:${port}` } });
    await expect(
      runExporter(definition, {
        config,
        log: silentLogger,
        version: '1',
        requestReload: () => Promise.resolve(),
        stateDirectory: null,
      }),
    ).rejects.toThrow(`port ${port} is in use`);
  });
});

describe('the scrape’s deadline', () => {
  it.each([
    [undefined, 9000],
    ['10', 9000],
    ['5', 4500],
    ['0.5', 250],
    ['garbage', 9000],
    ['-1', 9000],
  ])('with the header %s is %d ms', (header, expected) => {
    expect(scrapeTimeoutMs(header, 9000)).toBe(expected);
  });
});
