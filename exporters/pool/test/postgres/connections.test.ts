import type { Target } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { collectorsFailing, scrape, scrapeUntil, valueOf } from '../../../core/test/watching';
import { type LocalPgbouncer, MAX_CLIENTS, startPgbouncer } from './pgbouncer';
import { configFor, users, watch } from './watching';

jest.setTimeout(60_000);

describe('connections of a real PgBouncer', () => {
  let server: LocalPostgres;
  let pgbouncer: LocalPgbouncer;
  const open = new Set<Client>();

  const login = async (database: string, user: keyof typeof users, application = ''): Promise<Client> => {
    const address = { host: '127.0.0.1', port: pgbouncer.port, database, user, password: users[user] };
    const client = new Client({ ...address, application_name: application });
    client.on('error', () => undefined);
    await client.connect();
    open.add(client);
    return client;
  };

  /** Large answers have an interval of their own; a fresh target reads them at once. */
  const lookOnce = async (read: (target: Target) => Promise<string> = scrape): Promise<string> => {
    const target = watch({ ...configFor(pgbouncer.port), limits: { ...configFor(1).limits, applications: 2 } });
    try {
      return await read(target);
    } finally {
      await target.close();
    }
  };

  beforeAll(async () => {
    server = await startPostgres({ major: 17 });
    const to = `port=${server.port} dbname=postgres user=${server.superuser} password=${server.password}`;
    pgbouncer = await startPgbouncer(server, users, {
      databases: [
        `named = host=localhost ${to} pool_size=3`,
        `away = host=127.0.0.1 port=1 dbname=postgres user=${server.superuser} password=x`,
        `moving = host=127.0.0.1 ${to}`,
      ],
    });
  }, 180_000);
  afterEach(async () => {
    await Promise.all([...open].map((client) => client.end().catch(() => undefined)));
    open.clear();
  });
  afterAll(async () => {
    await pgbouncer.remove();
    await server.stop();
  });

  it('are shown by application, the least used ones as other', async () => {
    for (const name of ['web', 'web', 'web', 'batch', 'batch', 'cron', 'psql']) await login('app', 'trader', name);
    const text = await lookOnce();
    const of = (name: string) =>
      valueOf(text, `db_pool_clients{database="app",user="trader",application_name="${name}",state="active"}`);
    expect([of('web'), of('batch'), of('cron'), of('other')]).toEqual([3, 2, undefined, 2]);
    expect(valueOf(text, 'db_pool_tls_clients{database="app"}')).toBe(0);
    expect(valueOf(text, 'db_pool_oldest_connection_seconds{database="app",side="client"}')).toBeLessThan(3600);
    expect(collectorsFailing(text)).toEqual([]);
    expect(text).toContain('db_exporter_collector_skipped{collector="peers",reason="version"} 1');
  });

  it('to servers are shown by where they really go, and names by what PgBouncer takes them for', async () => {
    const client = await login('named', 'trader');
    await client.query('BEGIN');
    const text = await lookOnce();
    expect(text).toMatch(
      new RegExp(
        `^db_pool_servers\\{database="named",host="127.0.0.1",port="${server.port}",state="active"\\} 1$`,
        'm',
      ),
    );
    expect(valueOf(text, 'db_pool_dns_addresses{hostname="localhost"}')).toBeGreaterThan(0);
    expect(valueOf(text, 'db_pool_stale_servers{database="named",reason="elsewhere"}')).toBe(0);
    expect(valueOf(text, 'db_pool_stale_servers{database="named",reason="closing"}')).toBe(0);
    expect(valueOf(text, 'db_pool_memory_objects{kind="server",state="used"}')).toBeGreaterThan(0);
    await client.query('COMMIT');
  });

  it('are stale when they still go where the database was before', async () => {
    const [client, admin] = [await login('moving', 'trader'), await login('pgbouncer', 'pgbouncer')];
    await client.query('BEGIN');
    await pgbouncer.rewrite('moving = host=127.0.0.1', 'moving = host=127.0.0.2');
    await admin.query('RELOAD');
    const text = await lookOnce((target) => scrapeUntil(target, (t) => t.includes('host="127.0.0.2"')));
    expect(valueOf(text, 'db_pool_stale_servers{database="moving",reason="closing"}')).toBe(1);
    expect(valueOf(text, 'db_pool_stale_servers{database="moving",reason="elsewhere"}')).toBe(1);
  });

  it('are shown as full where they are, and which limit that is', async () => {
    const [one, two] = [await login('app', 'trader'), await login('named', 'trader')];
    await Promise.all([one.query('BEGIN'), two.query('BEGIN')]);
    const text = await lookOnce();
    const of = (labels: string) => valueOf(text, `db_pool_saturation_ratio{${labels}}`);
    const user = `user="${server.superuser}"`;
    expect(of(`database="app",${user},limit="pool_size"`)).toBe(1);
    expect(of(`database="named",${user},limit="pool_size"`)).toBeCloseTo(1 / 3);
    expect(of('database="app",user="",limit="max_db_connections"')).toBe(0.2);
    // Two traders, and our own session on the console.
    expect(of('database="",user="",limit="max_client_conn"')).toBe(3 / MAX_CLIENTS);
    expect(valueOf(text, `db_pool_binding_limit_info{database="app",${user},limit="pool_size"}`)).toBe(1);
    await Promise.all([one.query('COMMIT'), two.query('COMMIT')]);
  });

  it('to a server are gone from the count when the server ends them, and come back', async () => {
    const client = await login('app', 'trader');
    await client.query('BEGIN');
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const active = new RegExp(
      `^db_pool_servers\\{database="app",host="127.0.0.1",port="${server.port}",state="active"\\} 1$`,
      'm',
    );
    expect(await lookOnce()).toMatch(active);
    await server.query(`SELECT pg_terminate_backend(${rows[0]?.pid ?? 0})`);
    await expect(client.query('SELECT 1')).rejects.toThrow();
    const text = await lookOnce();
    expect(text).not.toMatch(active);
    expect(collectorsFailing(text)).toEqual([]);
    expect(valueOf(text, `db_pool_saturation_ratio{database="app",user="${server.superuser}",limit="pool_size"}`)).toBe(
      0,
    );
    const next = await login('app', 'trader');
    await next.query('BEGIN');
    expect(await lookOnce()).toMatch(active);
    await next.query('COMMIT');
  });

  it('that wait while their database is paused are not taken for those whose server is away', async () => {
    const [client, admin] = [await login('app', 'trader'), await login('pgbouncer', 'pgbouncer')];
    await admin.query('PAUSE app');
    const waiting = client.query('SELECT 1');
    const pool = `database="app",user="${server.superuser}"`;
    const waits = `db_pool_client_connections{${pool},state="waiting"}`;
    const text = await lookOnce((target) => scrapeUntil(target, (t) => valueOf(t, waits) === 1));
    expect(valueOf(text, `db_pool_clients_without_server{${pool}}`)).toBe(0);
    expect(valueOf(text, 'db_pool_paused{database="app"}')).toBe(1);
    await admin.query('RESUME app');
    await waiting;
  });

  it('that wait for a server that is away are told from those that wait for their turn', async () => {
    const [holder, waiter] = [await login('app', 'trader'), await login('app', 'trader')];
    await holder.query('BEGIN');
    const waiting = waiter.query('SELECT 1');
    const stuck = login('away', 'trader').catch(() => undefined);
    const user = `user="${server.superuser}"`;
    const of = (database: string) => `db_pool_clients_without_server{database="${database}",${user}}`;
    const text = await lookOnce((target) => scrapeUntil(target, (t) => valueOf(t, of('away')) === 1));
    expect([valueOf(text, of('away')), valueOf(text, of('app'))]).toEqual([1, 0]);
    await holder.query('COMMIT');
    await waiting;
    await pgbouncer.stop();
    await pgbouncer.start();
    await stuck;
  });
});
