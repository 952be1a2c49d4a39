import { type Config, configSchema, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import { makeRole, PASSWORD, scrapeUntil, valueOf, watch } from '../../../core/test/watching';
import { databaseExporter } from '../../src';

jest.setTimeout(60_000);

const configFor = (server: LocalPostgres): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 1000, scrape_ms: 4000 },
  });

describe.each(supportedMajors)('maintenance that runs on PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let target: Target;

  beforeAll(async () => {
    server = await startPostgres({
      major,
      settings: {
        autovacuum_naptime: '1s',
        autovacuum_freeze_max_age: '100000',
        autovacuum_vacuum_cost_delay: '100ms',
        autovacuum_vacuum_cost_limit: '1',
        // Else all workers may sleep by the page over what initdb left to analyze, and none is left for a wraparound.
        autovacuum_analyze_threshold: '2000000000',
        autovacuum_vacuum_threshold: '2000000000',
        autovacuum_vacuum_insert_threshold: '-1',
        ...(major >= 18 ? { autovacuum_worker_slots: '2' } : {}),
      },
    });
    await makeRole(server);
    target = watch(databaseExporter, configFor(server));
  }, 180_000);
  afterAll(async () => {
    await target.close();
    // Autovacuum workers that sleep by the page would take their time to end.
    await server.stop('immediate');
  });

  it('shows the phase of an index build that waits, before there is a size to compare with', async () => {
    await server.query('CREATE TABLE written (x int)');
    const [writer, builder] = [new Client(server.clientConfig()), new Client(server.clientConfig())];
    await Promise.all([writer.connect(), builder.connect()]);
    try {
      await writer.query('BEGIN');
      await writer.query('INSERT INTO written VALUES (1)');
      const building = builder.query('CREATE INDEX CONCURRENTLY ON written (x)');
      const kind = 'database="postgres",relation="public.written",kind="create index"';
      const phase = `db_maintenance_phase_info{${kind},phase="waiting for writers before build"}`;
      const text = await scrapeUntil(target, (t) => valueOf(t, phase) === 1);
      expect(valueOf(text, phase)).toBe(1);
      expect(text).not.toContain(`db_maintenance_progress_ratio{${kind}`);
      expect(valueOf(text, `db_maintenance_running_seconds{${kind}}`)).toBeGreaterThanOrEqual(0);
      await writer.query('COMMIT');
      await building;
    } finally {
      await Promise.all([writer.end(), builder.end()]);
    }
  });

  it('tells an autovacuum against a wraparound from the others, and how many there may be', async () => {
    // Catalogs are frozen since initdb and done at once. This table is not.
    await server.query('CREATE TABLE aged (x int)');
    await server.query('INSERT INTO aged SELECT generate_series(1, 200000)');
    await server.query(`DO $$ BEGIN FOR i IN 1..120000 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$`);
    const text = await scrapeUntil(target, (t) => (valueOf(t, 'db_vacuum_running{kind="wraparound"}') ?? 0) > 0);
    expect(valueOf(text, 'db_vacuum_running{kind="wraparound"}')).toBeGreaterThan(0);
    expect(valueOf(text, 'db_vacuum_running{kind="manual"}')).toBe(0);
    expect(valueOf(text, 'db_autovacuum_workers')).toBeGreaterThan(0);
    expect(valueOf(text, 'db_autovacuum_workers_limit')).toBe(major >= 18 ? 2 : 3);
    expect(valueOf(text, 'db_transaction_id_age{database="postgres"}')).toBeGreaterThan(100_000);
  });
});
