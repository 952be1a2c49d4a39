import { spawnSync } from 'node:child_process';
import type { Config, Target } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { scrape, scrapeUntil, valueOf } from '../../../core/test/watching';
import { type LocalPgbouncer, startPgbouncer } from './pgbouncer';
import { configFor, users, watch } from './watching';

jest.setTimeout(60_000);

const PHASES = ['connect', 'authentication', 'startup', 'first_statement', 'statement'];
const up = (path: string): string => `db_pool_probe_up{path="${path}"}`;
const tries = (path: string): string => `db_pool_probe_tries_total{path="${path}"}`;
const failures = (path: string, phase: string, reason: string): string =>
  `db_pool_probe_failures_total{path="${path}",phase="${phase}",reason="${reason}"}`;

describe('the probe through a real PgBouncer and past it', () => {
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

  const watchWith = (probe: Partial<NonNullable<Config['pgbouncer'][number]['probe']>> = {}): Target =>
    watch(
      configFor(pgbouncer.port, {
        probe: {
          ...{ database: 'app', user: 'trader', password: users.trader, interval_seconds: 1 },
          direct: { host: server.host, port: server.port, database: 'postgres', sslmode: 'disable' },
          ...probe,
        },
      }),
    );
  const until = (series: string, enough: (value: number) => boolean): Promise<string> =>
    scrapeUntil(target, (text) => enough(valueOf(text, series) ?? NaN));
  const probes = async (): Promise<number> => {
    const admin = await login('pgbouncer', 'pgbouncer');
    const { rows } = await admin.query<{ application_name: string }>('SHOW CLIENTS');
    return rows.filter((row) => row.application_name === 'submilli/probe').length;
  };

  beforeAll(async () => {
    server = await startPostgres({ major: 17 });
    await server.query(`CREATE ROLE trader LOGIN PASSWORD '${users.trader}'`);
    pgbouncer = await startPgbouncer(server, users);
  }, 180_000);
  afterEach(async () => {
    await target.close();
    await Promise.all([...open].map((client) => client.end().catch(() => undefined)));
    open.clear();
  });
  afterAll(async () => {
    await pgbouncer.remove();
    await server.stop();
  });

  it('times each phase of both ways apart, and leaves no connection behind', async () => {
    target = watchWith();
    await until(tries('pool'), (value) => value >= 2);
    const text = await until(tries('direct'), (value) => value >= 1);
    expect([valueOf(text, up('pool')), valueOf(text, up('direct'))]).toEqual([1, 1]);
    for (const phase of PHASES) {
      const [pool, direct] = ['pool', 'direct'].map((path) => `{path="${path}",phase="${phase}"}`);
      expect(valueOf(text, `db_connect_seconds_count${pool}`)).toBe(valueOf(text, tries('pool')));
      expect(valueOf(text, `db_connect_seconds_count${direct}`)).toBe(valueOf(text, tries('direct')));
      expect(valueOf(text, `db_connect_seconds_sum${pool}`)).toBeGreaterThan(0);
      expect(valueOf(text, `db_connect_seconds_sum${direct}`)).toBeLessThan(10);
    }
    expect(valueOf(text, 'db_pool_acquire_seconds_count')).toBe(valueOf(text, tries('pool')));
    expect(text).not.toContain('db_pool_probe_failures_total{');
    expect(text).toContain('db_exporter_collector_success{collector="probe"} 1');
    const promtool = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect(promtool.stdout + promtool.stderr).toBe('');
    await target.close();
    expect(await probes()).toBe(0);
  });

  it('waits its turn like anybody, once: a full pool gets no further client from it, and the wait is measured whole', async () => {
    const holder = await login('app', 'trader');
    await holder.query('BEGIN');
    target = watchWith();
    const late = await until(failures('pool', 'first_statement', 'timeout'), (value) => value === 1);
    expect([valueOf(late, up('pool')), valueOf(late, 'db_exporter_up')]).toEqual([0, 1]);
    const run = target.view().runs.find(({ name }) => name === 'probe')?.run;
    expect(run).toMatchObject({ problem: { kind: 'timeout', hint: expect.stringContaining('paused') as string } });
    const later = await until(tries('direct'), (value) => value >= 3);
    expect(valueOf(later, up('direct'))).toBe(1);
    expect(await probes()).toBe(1);
    await holder.query('COMMIT');
    const after = await until(up('pool'), (value) => value === 1);
    expect(valueOf(after, 'db_pool_acquire_seconds_count')).toBeGreaterThanOrEqual(1);
    expect(valueOf(after, 'db_pool_acquire_seconds_sum')).toBeGreaterThan(1.5);
    expect(valueOf(after, failures('pool', 'first_statement', 'timeout'))).toBe(1);
  });

  it('tells a stopped PgBouncer from a stopped server, also while the console is down', async () => {
    target = watchWith();
    await until(up('pool'), (value) => value === 1);
    await pgbouncer.stop();
    const down = await until(failures('pool', 'connect', 'connection'), (value) => value >= 1);
    expect(valueOf(down, 'db_exporter_up')).toBe(0);
    expect(valueOf(await until(up('direct'), (value) => value === 1), up('pool'))).toBe(0);
    await pgbouncer.start();
    await until(up('pool'), (value) => value === 1);
  });

  it('says why it is not let in, without the password', async () => {
    target = watchWith({ password: 'hunter2' });
    const text = await until(failures('pool', 'authentication', 'authentication'), (value) => value >= 1);
    const both = await until(failures('direct', 'authentication', 'authentication'), (value) => value >= 1);
    expect([valueOf(text, up('pool')), valueOf(both, up('direct'))]).toEqual([0, 0]);
    const run = target.view().runs.find(({ name }) => name === 'probe')?.run;
    expect(run).toMatchObject({ state: 'failed', problem: { kind: 'authentication' } });
    expect(JSON.stringify(target.view())).not.toContain('hunter2');
  });

  it('says that the database is not there', async () => {
    target = watchWith({ database: 'ap', direct: undefined });
    const text = await until(tries('pool'), (value) => value >= 1);
    expect(text).toMatch(/^db_pool_probe_failures_total\{path="pool",phase="authentication",reason="missing"\} 1$/m);
    expect(text).not.toContain('path="direct"');
  });

  it('does nothing unless asked to', async () => {
    target = watch(configFor(pgbouncer.port));
    const text = await scrape(target);
    expect(text).toContain('db_exporter_collector_skipped{collector="probe",reason="disabled"} 1');
    expect(text).not.toMatch(/^db_(connect|pool_acquire|pool_probe)/m);
  });
});
