import { spawnSync } from 'node:child_process';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { makeRole, PASSWORD } from '../../../../exporters/core/test/watching';
import { makeFolder, serve, type Serving, until } from './serving';

jest.setTimeout(90_000);

/** What a name can be made of; a server takes all of it, except that a name has 63 bytes. */
const HOSTILE = `"'\\\\n\n\r\t\u0001\u001b[31m{}=,# <script>alert(1)</script>`;
const LABEL = 'x"} 1\nevil_total{a="b"} 666\n#';
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

let server: LocalPostgres;
let serving: Serving;
const folder = makeFolder();
const clients: Client[] = [];

beforeAll(async () => {
  server = await startPostgres({ major: 18, settings: { 'pg_stat_statements.track_utility': 'on' } });
  await makeRole(server);
  await server.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  for (const name of [HOSTILE, LABEL]) {
    await server.query(`CREATE DATABASE ${quoted(name)}`);
    await server.query(`CREATE ROLE ${quoted(name)} LOGIN SUPERUSER PASSWORD 'x'`);
    await server.query(`CREATE SCHEMA ${quoted(name)}`);
    await server.query(`CREATE TABLE ${quoted(name)}.${quoted(name)} (${quoted(name)} int PRIMARY KEY)`);
    await server.query(
      `SELECT '${name.replaceAll("'", "''")}' AS ${quoted(name)}, count(*) FROM ${quoted(name)}.${quoted(name)}`,
    );
    const client = new Client({
      ...server.clientConfig(),
      database: name,
      user: name,
      password: 'x',
      application_name: name,
    });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`BEGIN; CREATE TABLE ${quoted(name)} (a int); LOCK TABLE ${quoted(name)}`);
    clients.push(client);
  }
  serving = await serve(folder.path, {
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    ...{ query_text: 'normalised', survey_interval_seconds: 0.5, sample_interval_seconds: 0.5, window_seconds: 10 },
    compatibility: ['postgres_exporter'],
  });
}, 180_000);
afterAll(async () => {
  await serving.stop();
  await Promise.all(clients.map((client) => client.end()));
  await server.stop();
  folder.remove();
});

const get = async (url: string): Promise<string> => (await fetch(url)).text();

describe('names that would break out of where they are shown', () => {
  it.each(['database', 'query'] as const)('leave the metrics of the %s exporter as they are', async (name) => {
    const url = `${serving.urls[name]}/metrics`;
    await until('the names are in the metrics', async () => (await get(url)).includes('evil_total{a=\\"b\\"}'));
    const text = await get(url);
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    // It has remarks on names that are promised; of what it could not parse it says "error while linting".
    expect([status === 0 || status === 3, /error while linting|parse/.test(stderr) ? stderr : '']).toEqual([true, '']);
    expect(text).not.toMatch(/^evil_total/m);
    for (const line of text.split('\n').filter((any) => any !== ''))
      expect(line).toMatch(/^(# (HELP|TYPE) )?[a-zA-Z_:][\w:]*(\{[^]*\})? \S/);
  });

  it('leave the page as it is, and JSON is JSON', async () => {
    for (const [name, url] of Object.entries(serving.urls)) {
      const page = await get(url);
      expect([name, page.includes('<script'), page.includes('evil_total{a="b"}')]).toEqual([name, false, false]);
    }
    const paths = ['status', 'targets', 'recommendations', 'blocking', 'tables', 'indexes', 'settings', 'score'];
    for (const path of paths) {
      const answer = await fetch(`${serving.urls.database}/api/v1/${path}`);
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
        ...[path, 200, 'application/json; charset=utf-8'],
      ]);
      await answer.json();
    }
    const statements = await get(`${serving.urls.query}/api/v1/statements`);
    expect(JSON.parse(statements)).toBeDefined();
  });

  it('leave the log as it is: one line of JSON for each event', () => {
    const lines = serving.output().trim().split('\n');
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: expect.any(String) as string });
    // eslint-disable-next-line no-control-regex -- that is what must not be there
    expect(serving.output()).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});
