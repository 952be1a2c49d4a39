import {
  type Advice,
  type Config,
  configSchema,
  evaluate,
  indexesAnswer,
  type PostgresFacts,
  quoteIdentifier,
  tablesAnswer,
  type Target,
  type TargetAdvice,
} from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { makeRole, PASSWORD, scrapeUntil, untilCounted, watch } from '../../../core/test/watching';
import { databaseExporter } from '../../src';
import { databaseRules } from '../../src/advice';
import { bloat } from '../../src/surveys/bloat';

jest.setTimeout(60_000);

const configFor = (server: LocalPostgres): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    sample_interval_seconds: 0.2,
    survey_interval_seconds: 1,
    window_seconds: 10,
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 1000, scrape_ms: 4000 },
  });

/** One of each, with names that need quotes: the statements of the advice must run as they are given. */
const SITUATIONS = [
  'CREATE SCHEMA "My Shop"',
  'CREATE TABLE "My Shop"."order" (id serial PRIMARY KEY, "user" bigint, note text)',
  'INSERT INTO "My Shop"."order" ("user", note) SELECT g, $$x$$ FROM generate_series(1, 550000) g',
  'CREATE INDEX "never read" ON "My Shop"."order" ("user" DESC)',
  'CREATE INDEX "begins" ON "My Shop"."order" ("user")',
  'CREATE INDEX "twice 1" ON "My Shop"."order" ("user", id)',
  'CREATE INDEX "twice 2" ON "My Shop"."order" ("user", id)',
  'VACUUM ANALYZE "My Shop"."order"',
  `SELECT setval('"My Shop".order_id_seq', 2000000000)`,
  'GRANT USAGE ON SCHEMA "My Shop" TO submilli',
  'GRANT SELECT ON SEQUENCE "My Shop".order_id_seq TO submilli',
  'CREATE TABLE "Line" (id int, "order" int REFERENCES "My Shop"."order")',
  'INSERT INTO "Line" SELECT g, g FROM generate_series(1, 20000) g',
  'ANALYZE "Line"',
  'DELETE FROM "My Shop"."order" WHERE id = 500000',
  'CREATE TABLE "Dirty" (id int) WITH (autovacuum_vacuum_scale_factor = 0)',
  'INSERT INTO "Dirty" SELECT g FROM generate_series(1, 2000) g',
  'UPDATE "Dirty" SET id = id',
  'CREATE TABLE "Off" (id int) WITH (autovacuum_enabled = off)',
  'INSERT INTO "Off" VALUES (1)',
  'DELETE FROM "Off"',
  'CREATE UNLOGGED TABLE "Hollow" (id int, sometimes text, note text)',
  `INSERT INTO "Hollow" SELECT g, CASE WHEN g % 2 = 0 THEN 'a' END, repeat('x', 100) FROM generate_series(1, 500000) g`,
  'DELETE FROM "Hollow" WHERE id < 450000',
  'VACUUM (TRUNCATE off, ANALYZE) "Hollow"',
  'GRANT SELECT ON "Hollow" TO submilli',
  'CREATE TABLE "Broken" (id int)',
  'INSERT INTO "Broken" VALUES (1), (1)',
];

const RULES = [
  ...['unused-indexes', 'duplicate-indexes', 'redundant-indexes', 'invalid-indexes', 'foreign-key-indexes'],
  ...['stale-statistics', 'autovacuum-behind', 'table-autovacuum-off', 'sequence-exhaustion', 'table-bloat'],
];

const DAY_MS = 86_400_000;

