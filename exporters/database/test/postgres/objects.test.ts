import { type Config, configSchema, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import {
  collectorsFailing,
  makeRole,
  PASSWORD,
  scrapeUntil,
  untilCounted,
  valueOf,
  watch,
} from '../../../core/test/watching';
import { databaseExporter } from '../../src';
import { foreignKeys } from '../../src/surveys/foreign-keys';
import { indexes } from '../../src/surveys/indexes';
import { maintenance } from '../../src/surveys/maintenance';
import { sequences } from '../../src/surveys/sequences';

jest.setTimeout(60_000);

const configFor = (server: LocalPostgres, limits: Partial<Config['limits']> = {}): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    sample_interval_seconds: 0.2,
    survey_interval_seconds: 2,
    window_seconds: 10,
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 1000, scrape_ms: 4000 },
    limits,
  });

const surveyNames = databaseExporter.registry.surveys.map(({ name }) => name);

const surveyed = (target: Target): boolean =>
  target.view().runs.every(({ name, run }) => !surveyNames.includes(name) || ['ok', 'skipped'].includes(run.state));

/** Scrapes until every survey has visited all databases. */
const scrapeSurveyed = (target: Target): Promise<string> => scrapeUntil(target, () => surveyed(target));

const seriesOf = (text: string, family: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(`${family}{`));

/** Every kind of thing that the surveys look for, in a schema whose name needs quotes. */
const SITUATIONS = [
  'CREATE SCHEMA "Odd"',
  'CREATE TABLE "Odd"."Busy" (id serial PRIMARY KEY, a int, b int, note text) WITH (autovacuum_vacuum_scale_factor = 0.1)',
  `INSERT INTO "Odd"."Busy" (a, b, note) SELECT g, g % 10, repeat('n', 50) FROM generate_series(1, 20000) g`,
  'CREATE INDEX busy_a ON "Odd"."Busy" (a)',
  'CREATE INDEX busy_a_again ON "Odd"."Busy" (a)',
  'CREATE INDEX busy_ab ON "Odd"."Busy" (a, b)',
  'CREATE INDEX busy_lower ON "Odd"."Busy" (lower(note))',
  'CREATE INDEX busy_lower_again ON "Odd"."Busy"   (  lower(note))',
  'CREATE INDEX busy_few ON "Odd"."Busy" (a) WHERE b = 1',
  'VACUUM ANALYZE "Odd"."Busy"',
  'UPDATE "Odd"."Busy" SET note = note WHERE id <= 5000',
  'CREATE TABLE left_alone (id smallserial PRIMARY KEY, x text) WITH (autovacuum_enabled = off)',
  `SELECT setval('left_alone_id_seq', 30000)`,
  'CREATE TABLE parent (id int PRIMARY KEY)',
  'INSERT INTO parent SELECT g FROM generate_series(1, 100) g',
  'CREATE TABLE child (id int, parent_id int REFERENCES parent)',
  'INSERT INTO child SELECT g, g % 100 + 1 FROM generate_series(1, 15000) g',
  'CREATE INDEX child_partial ON child (parent_id) WHERE id > 5',
  'ANALYZE child',
  'CREATE TABLE broken (x int)',
  'INSERT INTO broken VALUES (1), (1)',
];

/** Each in a session of its own: one that ends has reported what it did. */
const makeSituations = async (server: LocalPostgres): Promise<void> => {
  for (const statement of SITUATIONS) await server.query(statement);
  // A unique index that meets a duplicate leaves an invalid one behind.
  await server.query('CREATE UNIQUE INDEX CONCURRENTLY broken_x ON broken (x)').catch(() => undefined);
  await untilCounted(server, `pg_stat_get_tuples_updated('"Odd"."Busy"'::regclass) = 5000`);
};

