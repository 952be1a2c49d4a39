import { type Config, configSchema, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
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

jest.setTimeout(60_000);

const configFor = (server: LocalPostgres): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    sample_interval_seconds: 0.2,
    window_seconds: 10,
    survey_interval_seconds: 0.2,
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 1000, scrape_ms: 4000 },
  });

/** Asks until the answer is yes, for 20 s at most. */
const untilTrue = async (server: LocalPostgres, sql: string): Promise<void> => {
  const end = Date.now() + 20_000;
  while (Date.now() < end) {
    const [row] = await server.query<{ yes: boolean }>(`SELECT (${sql}) AS yes`);
    if (row?.yes === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never true: ${sql}`);
};

const skipsOf = (target: Target): ReadonlyMap<string, { reason: string; remedy: string | null }> =>
  new Map(target.view().runs.flatMap(({ name, run }) => (run.state === 'skipped' ? [[name, run.skip] as const] : [])));

describe.each(supportedMajors)('a server of PostgreSQL %i by its role and our rights', (major) => {
  let server: LocalPostgres;
  let standby: LocalPostgres;

  beforeAll(async () => {
    // PostgreSQL 14 and 15 do not tell a standby’s slots from a primary’s: each must have room.
    server = await startPostgres({
      major,
      settings: { archive_mode: 'always', archive_command: 'false', max_replication_slots: '6', max_wal_senders: '6' },
    });
    await makeRole(server);
    standby = await server.standby();
  }, 180_000);
  afterAll(async () => {
    await standby.stop();
    await server.stop();
  });

  it('tells of a standby that archives for itself what waits there', async () => {
    await server.query('CREATE TABLE archived AS SELECT g FROM generate_series(1, 1000) g');
    await server.query('SELECT pg_switch_wal()');
    await untilTrue(standby, `SELECT count(*) > 0 FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'`);
    const target = watch(databaseExporter, configFor(standby));
    try {
      const text = await scrapeUntil(target, (t) => (valueOf(t, 'db_archiver_failed_total') ?? 0) > 0);
      expect(collectorsFailing(text)).toEqual([]);
      expect(valueOf(text, 'db_archiver_failed_total')).toBeGreaterThan(0);
      expect(valueOf(text, 'db_archiver_ready_segments')).toBeGreaterThanOrEqual(1);
    } finally {
      await target.close();
    }
  });

  it('shows what a standby’s slots keep of what it received, also while it replays nothing', async () => {
    const follower = await standby.standby({ name: 'follower' });
    const target = watch(databaseExporter, configFor(standby));
    try {
      await standby.query(`SELECT pg_create_physical_replication_slot('idle_slot', true)`);
      await standby.query('SELECT pg_wal_replay_pause()');
      await untilTrue(standby, 'SELECT pg_is_wal_replay_paused()');
      await server.query('CREATE TABLE received AS SELECT g FROM generate_series(1, 50000) g');
      const ahead = 'pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())';
      await untilTrue(standby, `${ahead} > 1000000`);
      const text = await scrape(target);
      const kept = (slot: string): number | undefined =>
        valueOf(text, `db_slot_retained_bytes{slot="${slot}",slot_type="physical"}`);
      expect(kept('idle_slot')).toBeGreaterThan(1_000_000);
      expect(kept('follower')).toBeGreaterThanOrEqual(0);
      expect(valueOf(text, 'db_slot_active{slot="follower",slot_type="physical"}')).toBe(1);
    } finally {
      await standby.query('SELECT pg_wal_replay_resume()');
      await standby.query(`SELECT pg_drop_replication_slot('idle_slot')`);
      await target.close();
      await follower.stop();
    }
  });

  it.each(['primary', 'standby'] as const)(
    'gives of a %s what takes no right, and names the grant for the rest',
    async (role) => {
      await server.query('REVOKE pg_monitor FROM submilli');
      const watched = role === 'primary' ? server : standby;
      await untilTrue(watched, `SELECT NOT pg_has_role('submilli', 'pg_monitor', 'USAGE')`);
      const target = watch(databaseExporter, configFor(watched));
      try {
        const known = 'db_setting{name="work_mem"}';
        const text = await scrapeUntil(target, (t) => valueOf(t, known) !== undefined);
        for (const { name, run } of target.view().runs) expect([name, run.state]).not.toEqual([name, 'failed']);
        const skips = skipsOf(target);
        for (const name of ['vacuum', 'wal-directory', 'archive-status', 'tls']) {
          expect(skips.get(name)).toMatchObject({ remedy: 'as a superuser: GRANT pg_monitor TO submilli;' });
        }
        expect(valueOf(text, known)).toBe(4 * 1024 * 1024);
        // A hash of the settings that happen to be visible would change with our rights.
        expect(text).not.toContain('db_settings_hash');
        expect(valueOf(text, 'db_transaction_id_age{database="template0"}')).toBeGreaterThan(0);
        expect(text).toMatch(/^db_slru_blocks_hit_total\{/m);
        expect(text).toMatch(/^db_archiver_failed_total /m);
        expect(text.includes('db_io_operations_total{')).toBe(major >= 16);

        await server.query('GRANT pg_monitor TO submilli');
        const whole = await scrapeUntil(target, (t) => valueOf(t, 'db_settings_hash') !== undefined);
        expect(valueOf(whole, 'db_settings_hash')).toBeGreaterThan(0);
        expect(whole).not.toContain('db_settings_changed_timestamp_seconds');
        expect(valueOf(whole, 'db_wal_segments')).toBeGreaterThanOrEqual(1);
      } finally {
        await server.query('GRANT pg_monitor TO submilli');
        await target.close();
      }
    },
  );
});
