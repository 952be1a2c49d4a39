import { type Config, configSchema, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import {
  makeRole,
  PASSWORD,
  scrape,
  scrapeUntil,
  streamBackup,
  valueOf,
  watch as watchWith,
} from '../../../core/test/watching';
import { databaseExporter } from '../../src';
import { standbys } from '../../src/collectors/standbys';
import { scoreResource } from '../../src/resources/score';
import { type DatabaseScore, performanceScore } from '../../src/score/performance-score';

jest.setTimeout(60_000);

const configFor = (server: LocalPostgres): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    sample_interval_seconds: 0.2,
    window_seconds: 10,
  });

const watch = (server: LocalPostgres): Target => watchWith(databaseExporter, configFor(server));

const scoreOf = (target: Target): DatabaseScore | undefined =>
  target
    .view()
    .snapshots.of(performanceScore)
    ?.scores.find(({ database }) => database === 'postgres');

const pointsOf = (text: string, component: string): number | undefined =>
  valueOf(text, `db_performance_score_component{database="postgres",component="${component}"}`);

describe.each(supportedMajors)('the health score on PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let standby: LocalPostgres;
  let target: Target;

  beforeAll(async () => {
    server = await startPostgres({ major });
    await makeRole(server);
    standby = await server.standby();
    target = watch(server);
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await standby.stop();
    await server.stop();
  });

  it('is made of all that a primary with a standby has', async () => {
    await scrapeUntil(target, () => scoreOf(target)?.coverage === 1);
    const score = scoreOf(target);
    const unknown = Object.entries(score?.signals ?? {}).filter(
      ([, signal]) => typeof signal !== 'number' && signal.missing === 'unknown',
    );
    expect(unknown).toEqual([]);
    expect(score?.signals.replication_lag).toBeGreaterThanOrEqual(0);
    expect(score?.signals.transaction_id_age).toBeGreaterThan(0);
  });

  it('does not take the WAL that a base backup streams for a standby, which would cost points while it lasts', async () => {
    const backup = await streamBackup(server);
    await scrape(target);
    expect(target.view().snapshots.of(standbys)?.[0]?.standbys).toHaveLength(1);
    expect(await backup.isStreaming()).toBe(true);
    await backup.end();
  });

  it('falls when a session waits for a lock, says for how long, and by whom it can be asked', async () => {
    const [holder, waiter] = [new Client(server.clientConfig()), new Client(server.clientConfig())];
    await Promise.all([holder.connect(), waiter.connect()]);
    try {
      await holder.query('CREATE TABLE IF NOT EXISTS contended (x int)');
      await holder.query('BEGIN; LOCK TABLE contended IN ACCESS EXCLUSIVE MODE');
      const waiting = waiter.query('SELECT count(*) FROM contended');
      const text = await scrapeUntil(target, (t) => (pointsOf(t, 'locks_and_waits') ?? 100) < 100);
      expect(valueOf(text, 'db_performance_score_worst{database="postgres",component="locks_and_waits"}')).toBe(1);
      expect(scoreOf(target)?.signals.blocked_time).toBeGreaterThan(0);
      expect(scoreOf(target)?.signals.idle_in_transaction).toBeGreaterThan(0);
      const answer = scoreResource.answer(target.view() as never) as { databases: { raise: unknown }[] };
      expect(answer.databases[0]?.raise).toMatchObject({ component: 'locks_and_waits' });
      await holder.query('ROLLBACK');
      await waiting;
    } finally {
      await Promise.all([holder.end(), waiter.end()]);
    }
  });

  it('says so in its coverage when pg_monitor is taken away', async () => {
    await server.query('REVOKE pg_monitor FROM submilli');
    const without = await scrape(target);
    expect(valueOf(without, 'db_performance_score_coverage_ratio{database="postgres"}')).toBeLessThan(1);
    expect(pointsOf(without, 'connections')).toBeUndefined();
    await server.query('GRANT pg_monitor TO submilli');
  });

  it('knows how far a standby itself is behind, and that it is cut off when nobody streams to it', async () => {
    const own = watch(standby);
    try {
      await scrapeUntil(own, () => typeof scoreOf(own)?.signals.replication_lag === 'number');
      expect(scoreOf(own)?.signals.replication_lag).toBeGreaterThanOrEqual(0);
      await standby.query(`ALTER SYSTEM SET primary_conninfo = ''`);
      await standby.query('SELECT pg_reload_conf()');
      await scrapeUntil(own, () => typeof scoreOf(own)?.signals.replication_delay === 'number');
      expect(scoreOf(own)?.signals.replication_delay).toBeGreaterThanOrEqual(0);
      const known = await scrapeUntil(target, () => typeof scoreOf(target)?.signals.replication_lag === 'number');
      expect(pointsOf(known, 'replication')).toBeGreaterThan(0);
    } finally {
      await own.close();
    }
  });
});
