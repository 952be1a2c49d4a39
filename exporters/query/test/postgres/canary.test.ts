import { canaryRoleStatements, canaryTableStatements, type Config, configSchema, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import { makeRole, PASSWORD, scrape, scrapeUntil, valueOf, watch } from '../../../core/test/watching';
import { type LocalPgbouncer, startPgbouncer } from '../../../pool/test/postgres/pgbouncer';
import { queryExporter } from '../../src';

jest.setTimeout(60_000);

const SECRET = 'canary-secret';

const configFor = (server: LocalPostgres, canary: object = {}): Config =>
  configSchema.parse({
    postgres: [
      {
        ...{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' },
        log: { source: 'off' },
        canary: { database: 'postgres', password: SECRET, rate_hz: 50, write: true, ...canary },
      },
    ],
    ...{ sample_interval_seconds: 0.5, window_seconds: 10, session_sampling_hz: 0 },
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 1000, scrape_ms: 4000 },
  });

const prepare = async (server: LocalPostgres): Promise<void> => {
  await makeRole(server);
  for (const statement of [...canaryRoleStatements, ...canaryTableStatements]) await server.query(statement);
  await server.query(`ALTER ROLE submilli_canary PASSWORD '${SECRET}'`);
};

const tries = (operation: string, outcome = 'ok', path = 'direct'): string =>
  `db_canary_tries_total{path="${path}",operation="${operation}",outcome="${outcome}"}`;
const atLeast =
  (series: string, least: number) =>
  (text: string): boolean =>
    (valueOf(text, series) ?? 0) >= least;

describe.each(supportedMajors)('a canary of PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let standby: LocalPostgres;
  beforeAll(async () => {
    server = await startPostgres({ major });
    await prepare(server);
    standby = await server.standby();
  }, 240_000);
  afterAll(async () => {
    await standby.stop();
    await server.stop();
  });

  it('reads and writes, and sees the commit by itself', async () => {
    const target = watch(queryExporter, configFor(server));
    const text = await scrapeUntil(target, atLeast(tries('write'), 10));
    expect(valueOf(text, tries('write'))).toBeGreaterThanOrEqual(10);
    expect(valueOf(text, tries('read'))).toBeGreaterThanOrEqual(10);
    expect(valueOf(text, 'db_commit_duration_seconds_count{database="postgres",source="canary"}')).toBe(
      valueOf(text, tries('write')),
    );
    expect(valueOf(text, 'db_canary_up{path="direct"}')).toBe(1);
    await target.close();
  });

  it('never writes to a standby, nor asks it to, and does when it becomes a primary', async () => {
    const rows = (): Promise<unknown> =>
      standby.query('SELECT id, beat::text, xmin::text, ctid::text FROM submilli.canary ORDER BY id');
    const refusals = (): Promise<unknown> =>
      standby.query(`SELECT xact_rollback::text FROM pg_stat_database WHERE datname = 'postgres'`);
    const [untouched, refused] = [await rows(), await refusals()];
    const target = watch(queryExporter, configFor(standby));
    const before = await scrapeUntil(target, atLeast(tries('read'), 30));
    expect(valueOf(before, tries('read'))).toBeGreaterThanOrEqual(30);
    expect(before).not.toMatch(/^db_canary_tries_total\{[^}]*operation="write"/m);
    expect(valueOf(before, tries('read', 'failed'))).toBe(0);
    expect([await rows(), await refusals()]).toEqual([untouched, refused]);
    await standby.query('SELECT pg_promote()');
    const after = await scrapeUntil(target, atLeast(tries('write'), 5));
    expect(valueOf(after, tries('write'))).toBeGreaterThanOrEqual(5);
    await target.close();
  });
});

