import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setupDatabaseStatements, setupRoleStatements } from '@submilli/core';
import { freePort, type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { hashSync } from 'bcryptjs';
import { Client } from 'pg';
import { stringify } from 'yaml';
import { type LocalPgbouncer, startPgbouncer } from '../../../../exporters/pool/test/postgres/pgbouncer';
import { exporters } from '../../../src/exporters';
import { command, makeFolder, serve, type Serving, until, writeIn } from './serving';

jest.setTimeout(120_000);

/** Each is planted in one place, and its name says where. */
const canaries = new Map<string, string>();
const plant = (where: string): string => {
  const secret = `Zq${randomBytes(9).toString('hex')}`;
  canaries.set(where, secret);
  return secret;
};
/** As it is, and in base64, wherever in it. */
const formsOf = (secret: string): string[] => [
  secret,
  ...['', 'a', 'ab'].map((before) =>
    Buffer.from(before + secret)
      .toString('base64')
      .slice(4, -4),
  ),
];
const leaksIn = (text: string): string[] =>
  [...canaries].filter(([, secret]) => formsOf(secret).some((form) => text.includes(form))).map(([where]) => where);

const folder = makeFolder();
const WEB = { user: 'ops', password: plant('the password for the exporters themselves') };
const role = { inline: plant('a password in the configuration'), file: plant('a password in a file') };
const env = { CANARY_PASSWORD: plant('a password in the environment') };
const pgpass = plant('a password in pgpass');

let server: LocalPostgres;
let pool: LocalPgbouncer;
let serving: Serving;
let liar: Server;
let config: Record<string, unknown>;
const clients: Client[] = [];

/** The application goes on. */
let again: () => Promise<void>;

/** What an application, and who looks after it, do with secrets where the server sees them. */
const beCareless = async (): Promise<void> => {
  const [literal, comment, key] = ['a literal of a statement', 'a comment of a statement', 'a value in an error'].map(
    plant,
  );
  await server.query('CREATE EXTENSION IF NOT EXISTS pgcrypto').catch(() => undefined);
  await server.query(`CREATE ROLE careless LOGIN PASSWORD '${plant('CREATE ROLE')}'`);
  await server.query(`ALTER ROLE careless PASSWORD '${plant('ALTER ROLE')}'`);
  await server.query(`ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 password=${plant('primary_conninfo')}'`);
  await server.query(`ALTER SYSTEM SET archive_cleanup_command = 'true --token ${plant('a command of the settings')}'`);
  await server.query(`ALTER ROLE careless SET app.token = '${plant('a setting of a role')}'`);
  await server.query('SELECT pg_reload_conf()');
  await server.query(
    `CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 password=${plant('CREATE SUBSCRIPTION')}' PUBLICATION p WITH (connect = false)`,
  );
  await server.query('CREATE TABLE people (name text PRIMARY KEY)');
  await server.query('CREATE TABLE orders (name text)');
  again = async () => {
    await server.query(`SELECT count(*) /* ${comment} */ FROM orders WHERE name = '${literal}' -- ${comment}`);
    await server.query('SELECT count(*) FROM orders WHERE name = $1', [key]);
  };
  await again();
  await server.query(`INSERT INTO people VALUES ('${key}')`);
  await server.query(`INSERT INTO people VALUES ('${key}')`).catch(() => undefined);
  // One waits for the other, both with a secret in what they run.
  for (const statement of [`LOCK TABLE people /* ${comment} */`, `DELETE FROM people WHERE name = '${literal}'`]) {
    const client = new Client(server.clientConfig());
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    const running = client.query(`BEGIN; ${statement}`).catch(() => undefined);
    if (statement.startsWith('LOCK')) await running;
  }
};

beforeAll(async () => {
  server = await startPostgres({
    major: 18,
    settings: {
      ...{ logging_collector: 'on', log_destination: 'jsonlog', lc_messages: 'C', log_min_duration_statement: '0' },
      ...{ 'pg_stat_statements.track_utility': 'on', wal_level: 'logical', log_parameter_max_length: '-1' },
    },
  });
  canaries.set('the superuser’s password, in pgbouncer.ini', server.password);
  const passwords = { a: role.inline, b: role.file, c: env.CANARY_PASSWORD, d: pgpass };
  for (const [name, password] of Object.entries(passwords)) {
    const own = { role: `submilli_${name}` };
    const statements = [...setupRoleStatements(own), ...setupDatabaseStatements(own)];
    for (const statement of statements) await server.query(statement);
    await server.query(`ALTER ROLE submilli_${name} PASSWORD '${password}'`);
  }
  await beCareless();
  const users = { submilli: plant('the password of the console'), probe: plant('the password of the probe') };
  pool = await startPgbouncer(server, users);
  // A peer that repeats what it is told, wherever it can.
  liar = createServer(({ headers: { authorization = '' }, url = '' }, response) => {
    const plain = Buffer.from(authorization.slice(6), 'base64').toString();
    const answers: readonly [number, string][] = [
      [401, plain],
      [302, `<a href="http://${plain}@127.0.0.1/">`],
      [200, JSON.stringify({ state: plain, [plain]: authorization, role: 7 })],
    ];
    const [status, text] = answers[url.length % answers.length] ?? [500, plain];
    response.writeHead(status, { location: `http://127.0.0.1:1/${encodeURIComponent(plain)}` }).end(text);
  });
  await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
  const at = liar.address();
  const liarUrl = `http://127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}`;

  const write = (name: string, text: string): string => writeIn(folder.path, name, text);
  const key = (name: string, ...more: string[]): string => {
    const options = ['req', '-x509', '-newkey', 'rsa:2048', '-days', '1', '-subj', '/CN=x', ...more];
    execFileSync('openssl', [...options, '-keyout', name, '-out', `${name}.crt`], { cwd: folder.path, stdio: 'pipe' });
    canaries.set(`the key ${name}`, readFileSync(join(folder.path, name), 'utf8').split('\n')[3] ?? 'no key');
    return name;
  };
  const hash = hashSync(WEB.password, 4);
  canaries.set('the hash of a password', hash);
  write('web.yml', stringify({ basic_auth_users: { [WEB.user]: hash } }));
  const server1 = { host: server.host, port: server.port, sslmode: 'disable' };
  const nobody = { host: '127.0.0.1', port: await freePort() };
  const encrypted = key('locked.key', '-passout', `pass:${plant('the passphrase of a key')}`);
  config = {
    ...{ log_level: 'debug', web_config_file: 'web.yml', query_text: 'normalised' },
    ...{ sample_interval_seconds: 2, window_seconds: 30, survey_interval_seconds: 10, cluster_sampling_hz: 0 },
    timeouts: { connect_ms: 1000, lock_ms: 100, statement_ms: 2000, scrape_ms: 4000 },
    postgres: [
      {
        ...{ name: 'inline', ...server1, user: 'submilli_a', password: role.inline },
        canary: { database: 'postgres', password: plant('the password of a canary') },
      },
      { name: 'file', ...server1, user: 'submilli_b', password_file: write('password', role.file) },
      { name: 'env', ...server1, user: 'submilli_c', password: '${CANARY_PASSWORD}' },
      { name: 'pgpass', ...server1, user: 'submilli_d' },
      { name: 'wrong', ...server1, user: 'submilli_a', password: plant('a wrong password') },
      { name: 'down', ...nobody, password: plant('a password for a server that is down') },
      {
        name: 'no-tls',
        ...server1,
        sslmode: 'verify-full',
        password: plant('a password for TLS'),
        sslkey: key('free.key', '-nodes'),
      },
      {
        name: 'locked',
        ...server1,
        sslmode: 'require',
        sslkey: encrypted,
        sslcert: `${encrypted}.crt`,
        password: plant('another for TLS'),
      },
    ],
    pgbouncer: [
      {
        name: 'pool',
        port: pool.port,
        sslmode: 'disable',
        password: users.submilli,
        probe: { database: 'app', user: 'probe', password: users.probe },
      },
      { name: 'pool-wrong', port: pool.port, sslmode: 'disable', password: plant('a wrong password of the console') },
    ],
    clusters: [
      {
        name: 'liar',
        patroni: [liarUrl, `${liarUrl}/a`],
        patroni_user: 'rest',
        patroni_password: plant('a password for Patroni'),
        postgres: ['inline'],
        etcd: [liarUrl],
      },
      {
        name: 'file-liar',
        patroni: [`${liarUrl}/ab`],
        patroni_user: 'rest',
        patroni_password_file: write('rest', plant('a file for Patroni')),
      },
    ],
    witness: {
      ...{ name: 'w1', witnesses: ['w1', 'w2', 'w3'], scope: 'main', listen: `127.0.0.1:${await freePort()}` },
      etcd: { urls: [liarUrl], user: 'witness', password: plant('a password for etcd') },
    },
  };
  const host = write('pgpass', `${server.host}:${server.port}:*:submilli_d:${pgpass}\n`);
  Object.assign(env, { PGPASSFILE: host });
  serving = await serve(folder.path, config, { env });
}, 240_000);
afterAll(async () => {
  await serving.stop();
  await Promise.all(clients.map((client) => client.end()));
  await pool.remove();
  await new Promise((resolve) => liar.close(resolve));
  await server.stop();
  folder.remove();
});

const authorization = (password = WEB.password): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${WEB.user}:${password}`).toString('base64')}`,
});
const ask = async (url: string, init: RequestInit = {}): Promise<string> => {
  const answer = await fetch(url, { headers: authorization(), redirect: 'manual', ...init });
  return `${answer.status} ${JSON.stringify([...answer.headers])}\n${await answer.text()}`;
};
const targetsOf = async (url: string): Promise<string[]> => {
  const answer = await fetch(`${url}/api/v1/targets`, { headers: authorization() });
  return ((await answer.json()) as { labels: { target: string } }[]).map(({ labels }) => labels.target);
};

