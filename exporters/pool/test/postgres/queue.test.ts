import type { Target } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { scrape, scrapeUntil, valueOf } from '../../../core/test/watching';
import { type LocalPgbouncer, startPgbouncer } from './pgbouncer';
import { configFor, users, watch } from './watching';

jest.setTimeout(60_000);

const queue = 'database="app",user="trader"';
const waits = `db_pool_queue_wait_seconds_count{${queue}}`;
const seconds = `db_pool_queue_wait_seconds_sum{${queue}}`;

describe('the queue of a real PgBouncer, sampled between scrapes', () => {
  let server: LocalPostgres;
  let pgbouncer: LocalPgbouncer;
  let target: Target;
  const open = new Set<Client>();

  const login = async (database: string, user: keyof typeof users): Promise<Client> => {
    const client = new Client({ host: '127.0.0.1', port: pgbouncer.port, database, user, password: users[user] });
    client.on('error', () => undefined);
    await client.connect();
    open.add(client);
    return client;
  };
  const trader = (): Promise<Client> => login('app', 'trader');
  const until = (series: string, enough: (value: number) => boolean): Promise<string> =>
    scrapeUntil(target, (text) => enough(valueOf(text, series) ?? NaN));
  const looks = (outcome: string): string => `db_pool_queue_samples_total{outcome="${outcome}"}`;
  /** Until so many more looks have found somebody waiting. */
  const seenWaiting = async (times: number): Promise<void> => {
    const before = valueOf(await scrape(target), looks('read')) ?? 0;
    await until(looks('read'), (value) => value >= before + times);
  };

  beforeAll(async () => {
    server = await startPostgres({ major: 17 });
    pgbouncer = await startPgbouncer(server, users);
    await (await trader()).query('SELECT 1'); // The first of all waits until a server is connected: a real wait.
  }, 180_000);
  beforeEach(() => {
    target = watch({ ...configFor(pgbouncer.port), pool_sampling_hz: 20 });
  });
  afterEach(async () => {
    await target.close();
    await Promise.all([...open].map((client) => client.end().catch(() => undefined)));
    open.clear();
  });
  afterAll(async () => {
    await pgbouncer.remove();
    await server.stop();
  });

  it('counts nothing while nobody waits, and shows that it looked', async () => {
    const client = await trader();
    await client.query('SELECT 1');
    const text = await until(looks('empty'), (value) => value >= 3);
    expect(text).not.toContain('db_pool_queue_wait_seconds_count');
  });

  it('counts two waits as two, each with its whole length, when they are over', async () => {
    const [holder, ...others] = [await trader(), await trader(), await trader()];
    await holder.query('BEGIN');
    const before = valueOf(await scrape(target), 'db_pool_wait_seconds_total{database="app"}') ?? NaN;
    const waiting = others.map((client) => client.query('SELECT 1'));
    await seenWaiting(4);
    expect(valueOf(await scrape(target), waits)).toBe(0);
    await holder.query('COMMIT');
    await Promise.all(waiting);
    const text = await until(waits, (value) => value >= 2);
    expect(valueOf(text, waits)).toBe(2);
    const sampled = valueOf(text, seconds) ?? NaN;
    const exact = await until('db_pool_wait_seconds_total{database="app"}', (value) => value > before + sampled);
    expect(sampled).toBeGreaterThan(0.1);
    expect(sampled).toBeLessThanOrEqual((valueOf(exact, 'db_pool_wait_seconds_total{database="app"}') ?? NaN) - before);
    expect(valueOf(text, `db_pool_queue_wait_seconds_bucket{${queue},le="0.05"}`)).toBe(0);
    expect(valueOf(text, `db_pool_queue_wait_seconds_bucket{${queue},le="60"}`)).toBe(2);
  });

  it('counts the waits of one client one by one', async () => {
    const [holder, waiter] = [await trader(), await trader()];
    for (let time = 0; time < 2; time += 1) {
      await holder.query('BEGIN');
      const waiting = waiter.query('SELECT 1');
      await seenWaiting(2);
      await holder.query('COMMIT');
      await waiting;
    }
    const text = await until(waits, (value) => value >= 2);
    expect(valueOf(text, waits)).toBe(2);
  });

  it('counts the wait of one who was turned away, which PgBouncer’s own total never has', async () => {
    const [holder, waiter] = [await trader(), await trader()];
    const admin = await login('pgbouncer', 'pgbouncer');
    await holder.query('BEGIN');
    await admin.query("SET query_wait_timeout = '0.5'");
    await expect(waiter.query('SELECT 1')).rejects.toThrow('query_wait_timeout');
    const text = await until(waits, (value) => value === 1);
    expect(valueOf(text, seconds)).toBeGreaterThan(0.1);
    await admin.query("SET query_wait_timeout = '120'");
    await holder.query('COMMIT');
  });

  it('counts a pause as the wait that it is', async () => {
    const [client, admin] = [await trader(), await login('pgbouncer', 'pgbouncer')];
    await admin.query('PAUSE');
    const waiting = client.query('SELECT 1');
    await seenWaiting(3);
    await admin.query('RESUME');
    await waiting;
    expect(valueOf(await until(waits, (value) => value === 1), seconds)).toBeGreaterThan(0.05);
  });

  it('begins anew after a restart of PgBouncer, without a wait that nobody had', async () => {
    const [holder, waiter] = [await trader(), await trader()];
    await holder.query('BEGIN');
    const waiting = waiter.query('SELECT 1').catch(() => undefined);
    await seenWaiting(2);
    await pgbouncer.stop();
    await waiting;
    await pgbouncer.start();
    const text = await until(looks('empty'), (value) => value >= 1);
    expect(valueOf(text, waits)).toBeUndefined();
  });

  it('is left alone when sampling is switched off', async () => {
    const off = watch({ ...configFor(pgbouncer.port), pool_sampling_hz: 0 });
    const text = await scrape(off);
    expect(text).toContain('db_exporter_collector_skipped{collector="queue",reason="disabled"} 1');
    expect(valueOf(text, 'db_exporter_connections')).toBe(1);
    await off.close();
  });
});