describe.each(supportedMajors)('advice about the objects of a real PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let target: Target<PostgresFacts>;

  /** What the rules say of what was read, as if it were so many days later. */
  const advice = (days: number): TargetAdvice => {
    const { facts, runs } = target.view();
    if (facts === undefined) throw new Error('the target is down');
    const env = { config: configFor(server), facts };
    return evaluate('pg', databaseRules, runs, env, Date.now() + days * DAY_MS);
  };
  const of = (rule: string, days = 31): readonly Advice[] => advice(days).found.filter((found) => found.rule === rule);
  const until = async (rule: string, enough: (found: readonly Advice[]) => boolean): Promise<readonly Advice[]> => {
    await scrapeUntil(target, () => target.view().facts !== undefined && enough(of(rule)));
    return of(rule);
  };
  const apply = async ({ action }: Advice): Promise<void> => {
    const lines = action.text.split('\n').filter((line) => !line.startsWith('--'));
    for (const statement of lines.join('\n').split(/;(?: --.*)?(?:\n|$)/))
      if (statement !== '') await server.query(statement);
  };

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { autovacuum: 'off' } });
    await makeRole(server);
    for (const statement of SITUATIONS) await server.query(statement);
    if (major >= 15) {
      // Two that differ in what they forbid are no duplicates.
      await server.query('CREATE UNIQUE INDEX "nulls 1" ON "Hollow" (id)');
      await server.query('CREATE UNIQUE INDEX "nulls 2" ON "Hollow" (id) NULLS NOT DISTINCT');
    }
    await server.query('CREATE UNIQUE INDEX CONCURRENTLY "Half" ON "Broken" (id)').catch(() => undefined);
    await untilCounted(server, `pg_stat_get_vacuum_count('"Hollow"'::regclass) = 1`);
    target = watch(databaseExporter, configFor(server));
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await server.stop();
  });

  it.each([
    ['unused-indexes', 'postgres: My Shop.never read', 'DROP INDEX CONCURRENTLY "My Shop"."never read";'],
    ['duplicate-indexes', 'postgres: My Shop.twice 2', 'DROP INDEX CONCURRENTLY "My Shop"."twice 2";'],
    ['redundant-indexes', 'postgres: My Shop.begins', 'DROP INDEX CONCURRENTLY "My Shop".begins;'],
    ['invalid-indexes', 'postgres: public.Half', 'REINDEX INDEX CONCURRENTLY public."Half";'],
    [
      'foreign-key-indexes',
      'postgres: public.Line Line_order_fkey',
      'CREATE INDEX CONCURRENTLY ON public."Line" ("order");',
    ],
    ['stale-statistics', 'postgres: public.Dirty', 'ANALYZE public."Dirty";'],
    ['autovacuum-behind', 'postgres: public.Dirty', 'VACUUM (VERBOSE, ANALYZE) public."Dirty";'],
    ['table-autovacuum-off', 'postgres: public.Off', 'ALTER TABLE public."Off" RESET (autovacuum_enabled);'],
    ['table-bloat', 'postgres: public.Hollow', 'VACUUM (FULL, VERBOSE, ANALYZE) public."Hollow";'],
    [
      'sequence-exhaustion',
      'postgres: My Shop.order_id_seq',
      'ALTER SEQUENCE "My Shop".order_id_seq AS bigint NO MAXVALUE;',
    ],
  ])('%s finds %s, and names the statement', async (rule, subject, statement) => {
    const found = await until(rule, (all) => all.some((one) => one.subject === subject));
    expect(found.map((one) => one.subject)).toContain(subject);
    expect(found.find((one) => one.subject === subject)?.action.text.split('\n')).toContain(statement);
  });

  it('does not judge an index by a month that was not watched', () => {
    expect(advice(0).notEvaluated.find(({ rule }) => rule === 'unused-indexes')?.reason).toMatch(/it takes 30 days$/);
    expect(advice(31).evaluated).toContain('unused-indexes');
  });

  it('does not judge on a standby what the primary must change', async () => {
    const standby = await server.standby();
    const other = watch(databaseExporter, configFor(standby));
    try {
      const surveys = databaseExporter.registry.surveys.map(({ name }) => name);
      const isDone = (): boolean =>
        other.view().runs.every(({ name, run }) => !surveys.includes(name) || ['ok', 'skipped'].includes(run.state));
      // The advice of a scrape is about what was surveyed before it.
      await scrapeUntil(other, isDone);
      await scrapeUntil(other, isDone);
      const named = other.view().advice?.notEvaluated.map(({ rule }) => rule) ?? [];
      expect(named).toEqual(expect.arrayContaining(RULES));
    } finally {
      await other.close();
      await standby.stop();
    }
  });

  it('comes with lists of what was found, for those who want to look for themselves', () => {
    const answer = (path: string): unknown =>
      databaseExporter.resources.find((resource) => resource.path === path)?.answer(target.view());
    const { tables, overdue, sequences } = tablesAnswer.parse(answer('tables'));
    expect(tables.find(({ table }) => table === 'order')).toMatchObject({ schema: 'My Shop', rowsWritten: 550_001 });
    expect(tables.find(({ table }) => table === 'order')?.sizeBytes).toBeGreaterThan(50 * 1024 ** 2);
    expect(overdue.find(({ reason }) => reason === 'dead_rows')).toMatchObject({ table: 'Dirty', rows: 2000 });
    expect(sequences).toMatchObject([{ sequence: 'order_id_seq', limit: 2 ** 31 - 1 }]);
    const { problems, foreignKeys } = indexesAnswer.parse(answer('indexes'));
    expect(problems.map(({ problem }) => problem).sort()).toEqual(['duplicate', 'invalid', 'redundant', 'unused']);
    expect(foreignKeys).toMatchObject([{ table: 'Line', columns: ['order'], parent: 'My Shop.order' }]);
  });

  it('is done with once the statements were run as given', async () => {
    await server.query('DELETE FROM "Broken"');
    const before = RULES.flatMap((rule) => of(rule));
    const size = async (): Promise<number> =>
      (await server.query<{ n: number }>(`SELECT pg_relation_size('"Hollow"')::int AS n`))[0]?.n ?? 0;
    const hollow = await size();
    const estimate = target.view().snapshots.of(bloat)?.rows.get('postgres')?.worst[0]?.bloat_bytes ?? 0;
    for (const one of before) await apply(one);
    // The estimate comes close to what VACUUM FULL won.
    expect(Math.abs(estimate / (hollow - (await size())) - 1)).toBeLessThan(0.05);
    for (const { rule, id, subject } of before) {
      const after = await until(rule, (all) => all.every((one) => one.id !== id));
      expect(after.map((one) => one.subject)).not.toContain(subject);
    }
  });

  it('quotes names as this PostgreSQL does', async () => {
    const words = await server.query<{ word: string; quoted: string }>(
      'SELECT word, quote_ident(word) AS quoted FROM pg_get_keywords()',
    );
    // Quotes that an older PostgreSQL would not need do no harm; those that it needs must be there.
    const missing = words.filter(({ word, quoted }) => quoted !== word && quoteIdentifier(word) !== quoted);
    expect(missing).toEqual([]);
    expect(quoteIdentifier('orders')).toBe('orders');
  });
});
