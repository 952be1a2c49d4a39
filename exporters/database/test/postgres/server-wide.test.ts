import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, configSchema, type PostgresFacts, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import {
  collectorsFailing,
  makeRole,
  PASSWORD,
  scrape,
  scrapeUntil,
  valueOf,
  watch,
} from '../../../core/test/watching';
import { databaseExporter } from '../../src';
import { settingsResource } from '../../src/resources/settings';

jest.setTimeout(60_000);

const configFor = (server: LocalPostgres): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    sample_interval_seconds: 0.2,
    window_seconds: 10,
    survey_interval_seconds: 0.2,
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 1000, scrape_ms: 4000 },
  });

/** The value of the first series of a family whose labels match. */
const like = (text: string, series: RegExp): number | undefined => {
  const line = text.split('\n').find((candidate) => series.test(candidate));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
};

describe.each(supportedMajors)('what PostgreSQL %i tells of the whole server', (major) => {
  let server: LocalPostgres;
  let target: Target<PostgresFacts>;

  beforeAll(async () => {
    server = await startPostgres({
      major,
      settings: {
        track_io_timing: 'on',
        archive_mode: 'on',
        archive_command: 'false',
        max_replication_slots: '5',
        wal_level: 'replica',
        autovacuum: 'off',
        vacuum_cost_delay: '100ms',
        vacuum_cost_limit: '1',
      },
    });
    await makeRole(server);
    target = watch(databaseExporter, configFor(server));
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await server.stop();
  });

  it('counts archiving that fails, and never says it archived', async () => {
    await server.query('SELECT pg_switch_wal()');
    const text = await scrapeUntil(target, (t) => (valueOf(t, 'db_archiver_failed_total') ?? 0) > 0);
    expect(valueOf(text, 'db_archiver_failed_total')).toBeGreaterThan(0);
    expect(valueOf(text, 'db_archiver_archived_total')).toBe(0);
    expect(valueOf(text, 'db_archiver_last_failed_timestamp_seconds')).toBeGreaterThan(1.6e9);
    expect(text).not.toContain('db_archiver_last_archived_timestamp_seconds');
    expect(valueOf(text, 'db_archiver_ready_segments')).toBeGreaterThanOrEqual(1);
    expect(valueOf(text, 'db_archiver_oldest_ready_timestamp_seconds')).toBeGreaterThan(1.6e9);
  });

  it('shows what an unused slot keeps', async () => {
    await server.query(`SELECT pg_create_physical_replication_slot('idle_slot', true)`);
    await server.query(`CREATE TABLE fill AS SELECT repeat('x', 500) AS x FROM generate_series(1, 5000)`);
    const text = await scrape(target);
    expect(valueOf(text, 'db_slot_active{slot="idle_slot",slot_type="physical"}')).toBe(0);
    expect(valueOf(text, 'db_slot_retained_bytes{slot="idle_slot",slot_type="physical"}')).toBeGreaterThan(1e6);
    expect(valueOf(text, 'db_slot_wal_status{slot="idle_slot",slot_type="physical",status="reserved"}')).toBe(1);
    // Nothing limits it (max_slot_wal_keep_size = -1): there is no safe size, not one of zero.
    expect(text).not.toContain('db_slot_safe_bytes');
    await server.query(`SELECT pg_drop_replication_slot('idle_slot')`);
  });

  it('knows the age of every database, templates too', async () => {
    const text = await scrape(target);
    for (const database of ['postgres', 'template0', 'template1']) {
      expect(valueOf(text, `db_transaction_id_age{database="${database}"}`)).toBeGreaterThan(0);
      expect(valueOf(text, `db_transaction_id_used_ratio{database="${database}"}`)).toBeLessThan(0.01);
    }
    expect(valueOf(text, 'db_autovacuum_freeze_max_age')).toBe(200_000_000);
  });

  it('lists WAL files, caches of transaction status, and I/O where the version counts it', async () => {
    await server.query('CHECKPOINT');
    const text = await scrape(target);
    expect(collectorsFailing(text)).toEqual([]);
    expect(valueOf(text, 'db_temp_live_files')).toBe(0);
    expect(valueOf(text, 'db_wal_segments')).toBeGreaterThanOrEqual(1);
    expect(valueOf(text, 'db_wal_directory_bytes')).toBeGreaterThanOrEqual(16 * 1024 * 1024);
    expect(like(text, /^db_slru_blocks_zeroed_total\{slru="(Xact|transaction)"\}/)).toBeGreaterThanOrEqual(0);
    const reads =
      /^db_io_operations_total\{backend_type="client backend",object="relation",context="normal",operation="read"\}/;
    const hits = /^db_io_hits_total\{backend_type="client backend",object="relation",context="normal"\}/;
    if (major < 16) {
      expect(text).not.toContain('db_io_');
    } else {
      expect(like(text, hits)).toBeGreaterThan(0);
      expect(like(text, reads)).toBeGreaterThanOrEqual(0);
      expect(text.split('\n').filter((line) => line.startsWith('db_io_')).length).toBeLessThan(400);
      expect(like(text, /^db_io_seconds_total\{.*object="relation".*operation="extend"\}/)).toBeGreaterThanOrEqual(0);
      // WAL is timed by a setting of its own, which is off here.
      expect(text).not.toMatch(/^db_io_seconds_total\{.*object="wal"/m);
    }
  });

  it('follows a running vacuum', async () => {
    await server.query(`CREATE TABLE vacuumed AS SELECT g, repeat('y', 100) AS y FROM generate_series(1, 20000) g`);
    await server.query('DELETE FROM vacuumed WHERE g % 2 = 0');
    const client = new Client(server.clientConfig());
    client.on('error', () => undefined);
    await client.connect();
    const vacuuming = client.query('VACUUM vacuumed').catch(() => undefined);
    const series =
      /^db_maintenance_progress_ratio\{database="postgres",relation="public.vacuumed",kind="vacuum",phase=/;
    const text = await scrapeUntil(target, (t) => like(t, series) !== undefined);
    expect(like(text, series)).toBeGreaterThanOrEqual(0);
    expect(like(text, series)).toBeLessThanOrEqual(1);
    expect(valueOf(text, 'db_autovacuum_workers_limit')).toBe(3);
    expect(valueOf(text, 'db_vacuum_running{kind="manual"}')).toBe(1);
    expect(valueOf(text, 'db_vacuum_running{kind="wraparound"}')).toBe(0);
    await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_progress_vacuum`);
    await vacuuming;
    await client.end().catch(() => undefined);
  });

  it('publishes settings in base units, and what changed since it first looked', async () => {
    const before = await scrapeUntil(target, (t) => valueOf(t, 'db_setting{name="work_mem"}') !== undefined);
    expect(valueOf(before, 'db_setting{name="work_mem"}')).toBe(4 * 1024 * 1024);
    expect(valueOf(before, 'db_setting{name="checkpoint_timeout"}')).toBe(300);
    expect(valueOf(before, 'db_setting{name="max_slot_wal_keep_size"}')).toBe(-1);
    // What the server works out for itself counts too.
    expect(valueOf(before, 'db_setting{name="data_checksums"}')).toBe(1);
    expect(valueOf(before, 'db_setting{name="wal_buffers"}')).toBe(1024 * 1024);
    expect(before).toContain('db_setting_info{name="wal_level",value="replica"} 1');
    expect(before).not.toContain('db_settings_changed_timestamp_seconds');
    await server.query(`ALTER SYSTEM SET work_mem = '8MB'`);
    await server.query(`ALTER SYSTEM SET max_connections = '123'`);
    await server.query(`ALTER SYSTEM SET primary_conninfo = 'host=nowhere password=hunter2'`);
    await server.query('SELECT pg_reload_conf()');
    const after = await scrapeUntil(
      target,
      (t) =>
        valueOf(t, 'db_setting{name="work_mem"}') === 8 * 1024 * 1024 &&
        valueOf(t, 'db_settings_pending_restart') === 1,
    );
    expect(valueOf(after, 'db_settings_hash')).not.toBe(valueOf(before, 'db_settings_hash'));
    expect(valueOf(after, 'db_settings_changed_timestamp_seconds')).toBeGreaterThan(1.6e9);
    const answer = settingsResource.answer(target.view());
    expect(answer).toMatchObject({
      pendingRestart: ['max_connections'],
      changes: expect.arrayContaining([
        expect.objectContaining({ name: 'work_mem', before: '4096', after: '8192' }),
        expect.objectContaining({ name: 'primary_conninfo', after: '(hidden)' }),
      ]) as unknown,
    });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    await server.query('ALTER SYSTEM RESET ALL');
    await server.query('SELECT pg_reload_conf()');
  });

  it('reads pg_hba.conf and the files’ errors once it may, and says which grants that takes until then', async () => {
    const hba = (t: string): number | undefined => valueOf(t, 'db_hba_rules{auth_method="scram-sha-256"}');
    expect(hba(await scrape(target))).toBeUndefined();
    const skip = target.view().runs.find(({ name }) => name === 'hba')?.run;
    const remedy = 'GRANT EXECUTE ON FUNCTION pg_catalog.pg_hba_file_rules() TO submilli;';
    expect(skip).toMatchObject({ skip: { remedy: `in database postgres, as a superuser: ${remedy}` } });
    await server.query(remedy);
    await server.query('GRANT EXECUTE ON FUNCTION pg_catalog.pg_show_all_file_settings() TO submilli');
    const text = await scrapeUntil(target, (t) => hba(t) !== undefined);
    expect(hba(text)).toBeGreaterThan(0);
    expect(valueOf(text, 'db_hba_errors')).toBe(0);
    expect(valueOf(text, 'db_hba_hash')).toBeGreaterThan(0);
    expect(valueOf(text, 'db_settings_file_errors')).toBe(0);
  });

  it('has another hash when the rules of pg_hba.conf or their order change, and not for a comment', async () => {
    await server.query('GRANT EXECUTE ON FUNCTION pg_catalog.pg_hba_file_rules() TO submilli');
    const file = join(server.dataDir, 'pg_hba.conf');
    const original = readFileSync(file, 'utf8');
    const hashWith = async (...lines: string[]): Promise<number | undefined> => {
      writeFileSync(file, [original, ...lines, ''].join('\n'));
      const fresh = watch(databaseExporter, configFor(server));
      const text = await scrape(fresh).finally(() => fresh.close());
      return valueOf(text, 'db_hba_hash');
    };
    const [one, two] = ['host a all 10.0.0.1/32 scram-sha-256', 'host all b 10.0.0.2/32 reject'];
    try {
      const hash = await hashWith(one, two);
      expect(hash).toBeGreaterThan(0);
      expect(await hashWith(one, '# a comment', two)).toBe(hash);
      expect(await hashWith(two, one)).not.toBe(hash);
      expect(await hashWith(one)).not.toBe(hash);
    } finally {
      writeFileSync(file, original);
    }
  });

  it('counts what is decoded for a logical slot', async () => {
    await server.restart({ wal_level: 'logical' });
    await server.query(`SELECT pg_create_logical_replication_slot('decoded', 'pgoutput')`);
    await server.query('CREATE PUBLICATION everything FOR ALL TABLES');
    await server.query('CREATE TABLE decoded AS SELECT g FROM generate_series(1, 100) g');
    const options = `, 'proto_version', '1', 'publication_names', 'everything'`;
    await server.query(`SELECT count(*) FROM pg_logical_slot_get_binary_changes('decoded', NULL, NULL${options})`);
    const text = await scrapeUntil(
      target,
      (t) => (valueOf(t, 'db_decoding_transactions_total{slot="decoded",how="all"}') ?? 0) > 0,
    );
    expect(valueOf(text, 'db_decoding_bytes_total{slot="decoded",how="all"}')).toBeGreaterThan(0);
    expect(valueOf(text, 'db_decoding_bytes_total{slot="decoded",how="spilled"}')).toBe(0);
    expect(valueOf(text, 'db_xmin_horizon_age{holder="replication_slot"}')).toBeGreaterThanOrEqual(0);
    await server.query(`SELECT pg_drop_replication_slot('decoded')`);
    await server.query('DROP PUBLICATION everything');
  });

  it('reads the same of a standby, which archives nothing', async () => {
    const standby = await server.standby();
    const other = watch(databaseExporter, configFor(standby));
    try {
      // Without a transaction of which it has seen the end it knows of no lag.
      await server.query('SELECT pg_current_xact_id()');
      const text = await scrapeUntil(other, (t) => valueOf(t, 'db_wal_replay_lag_seconds') !== undefined);
      expect(collectorsFailing(text)).toEqual([]);
      expect(text).not.toContain('db_archiver_');
      expect(valueOf(text, 'db_wal_receiver_streaming')).toBe(1);
      expect(valueOf(text, 'db_wal_replay_paused')).toBe(0);
      expect(valueOf(text, 'db_wal_replayed_position_bytes')).toBeGreaterThan(0);
      expect(valueOf(text, 'db_wal_replay_lag_seconds')).toBeGreaterThanOrEqual(0);
      expect(valueOf(text, 'db_transaction_id_age{database="postgres"}')).toBeGreaterThan(0);
      expect(valueOf(text, 'db_wal_segments')).toBeGreaterThanOrEqual(1);
    } finally {
      await other.close();
      await standby.stop();
    }
  });
});
