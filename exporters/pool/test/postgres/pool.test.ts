import { spawnSync } from 'node:child_process';
import type { Target } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { collectorsFailing, scrape, scrapeUntil, valueOf } from '../../../core/test/watching';
import { versionNumberOf } from '../../src/version';
import { type LocalPgbouncer, MAX_CLIENTS, startPgbouncer } from './pgbouncer';
import { configFor, users, watch } from './watching';

jest.setTimeout(60_000);

describe('the pool exporter on a real PgBouncer', () => {
  let server: LocalPostgres;
  let pgbouncer: LocalPgbouncer;
  let target: Target;

  const login = async (database: string, user: keyof typeof users): Promise<Client> => {
    const client = new Client({ host: '127.0.0.1', port: pgbouncer.port, database, user, password: users[user] });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const trader = (): Promise<Client> => login('app', 'trader');
  const isUp = (text: string): boolean => text.includes('\ndb_exporter_up 1\n');

  beforeAll(async () => {
    server = await startPostgres({ major: 17 });
    pgbouncer = await startPgbouncer(server, users);
    target = watch(configFor(pgbouncer.port));
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await pgbouncer.remove();
    await server.stop();
  });

  it('reads every collector, and shows no pool of the console', async () => {
    const client = await trader();
    await client.query('SELECT 1');
    const text = await scrapeUntil(target, (t) => valueOf(t, 'db_pool_queries_total{database="app"}') === 1);
    expect(collectorsFailing(text)).toEqual([]);
    expect(valueOf(text, 'db_pool_transactions_total{database="app"}')).toBe(1);
    expect(valueOf(text, 'db_pool_received_bytes_total{database="app"}')).toBeGreaterThan(0);
    expect(valueOf(text, 'db_pool_query_seconds_total{database="app"}')).toBeGreaterThan(0);
    expect(valueOf(text, 'db_pool_size{database="app"}')).toBe(1);
    expect(valueOf(text, 'db_pool_database_server_connections{database="app"}')).toBe(1);
    expect(valueOf(text, 'db_pool_database_server_connections_limit{database="app"}')).toBe(5);
    expect(valueOf(text, 'db_pool_client_slots{state="used"}')).toBe(2);
    expect(valueOf(text, 'db_pool_client_connections_limit')).toBe(MAX_CLIENTS);
    expect(text).not.toContain('database="pgbouncer"');
    await client.end();
  });

  it('holds one connection for scrapes and one more where it samples, all named as ours', async () => {
    const sampling = watch({ ...configFor(pgbouncer.port), pool_sampling_hz: 20 });
    await scrapeUntil(sampling, (text) => valueOf(text, 'db_exporter_connections') === 2);
    const admin = await login('pgbouncer', 'pgbouncer');
    const { rows } = await admin.query<{ user: string; application_name: string }>('SHOW CLIENTS');
    await Promise.all([admin.end(), sampling.close()]);
    const ours = rows.filter(({ user }) => user === 'submilli').map((row) => row.application_name);
    expect(ours).toEqual(['submilli/pool', 'submilli/pool', 'submilli/pool']);
  });

  it('satisfies promtool', async () => {
    const text = await scrape(target);
    const promtool = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect({ said: promtool.stdout + promtool.stderr, status: promtool.status }).toEqual({ said: '', status: 0 });
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
    expect(valueOf(text, `db_pool_server_connections{${pool},state="active"}`)).toBe(1);
    const first = valueOf(text, maxwait) ?? NaN;
    expect(first).toBeGreaterThan(0);
    expect(Number.isInteger(first)).toBe(false);
    expect(valueOf(await scrape(target), maxwait)).toBeGreaterThan(first);
    await holder.query('COMMIT');
    await waiting;
    const after = await scrapeUntil(target, (t) => valueOf(t, maxwait) === 0);
    expect(valueOf(after, maxwait)).toBe(0);
    expect(valueOf(after, 'db_pool_wait_seconds_total{database="app"}')).toBeGreaterThanOrEqual(first);
    await Promise.all([holder.end(), waiter.end()]);
  });

  it('shows a paused database as paused', async () => {
    const admin = await login('pgbouncer', 'pgbouncer');
    const paused = 'db_pool_paused{database="app"}';
    await admin.query('PAUSE app');
    expect(valueOf(await scrape(target), paused)).toBe(1);
    await admin.query('RESUME app');
    expect(valueOf(await scrape(target), paused)).toBe(0);
    await admin.end();
  });

  it('shows PAUSE without a name where PgBouncer can tell, and says which version could where it cannot', async () => {
    const admin = await login('pgbouncer', 'pgbouncer');
    await admin.query('PAUSE');
    const text = await scrape(target);
    await admin.query('RESUME');
    await admin.end();
    const version = /^db_pool_version_info\{version="(.+)"\} 1$/m.exec(text)?.[1] ?? '';
    expect(version).toMatch(/^\d+\.\d+/);
    const shown = [
      /^db_pool_state\{state="paused"\} 1$/m,
      /^db_exporter_collector_skipped\{collector="state",reason="version"\} 1$/m,
    ];
    expect(shown.map((line) => line.test(text))).toEqual(
      versionNumberOf(version) >= versionNumberOf('1.19') ? [true, false] : [false, true],
    );
  });

  it('is down without stale values while PgBouncer is stopped, and back by itself afterwards', async () => {
    expect(isUp(await scrape(target))).toBe(true);
    await pgbouncer.stop();
    const down = await scrape(target);
    expect(down).toContain('\ndb_exporter_up 0\n');
    expect(down).not.toMatch(/^db_pool_/m);
    await pgbouncer.start();
    const back = await scrapeUntil(target, isUp);
    expect(collectorsFailing(back)).toEqual([]);
    expect(valueOf(back, 'db_pool_size{database="app"}')).toBe(1);
  });

  it('answers within its deadline while PgBouncer hangs, says why, and recovers', async () => {
    expect(isUp(await scrape(target))).toBe(true);
    pgbouncer.pause();
    try {
      const hung = await scrape(target);
      expect(hung).toContain('\ndb_exporter_up 0\n');
      expect(hung).not.toMatch(/^db_pool_/m);
      expect(target.view().problem).toMatchObject({
        kind: 'timeout',
        hint: expect.stringContaining('hangs') as string,
      });
    } finally {
      pgbouncer.resume();
    }
    expect(collectorsFailing(await scrapeUntil(target, isUp))).toEqual([]);
  });

  /** Why a target that is configured like this is down. */
  const refusalOf = async (overrides: Parameters<typeof configFor>[1], port = pgbouncer.port) => {
    const other = watch(configFor(port, overrides));
    expect(await scrape(other)).toContain('\ndb_exporter_up 0\n');
    const { problem } = other.view();
    await other.close();
    return { kind: problem?.kind, message: problem?.message ?? '', hint: problem?.hint ?? '' };
  };

  it('says how to let a user in who may not use the console', async () => {
    const refusal = await refusalOf({ user: 'trader', password: users.trader });
    expect(refusal.kind).toBe('permission');
    expect(refusal.message).toBe(`pool (127.0.0.1:${pgbouncer.port}): not allowed`);
    expect(refusal.hint).toContain('Add trader to stats_users in pgbouncer.ini');
  });

  it.each([
    ['an unknown user', { user: 'nobody', password: 'hunter2' }],
    ['a wrong password', { password: 'hunter2' }],
    ['no password', { password: undefined }],
  ])('names %s as such, without repeating the password', async (_, overrides) => {
    const refusal = await refusalOf(overrides);
    expect(refusal.kind).toBe('authentication');
    expect(refusal.hint).toContain('Check password');
    expect(JSON.stringify(refusal)).not.toContain('hunter2');
  });

  it('says where a start-up parameter comes from that PgBouncer refuses', async () => {
    const before = process.env.PGOPTIONS;
    process.env.PGOPTIONS = '-c geqo=off';
    try {
      const refusal = await refusalOf({});
      expect(refusal.message).toContain('unsupported startup parameter');
      expect(refusal.hint).toContain('PGOPTIONS');
    } finally {
      if (before === undefined) delete process.env.PGOPTIONS;
      else process.env.PGOPTIONS = before;
    }
  });

  it('still watches when clients have taken every connection there is', async () => {
    const clients: Client[] = [];
    for (;;) {
      const client = await trader().catch(() => undefined);
      if (client === undefined) break;
      clients.push(client);
    }
    const other = watch(configFor(pgbouncer.port));
    const text = await scrape(other);
    await Promise.all([other.close(), ...clients.map((client) => client.end())]);
    expect(clients.length).toBeLessThanOrEqual(MAX_CLIENTS);
    expect(collectorsFailing(text)).toEqual([]);
    expect(valueOf(text, 'db_pool_client_slots{state="used"}')).toBeGreaterThan(MAX_CLIENTS);
  });

  it('is not fooled by a PostgreSQL server where PgBouncer should be', async () => {
    await server.query(`CREATE ROLE submilli LOGIN PASSWORD '${users.submilli}'`);
    const hints = [await refusalOf({}, server.port)];
    await server.query('CREATE DATABASE pgbouncer');
    hints.push(await refusalOf({}, server.port));
    for (const { hint } of hints) expect(hint).toContain('PostgreSQL answers there, not PgBouncer');
  });
});