describe.each(supportedMajors)('the tables and indexes of PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let target: Target;

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { autovacuum: 'off' } });
    await makeRole(server);
    await server.query('CREATE DATABASE second');
    await server.query('CREATE TABLE elsewhere AS SELECT g FROM generate_series(1, 1000) g', [], 'second');
    await makeSituations(server);
    target = watch(databaseExporter, configFor(server));
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await server.stop();
  });

  it('are read from every database, with none of the surveys failing', async () => {
    const text = await scrapeSurveyed(target);
    expect(collectorsFailing(text)).toEqual([]);
    const busy = 'database="postgres",schema="Odd",table="Busy"';
    expect(valueOf(text, `db_table_rows_written_total{${busy},operation="insert"}`)).toBe(20_000);
    expect(valueOf(text, `db_table_rows_written_total{${busy},operation="update"}`)).toBe(5000);
    expect(valueOf(text, `db_table_dead_rows{${busy}}`)).toBe(5000);
    expect(valueOf(text, `db_table_modified_rows{${busy}}`)).toBe(5000);
    expect(valueOf(text, `db_table_vacuums_total{${busy}}`)).toBe(1);
    expect(valueOf(text, `db_table_last_analyze_timestamp_seconds{${busy}}`)).toBeGreaterThan(1.6e9);
    const second = 'database="second",schema="public",table="elsewhere"';
    expect(valueOf(text, `db_table_rows_written_total{${second},operation="insert"}`)).toBe(1000);
    expect(text).not.toContain(`db_table_last_vacuum_timestamp_seconds{${second}}`);
    expect(
      valueOf(text, 'db_index_scans_total{database="postgres",schema="public",table="parent",index="parent_pkey"}'),
    ).toBeGreaterThanOrEqual(15_000);
  });

  it('have sizes where a vacuum or analyze has seen them, and are counted where none has', async () => {
    const text = await scrapeSurveyed(target);
    const [real] = await server.query<{ all: number; indexes: number }>(
      `SELECT pg_table_size('child')::int + pg_indexes_size('child')::int AS all, pg_indexes_size('child')::int AS indexes`,
    );
    const child = 'database="postgres",schema="public",table="child"';
    // The file system also holds the free space map, which pg_class doesn’t count.
    const size = valueOf(text, `db_table_size_bytes{${child}}`) ?? 0;
    expect(size).toBeLessThanOrEqual(real?.all ?? 0);
    expect(size).toBeGreaterThanOrEqual((real?.all ?? 0) - 4 * 8192);
    expect(valueOf(text, `db_table_indexes_size_bytes{${child}}`)).toBe(real?.indexes);
    expect(valueOf(text, 'db_tables_size_unknown{database="second"}')).toBe(1);
  });

  it('are overdue for vacuum and analyze by their own thresholds', async () => {
    const text = await scrapeSurveyed(target);
    expect(valueOf(text, 'db_tables_vacuum_overdue{database="postgres",reason="dead_rows"}')).toBe(1);
    expect(valueOf(text, 'db_tables_vacuum_overdue{database="postgres",reason="freeze"}')).toBe(0);
    expect(valueOf(text, 'db_tables_autovacuum_disabled{database="postgres"}')).toBe(1);
    expect(valueOf(text, 'db_dead_rows{database="postgres"}')).toBeGreaterThanOrEqual(5000);
    const found = target.view().snapshots.of(maintenance)?.get('postgres');
    // 50 + 0.1 (the table’s own factor) × 20 000.
    expect(found?.dead[0]).toMatchObject({ schema: 'Odd', table: 'Busy', count: 5000, threshold: 2050, enabled: true });
    expect(found?.analyze[0]).toMatchObject({ schema: 'Odd', table: 'Busy', count: 5000, threshold: 2050 });
    expect(found?.switched_off.map(({ table }) => table)).toEqual(['left_alone']);
    expect(found?.inserted.map(({ table }) => table)).toContain('child');
    expect(found?.oldest).toHaveLength(5);
  });

  it('are told apart by what is wrong with the indexes', async () => {
    await scrapeSurveyed(target);
    const found = target.view().snapshots.of(indexes)?.get('postgres');
    const names = (problem: 'unused' | 'duplicate' | 'redundant' | 'invalid'): (string | null)[][] =>
      (found?.problems[problem].worst ?? []).map(({ index, instead }) => [index, instead]).sort();
    expect(names('duplicate')).toEqual([
      ['busy_a_again', 'busy_a'],
      ['busy_lower_again', 'busy_lower'],
    ]);
    expect(names('redundant')).toEqual([['busy_a', 'busy_ab']]);
    expect(names('invalid')).toEqual([['broken_x', null]]);
    // None is large enough to speak of.
    expect(names('unused')).toEqual([]);
    expect(found?.problems.redundant.worst[0]).toMatchObject({ schema: 'Odd', table: 'Busy', columns: ['a'] });
    expect(found?.problems.duplicate.worst.find(({ index }) => index === 'busy_lower_again')?.columns).toEqual([null]);
  });

  it('are found to lack an index for a foreign key; a partial one doesn’t serve it', async () => {
    const text = await scrapeSurveyed(target);
    expect(valueOf(text, 'db_foreign_keys_without_index{database="postgres"}')).toBe(1);
    expect(target.view().snapshots.of(foreignKeys)?.get('postgres')?.worst).toMatchObject([
      { table: 'child', columns: ['parent_id'], parent: 'parent', rows: 15_000, partitioned: false },
    ]);
  });

  it('have sequences that are read where our role may, measured by the column they are for', async () => {
    const before = await scrapeSurveyed(target);
    expect(valueOf(before, 'db_sequences_unreadable{database="postgres"}')).toBe(2);
    expect(seriesOf(before, 'db_sequence_used_ratio')).toEqual([]);
    await server.query('GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO submilli');
    const other = watch(databaseExporter, configFor(server));
    const text = await scrapeSurveyed(other);
    await other.close();
    const used = valueOf(
      text,
      'db_sequence_used_ratio{database="postgres",schema="public",sequence="left_alone_id_seq"}',
    );
    expect(used).toBeCloseTo(30_000 / 32_767, 6);
    expect(valueOf(text, 'db_sequences_unreadable{database="postgres"}')).toBe(1);
    await server.query('REVOKE SELECT ON ALL SEQUENCES IN SCHEMA public FROM submilli');
  });

  it('are read past DDL that holds everything locked', async () => {
    await server.query('GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO submilli');
    const holder = new Client(server.clientConfig());
    await holder.connect();
    await holder.query('BEGIN');
    for (const table of ['"Odd"."Busy"', 'child', 'parent', 'broken', 'left_alone']) {
      await holder.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    }
    await holder.query('ALTER SEQUENCE left_alone_id_seq CACHE 2');
    const other = watch(databaseExporter, configFor(server));
    try {
      const text = await scrapeSurveyed(other);
      expect(collectorsFailing(text)).toEqual([]);
      expect(seriesOf(text, 'db_table_size_bytes').length).toBeGreaterThan(3);
      expect(other.view().snapshots.of(sequences)?.get('postgres')).toMatchObject({ locked: 1, fullest: [] });
      expect(other.view().snapshots.of(indexes)?.get('postgres')?.problems.duplicate.count).toBe(2);
    } finally {
      await other.close();
      await holder.end();
      await server.query('REVOKE SELECT ON ALL SEQUENCES IN SCHEMA public FROM submilli');
    }
  });

  it('are read without pg_monitor as well', async () => {
    await server.query('REVOKE pg_monitor FROM submilli');
    const other = watch(databaseExporter, configFor(server));
    try {
      await scrapeSurveyed(other);
      const failed = other.view().runs.filter(({ run }) => run.state === 'failed');
      expect(failed).toEqual([]);
      expect(other.view().snapshots.of(maintenance)?.get('postgres')?.dead).toHaveLength(1);
    } finally {
      await other.close();
      await server.query('GRANT pg_monitor TO submilli');
    }
  });

  it('are read on a standby, which counts its own scans but no rows', async () => {
    const standby = await server.standby();
    const other = watch(databaseExporter, configFor(standby));
    try {
      await standby.query('SELECT count(*) FROM child');
      const scans = 'db_table_scans_total{database="postgres",schema="public",table="child",scan="seq"}';
      const text = await scrapeUntil(other, (t) => surveyed(other) && (valueOf(t, scans) ?? 0) > 0);
      expect(collectorsFailing(text)).toEqual([]);
      expect(valueOf(text, scans)).toBeGreaterThan(0);
      expect(text).not.toContain('db_table_dead_rows');
      expect(text).not.toContain('db_tables_vacuum_overdue');
      expect(valueOf(text, 'db_table_size_bytes{database="postgres",schema="public",table="child"}')).toBeGreaterThan(
        0,
      );
      expect(other.view().runs.find(({ name }) => name === 'maintenance')?.run).toMatchObject({
        skip: { reason: 'role' },
      });
    } finally {
      await other.close();
      await standby.stop();
    }
  });
});

