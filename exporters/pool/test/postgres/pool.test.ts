import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { type Config, configSchema, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { scrape, scrapeUntil, valueOf, watch as watchWith } from '../../../core/test/watching';
import { poolExporter } from '../../src';
import { type LocalPgbouncer, startPgbouncer } from './pgbouncer';

jest.setTimeout(60_000);

const users = { submilli: 'watch-me', trader: 'trade', pgbouncer: 'admin' };

const configFor = (port: number, user = 'submilli'): Config =>
  configSchema.parse({
    pgbouncer: [
      { name: 'pool', port, user, password: users[user as keyof typeof users] ?? 'wrong-secret', sslmode: 'disable' },
    ],
    timeouts: { connect_ms: 1000, lock_ms: 50, statement_ms: 1000, scrape_ms: 3000 },
  });

const watch = (config: Config): Target => watchWith(poolExporter, config);

describe('the pool exporter on a real PgBouncer', () => {
  let server: LocalPostgres;
  let pgbouncer: LocalPgbouncer;
  let target: Target;

  const trader = async (database = 'app', user: keyof typeof users = 'trader'): Promise<Client> => {
    const client = new Client({ host: '127.0.0.1', port: pgbouncer.port, database, user, password: users[user] });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };

  beforeAll(async () => {
    server = await startPostgres({ major: 17 });
    pgbouncer = await startPgbouncer(server, users);
    target = watch(configFor(pgbouncer.port));
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await pgbouncer.stop();
    await server.stop();
  });

  it('reads every collector, and shows no pool of the console', async () => {
    const client = await trader();
    await client.query('SELECT 1');
    const text = await scrapeUntil(target, (t) => valueOf(t, 'db_pool_queries_total{database="app"}') === 1);
    expect(text).not.toMatch(/^db_exporter_collector_success\{.*\} 0$/m);
    expect(text).toMatch(/^db_pool_version_info\{version="\d+\.\d+.*"\} 1$/m);
    expect(valueOf(text, 'db_pool_transactions_total{database="app"}')).toBe(1);
    expect(valueOf(text, 'db_pool_size{database="app"}')).toBe(1);
    expect(valueOf(text, 'db_pool_connections_limit{database="app"}')).toBe(5);
    expect(valueOf(text, 'db_pool_items{list="databases"}')).toBeGreaterThanOrEqual(1);
    expect(text).not.toContain('database="pgbouncer"');
    await client.end();
  });

  it('shows a queue: who waits, and for how long, finer than a second', async () => {
    const [holder, waiter] = [await trader(), await trader()];
    await holder.query('BEGIN');
    const waiting = waiter.query('SELECT 1');
    // The pool is that of the server's user, whom pgbouncer.ini forces on every client.
    const pool = `database="app",user="${server.superuser}"`;
    const maxwait = `db_pool_maxwait_seconds{${pool}}`;
    const text = await scrapeUntil(target, (t) => (valueOf(t, maxwait) ?? 0) > 0);
    expect(valueOf(text, `db_pool_client_connections{${pool},state="waiting"}`)).toBe(1);
    expect(valueOf(text, maxwait)).toBeGreaterThan(0);
    expect(Number.isInteger(valueOf(text, maxwait))).toBe(false);
    await holder.query('COMMIT');
    await waiting;
    const after = await scrapeUntil(target, (t) => valueOf(t, maxwait) === 0);
    expect(valueOf(after, maxwait)).toBe(0);
    expect(valueOf(after, 'db_pool_wait_seconds_total{database="app"}')).toBeGreaterThan(0);
    await Promise.all([holder.end(), waiter.end()]);
  });

  it('shows a paused database as paused', async () => {
    const admin = await trader('pgbouncer', 'pgbouncer');
    await admin.query('PAUSE app');
    const paused = 'db_pool_paused{database="app"}';
    expect(valueOf(await scrape(target), paused)).toBe(1);
    await admin.query('RESUME app');
    expect(valueOf(await scrape(target), paused)).toBe(0);
    await admin.end();
  });

  it('is down without stale values while PgBouncer is stopped, and back by itself afterwards', async () => {
    await pgbouncer.stop();
    const down = await scrape(target);
    expect(down).toContain('\ndb_exporter_up 0\n');
    expect(down).not.toMatch(/^db_pool_/m);
    await pgbouncer.start();
    const back = await scrapeUntil(target, (text) => text.includes('\ndb_exporter_up 1\n'));
    expect(back).toMatch(/^db_pool_size/m);
  });

  it.each([
    ['trader', 'not allowed'],
    ['nobody', 'authentication failed'],
  ])('says what to do when %s may not use the console, and keeps the password to itself', async (user, message) => {
    const other = watch(configFor(pgbouncer.port, user));
    expect(await scrape(other)).toContain('\ndb_exporter_up 0\n');
    const { problem } = other.view();
    expect(problem?.message).toContain(message);
    expect(problem?.hint).toContain('stats_users');
    expect(JSON.stringify(problem)).not.toContain('wrong-secret');
    await other.close();
  });

  it('is not fooled by a PostgreSQL server where PgBouncer should be', async () => {
    await server.query(`CREATE ROLE submilli LOGIN PASSWORD 'watch-me'`);
    await server.query('CREATE DATABASE pgbouncer');
    const other = watch(configFor(server.port));
    expect(await scrape(other)).toContain('\ndb_exporter_up 0\n');
    expect(other.view().problem?.message).toContain('version');
    await other.close();
  });
});

describe('the pool exporter and a peer that talks nonsense', () => {
  const sockets = new Set<Socket>();
  let peer: Server | undefined;
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    peer?.close();
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

  it.each<[string, (socket: Socket) => void]>([
    ['answers random bytes', (socket) => socket.on('data', () => socket.write(randomBytes(4096)))],
    ['answers HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['says nothing', () => undefined],
    ['hangs up', (socket) => socket.destroy()],
  ])('that %s is down with a reason, within the deadline', async (_, behaviour) => {
    const target = watch(configFor(await listen(behaviour)));
    const text = await scrape(target);
    expect(text).toContain('\ndb_exporter_up 0\n');
    expect(text).not.toMatch(/^db_pool_/m);
    expect(target.view().problem?.message).toMatch(/^pool \(127\.0\.0\.1:\d+\): ./);
    await target.close();
  });
});