describe('a canary in trouble', () => {
  let server: LocalPostgres;
  let bouncer: LocalPgbouncer | undefined;
  let target: Target;
  beforeAll(async () => {
    server = await startPostgres({ major: 18 });
    await prepare(server);
  }, 180_000);
  afterAll(async () => {
    await bouncer?.remove();
    await server.stop();
  });
  afterEach(() => target.close());

  it('says what is missing, and holds no secret in it', async () => {
    await server.query('DELETE FROM submilli.canary WHERE id = 1');
    target = watch(queryExporter, configFor(server, { write: false }));
    await scrapeUntil(target, atLeast(tries('read', 'failed'), 1));
    const run = target.view().runs.find(({ name }) => name === 'canary')?.run;
    expect(run).toMatchObject({ state: 'failed', problem: { kind: 'missing' } });
    expect(JSON.stringify(run)).not.toContain(SECRET);
    await server.query('INSERT INTO submilli.canary VALUES (1, 0)');
    expect(await scrapeUntil(target, atLeast('db_canary_up{path="direct"}', 1))).toMatch(/^db_canary_up.* 1$/m);
  });

  it('does not write where transactions are read-only', async () => {
    await server.query('ALTER ROLE submilli_canary SET default_transaction_read_only = on');
    target = watch(queryExporter, configFor(server));
    const text = await scrapeUntil(target, atLeast(tries('read'), 20));
    expect(valueOf(text, tries('read'))).toBeGreaterThanOrEqual(20);
    expect(text).not.toMatch(/^db_canary_tries_total\{[^}]*operation="write"/m);
    await server.query('ALTER ROLE submilli_canary RESET default_transaction_read_only');
  });

  it('can do nothing but read its rows and count them up', async () => {
    await server.query('CREATE TABLE secrets (s text)');
    const client = new Client({ ...server.clientConfig(), user: 'submilli_canary', password: SECRET });
    await client.connect();
    for (const statement of [
      ...['SELECT s FROM secrets', 'DELETE FROM submilli.canary', 'UPDATE submilli.canary SET id = 3'],
      ...['INSERT INTO submilli.canary VALUES (3, 0)', 'CREATE TABLE submilli.x ()', 'TRUNCATE submilli.canary'],
    ])
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
    await client.end();
    target = watch(queryExporter, configFor(server));
  });

  it('counts what a wait holds up, and lets it be seen while it lasts', async () => {
    const holder = new Client(server.clientConfig());
    await holder.connect();
    target = watch(queryExporter, configFor(server));
    await scrapeUntil(target, atLeast(tries('write'), 3));
    await holder.query('BEGIN');
    await holder.query('SELECT FROM submilli.canary WHERE id = 1 FOR UPDATE');
    const held = await scrapeUntil(target, atLeast('db_canary_overdue{path="direct"}', 5));
    expect(valueOf(held, 'db_canary_overdue{path="direct"}')).toBeGreaterThanOrEqual(5);
    await holder.query('ROLLBACK');
    await holder.end();
    const text = await scrapeUntil(target, atLeast('db_canary_late_total{path="direct",operation="read"}', 2));
    expect(valueOf(text, 'db_canary_late_total{path="direct",operation="read"}')).toBeGreaterThanOrEqual(2);
  });

  it('goes on by itself after the server was away, whose tries meanwhile failed', async () => {
    target = watch(queryExporter, configFor(server));
    await scrapeUntil(target, atLeast(tries('write'), 3));
    await server.kill();
    await scrapeUntil(target, (text) => valueOf(text, 'db_canary_up{path="direct"}') === 0);
    await server.restart();
    const text = await scrapeUntil(target, (now) => valueOf(now, 'db_canary_up{path="direct"}') === 1);
    expect(valueOf(text, 'db_canary_up{path="direct"}')).toBe(1);
    expect(text).toMatch(/^db_canary_failures_total\{[^}]*reason="connection"\} [1-9]/m);
  });

  it('tries the pool beside the server', async () => {
    bouncer = await startPgbouncer(server, { submilli_canary: SECRET });
    const pool = { host: '127.0.0.1', port: bouncer.port, database: 'app', sslmode: 'disable' };
    target = watch(queryExporter, configFor(server, { pool }));
    const text = await scrapeUntil(target, atLeast(tries('write', 'ok', 'pool'), 5));
    expect(valueOf(text, tries('write', 'ok', 'pool'))).toBeGreaterThanOrEqual(5);
    expect(valueOf(text, tries('write'))).toBeGreaterThanOrEqual(5);
    expect(await scrape(target)).toContain('db_canary_duration_seconds_bucket{path="pool",operation="write"');
  });
});