/** Everything that can be asked of all four, of every target. */
const everyAnswer = async (): Promise<Map<string, string>> => {
  const answers = new Map<string, string>();
  for (const { name, resources } of exporters) {
    const url = serving.urls[name];
    const targets = await targetsOf(url);
    const probes = targets.map((target) => `/probe?target=${target}`);
    for (const path of [...probes, '/metrics']) answers.set(`${name} ${path}`, await ask(url + path));
    const own = resources.flatMap(({ path }) => targets.map((target) => `/api/v1/${path}?target=${target}`));
    const shared = [
      '/',
      '/-/ready',
      '/nothing',
      '/%ff',
      '/probe?target=x',
      '/api/v1/status',
      '/api/v1/recommendations',
    ];
    for (const path of [...own, ...shared]) answers.set(`${name} ${path}`, await ask(url + path));
    answers.set(`${name} refused`, await ask(url, { headers: authorization('wrong') }));
    answers.set(`${name} note`, await ask(`${url}/api/v1/recommendations/x/dismiss`, { method: 'POST', body: '{' }));
  }
  return answers;
};
const leaking = (texts: ReadonlyMap<string, string>): string[] =>
  [...texts].flatMap(([where, text]) => leaksIn(text).map((what) => `${what}, in ${where}`));

describe('no secret gets out', () => {
  it('though every one of them is where it is read from', async () => {
    const rows = await server.query<{ query: string }>('SELECT query FROM pg_stat_statements');
    const texts = rows.map(({ query }) => query).join('\n');
    // PostgreSQL itself hides what it can tell to be a password, and the first text of a statement keeps its comment.
    expect(leaksIn(texts)).toEqual(expect.arrayContaining(['a comment of a statement']));
    const logs = readdirSync(join(server.dataDir, 'log')).map((name) =>
      readFileSync(join(server.dataDir, 'log', name), 'utf8'),
    );
    expect(leaksIn(logs.join('\n'))).toEqual(
      expect.arrayContaining(['ALTER ROLE', 'CREATE SUBSCRIPTION', 'a literal of a statement', 'a value in an error']),
    );
    const [row] = await server.query<{ text: string }>(`SELECT string_agg(setting, ' ') AS text FROM pg_settings`);
    expect(leaksIn(row?.text ?? '')).toEqual(expect.arrayContaining(['primary_conninfo', 'a command of the settings']));
    expect(leaksIn(readFileSync(join(folder.path, 'submilli.yml'), 'utf8')).length).toBeGreaterThan(8);
    expect(canaries.size).toBeGreaterThan(25);
  });

  it('by any answer, of targets that are up, down, refuse us or lie, nor by the log of it', async () => {
    const { database, query, pool: pools } = serving.urls;
    const up = [
      `${database}/probe?target=inline`,
      `${query}/probe?target=inline`,
      `${query}/probe?target=pgpass`,
      `${query}/probe?target=env`,
    ];
    for (const url of [...up, `${database}/probe?target=file`, `${pools}/probe?target=pool`])
      await until(`${url} is up`, async () => (await ask(url)).includes('\ndb_exporter_up 1\n'));
    await until('statements are shown', async () => {
      await again();
      return (await ask(`${query}/api/v1/statements?target=inline`)).includes('FROM orders WHERE');
    });
    const answers = await everyAnswer();
    for (const target of ['wrong', 'down', 'no-tls', 'locked'])
      expect([target, answers.get(`database /probe?target=${target}`)?.includes('\ndb_exporter_up 0\n')]).toEqual([
        target,
        true,
      ]);
    expect(leaking(answers)).toEqual([]);
    expect(leaksIn(serving.output())).toEqual([]);
    expect(serving.output()).toContain('target is down');
  });

  it('by the list of processes, the names of sessions, or the files that are kept', async () => {
    const processes = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        } catch {
          return '';
        }
      });
    const listed = spawnSync('ps', ['-ww', '-eo', 'args,comm'], { encoding: 'utf8' }).stdout;
    expect(processes.join('\n')).toContain('serve');
    // What an application runs is in no process title of ours.
    expect(leaksIn([...processes, listed].join('\n'))).toEqual([]);
    const sessions = await server.query<{ name: string }>(`SELECT application_name AS name FROM pg_stat_activity`);
    expect(leaksIn(sessions.map(({ name }) => name).join('\n'))).toEqual([]);
    const state = join(folder.path, 'state');
    const kept = readdirSync(state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(kept.length).toBeGreaterThan(0);
    for (const { parentPath, name } of kept)
      expect([name, leaksIn(readFileSync(join(parentPath, name), 'utf8'))]).toEqual([name, []]);
  });

  it.each([
    ['a quote that does not end', (secret: string) => `\npostgres:\n  - name: x\n    password: "${secret}\n`],
    [
      'a URL with a password',
      (secret: string) => `\nclusters: [{ name: x, patroni: ["http://u:${secret}@h:8008"] }]\n`,
    ],
    ['a password that is no text', (secret: string) => `\npostgres: [{ name: x, password: [${secret}] }]\n`],
  ])('by a reload that is refused because of %s', async (what, broken) => {
    const secret = plant(what);
    const file = join(folder.path, 'submilli.yml');
    const good = readFileSync(file, 'utf8');
    const listen = /^listen:\n( .*\n)+/m.exec(good)?.[0] ?? '';
    writeFileSync(file, `${listen}${broken(secret)}`);
    const refused = await ask(`${serving.urls.database}/-/reload`, { method: 'POST' });
    serving.signal('SIGHUP');
    await until('the log tells of it', () => serving.output().includes('reload refused'));
    const told = [refused, await ask(`${serving.urls.database}/api/v1/status`), await ask(serving.urls.database)];
    writeFileSync(file, good);
    expect(refused).toMatch(/^400/);
    expect([told, serving.output()].flatMap((text) => leaksIn(String(text)))).toEqual([]);
  });

  it('by any command that reads what the exporters read', async () => {
    const file = join(folder.path, 'submilli.yml');
    const commands = ['check --config FILE', 'lint --json FILE', 'advise --config FILE'];
    const outputs = await Promise.all(
      [...commands, 'pool doctor --config FILE'].map(async (line) => {
        const output = await command(line.replaceAll('FILE', file).split(' '), env);
        expect([line, output]).not.toEqual([line, '']);
        return [line, output] as const;
      }),
    );
    expect(leaking(new Map(outputs))).toEqual([]);
  });

  it('and would be seen if one did', () => {
    const [where = '', secret = ''] = [...canaries][3] ?? [];
    appendFileSync(join(folder.path, 'leak'), `x${secret}x`);
    expect(leaksIn(readFileSync(join(folder.path, 'leak'), 'utf8'))).toEqual([where]);
    expect(leaksIn(Buffer.from(secret).toString('base64'))).toEqual([where]);
  });
});
