import { canaryTableStatements, canaryRoleStatements, configSchema, readLogStatements } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import { makeRole, PASSWORD, scrapeUntil, watch } from '../../../core/test/watching';
import { queryExporter } from '../../src';

jest.setTimeout(60_000);

/** Somebody who may create schemas, and nothing else. */
const STRANGER = { user: 'stranger', password: 'stranger-secret' };

describe.each(supportedMajors)('what setup-role makes on PostgreSQL %i, where somebody was there first', (major) => {
  let server: LocalPostgres;
  beforeAll(async () => {
    const settings = { logging_collector: 'on', log_destination: major >= 15 ? 'jsonlog' : 'csvlog', lc_messages: 'C' };
    server = await startPostgres({ major, settings });
    await makeRole(server);
    await server.query(`CREATE ROLE stranger LOGIN PASSWORD '${STRANGER.password}'`);
    await server.query('GRANT CREATE ON DATABASE postgres TO stranger');
    for (const statement of canaryRoleStatements) await server.query(statement);
  }, 180_000);
  afterAll(() => server.stop());
  afterEach(() => server.query('DROP SCHEMA IF EXISTS submilli CASCADE'));

  const asStranger = async (...statements: readonly string[]): Promise<void> => {
    const client = new Client({ ...server.clientConfig(), ...STRANGER });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  const run = async (statements: readonly string[]): Promise<void> => {
    for (const statement of statements) await server.query(statement);
  };

  it('is refused in a schema of theirs, before a superuser runs their triggers', async () => {
    await asStranger(
      'CREATE SCHEMA submilli',
      'CREATE TABLE submilli.canary (id int PRIMARY KEY, beat int8 NOT NULL)',
      `CREATE FUNCTION submilli.trap() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN EXECUTE 'ALTER ROLE stranger SUPERUSER'; RETURN NEW; END $$`,
      'CREATE TRIGGER trap BEFORE INSERT ON submilli.canary FOR EACH ROW EXECUTE FUNCTION submilli.trap()',
    );
    await expect(run(canaryTableStatements)).rejects.toThrow(/belongs to stranger/);
    await expect(run(readLogStatements({ role: 'submilli' }))).rejects.toThrow(/belongs to stranger/);
    const rows = await server.query(`SELECT rolsuper FROM pg_roles WHERE rolname = 'stranger'`);
    expect(rows).toEqual([{ rolsuper: false }]);
  });

  it('is refused where they own something in ours', async () => {
    await server.query('CREATE SCHEMA submilli');
    await server.query('GRANT USAGE, CREATE ON SCHEMA submilli TO stranger');
    await asStranger('CREATE TABLE submilli.canary (id int PRIMARY KEY, beat int8 NOT NULL)');
    await expect(run(canaryTableStatements)).rejects.toThrow(/belongs to stranger/);
  });

  it('can be made again and again', async () => {
    for (let i = 0; i < 2; i += 1) await run([...canaryTableStatements, ...readLogStatements({ role: 'submilli' })]);
    expect(await server.query('SELECT count(*)::int AS rows FROM submilli.canary')).toEqual([{ rows: 2 }]);
  });

  it('is not called when it is theirs: a function would run with our rights', async () => {
    await asStranger(
      'CREATE SCHEMA submilli',
      'CREATE TABLE submilli.seen (by_whom text)',
      'GRANT ALL ON submilli.seen TO PUBLIC',
      'GRANT USAGE ON SCHEMA submilli TO PUBLIC',
      `CREATE FUNCTION submilli.read_log(file text, start int8, length int8) RETURNS bytea LANGUAGE plpgsql AS
         $$ BEGIN
              SET LOCAL transaction_read_only = off;
              INSERT INTO submilli.seen VALUES (current_user);
              RETURN '';
            END $$`,
    );
    const config = configSchema.parse({
      postgres: [
        {
          name: 'pg',
          host: server.host,
          port: server.port,
          password: PASSWORD,
          sslmode: 'disable',
          log: { source: 'sql' },
        },
      ],
      ...{ sample_interval_seconds: 0.2, window_seconds: 10 },
    });
    const target = watch(queryExporter, config);
    const skipped = 'db_exporter_collector_skipped{collector="log"';
    expect(await scrapeUntil(target, (text) => text.includes(skipped))).toContain(skipped);
    await target.close();
  });
});