describe('three thousand tables', () => {
  let server: LocalPostgres;

  beforeAll(async () => {
    server = await startPostgres({
      major: 18,
      settings: { autovacuum: 'off', max_locks_per_transaction: '4096' },
    });
    await makeRole(server);
    await server.query(`DO $do$ BEGIN
      FOR i IN 1..3000 LOOP EXECUTE format('CREATE UNLOGGED TABLE many_%s (id int)', i); END LOOP;
    END $do$`);
  }, 180_000);
  afterAll(() => server.stop());

  it('cost a bounded number of series, and what is not shown is in the sum', async () => {
    const target = watch(databaseExporter, configFor(server, { tables: 10, indexes: 10 }));
    const other = 'db_table_rows_written_total{database="postgres",schema="",table="other",operation="insert"}';
    try {
      const before = await scrapeSurveyed(target);
      expect(valueOf(before, 'db_tables{database="postgres",shown="true"}')).toBe(10);
      expect(valueOf(before, 'db_tables{database="postgres",shown="false"}')).toBe(2990);
      await server.query(`DO $do$ BEGIN
        FOR i IN 1..200 LOOP EXECUTE format('INSERT INTO many_%s SELECT 1 FROM generate_series(1, 5)', i); END LOOP;
      END $do$`);
      const after = await scrapeUntil(target, (text) => (valueOf(text, other) ?? 0) > 0);
      // Those that were shown before and still are count for themselves.
      const own = [...after.matchAll(/^db_table_rows_written_total\{.*table="many_\d+",operation="insert"\} (\d+)$/gm)];
      const sum = valueOf(after, other) ?? 0;
      expect(sum).toBeLessThanOrEqual(1000);
      expect(sum + own.reduce((all, [, value]) => all + Number(value), 0)).toBeGreaterThanOrEqual(1000);
      for (const family of ['db_table_scans_total', 'db_table_size_bytes', 'db_table_dead_rows']) {
        expect(seriesOf(after, family).length).toBeLessThanOrEqual(2 * (15 + 1));
      }
      expect(after.split('\n').filter((line) => !line.startsWith('#')).length).toBeLessThan(1000);
    } finally {
      await target.close();
    }
  });

  it('leave no trace when they are dropped: the sum stays', async () => {
    const target = watch(databaseExporter, configFor(server, { tables: 10 }));
    const other = 'db_table_rows_written_total{database="postgres",schema="",table="other",operation="insert"}';
    try {
      await scrapeSurveyed(target);
      await server.query(`DO $do$ BEGIN
        FOR i IN 1..200 LOOP EXECUTE format('INSERT INTO many_%s SELECT 1 FROM generate_series(1, 5)', i); END LOOP;
      END $do$`);
      const before = await scrapeUntil(target, (text) => (valueOf(text, other) ?? 0) > 0);
      await server.query(`DO $do$ BEGIN
        FOR i IN 1..1000 LOOP EXECUTE format('DROP TABLE many_%s', i); END LOOP;
      END $do$`);
      const hidden = 'db_tables{database="postgres",shown="false"}';
      const after = await scrapeUntil(target, (text) => (valueOf(text, hidden) ?? 3000) < 2000);
      expect(valueOf(after, other)).toBeGreaterThanOrEqual(valueOf(before, other) ?? NaN);
      expect(after).not.toMatch(/^db_table_scans_total\{.*table="many_1"/m);
    } finally {
      await target.close();
    }
  });
});
