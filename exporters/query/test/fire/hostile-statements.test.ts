import { readFileSync } from 'node:fs';
import { connectSql, deadlineIn, type Opened, type SqlSession, systemClock } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import fc from 'fast-check';
import { runs } from '../../../core/test/fuzz';
import { explainGeneric } from '../../src/explain/explain';
import { isPlannable, plannableOf } from '../../src/explain/plannable';
import { loadParser } from '../../src/statements/query-type';
import { attacks, hostileTexts } from '../hostile-texts';

const PASSWORD = 'prove-it';
const OURS = 'submilli/fuzz';

/** A role that may do anything, on a server whose quotes end where ours would not: whatever got through would be done. */
const schema = [
  'CREATE TABLE victims (a int PRIMARY KEY, b text)',
  "INSERT INTO victims SELECT g, 'n' || g FROM generate_series(1, 100) g",
  'CREATE SEQUENCE counted',
  'CREATE TABLE touched (who text)',
  `CREATE FUNCTION touch() RETURNS int LANGUAGE plpgsql AS $$
     BEGIN RAISE LOG 'touched'; INSERT INTO touched VALUES ('x'); RETURN 1; END $$`,
  'CREATE PROCEDURE touch_all() LANGUAGE plpgsql AS $$ BEGIN PERFORM touch(); END $$',
  `CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM touch(); RETURN NEW; END $$`,
  'CREATE TRIGGER told BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON victims FOR EACH STATEMENT EXECUTE FUNCTION told()',
  `CREATE ROLE prober SUPERUSER LOGIN PASSWORD '${PASSWORD}'`,
  'ALTER ROLE prober SET standard_conforming_strings = off',
  'ALTER ROLE prober SET backslash_quote = on',
  'ANALYZE',
];

/** All that a session of ours may ever ask, but for the SELECT that is explained. */
const allowed = [
  /^BEGIN READ ONLY; SET LOCAL /,
  /^ROLLBACK$/,
  /^SET statement_timeout = \d+$/,
  /^SELECT pg_catalog\.set_config\('search_path', \$1, true\)$/,
  /^\s*WITH RECURSIVE reached\(oid\) AS/,
  /^\s*SELECT t\.typname::text AS name/,
  /^EXPLAIN \(VERBOSE, FORMAT JSON\) (EXECUTE submilli_explain\((NULL(, )?)*\)$|\(*(SELECT|WITH|VALUES)\b)/,
  /^PREPARE submilli_explain AS \(*(SELECT|WITH|VALUES)\b/,
  /^DEALLOCATE submilli_explain$/,
];

describe('statement texts that try to get out, explained on a real server by a superuser', () => {
  let server: LocalPostgres;
  let opened: Opened<SqlSession>;
  beforeAll(async () => {
    await loadParser();
    server = await startPostgres({ major: 15, settings: { log_statement: 'all', log_line_prefix: '%a|' } });
    for (const statement of schema) await server.query(statement);
    const { host, port } = server;
    opened = await connectSql(
      {
        address: {
          name: 'pg',
          host,
          port,
          database: 'postgres',
          user: 'prober',
          password: PASSWORD,
          sslmode: 'disable',
        },
        limits: { connect_ms: 10_000, lock_ms: 100, statement_ms: 5000 },
        ...{ applicationName: OURS, dialect: 'postgres', clock: systemClock },
      },
      deadlineIn(10_000, systemClock),
    );
  }, 180_000);
  afterAll(async () => {
    await opened.close();
    await server.stop();
  });

  /** What a session of this role could have changed. */
  const state = () =>
    server.query(`
      SELECT (SELECT count(*)::int FROM touched) AS touched, (SELECT count(*)::int FROM victims) AS victims,
             (SELECT sum(a)::int FROM victims) AS sum, (SELECT is_called FROM counted) AS counted,
             (SELECT count(*)::int FROM pg_class WHERE relname = 'made') AS made`);

  it('change nothing, and none of them is ever executed', async () => {
    const texts = [...attacks, ...fc.sample(hostileTexts, { seed: 20_261_129, ...runs(600) })];
    const facts = { versionNumber: 150_000, user: 'prober' };
    let planned = 0;
    for (const text of texts) {
      const plannable = plannableOf(text);
      if (!isPlannable(plannable)) continue;
      const explained = await explainGeneric(opened.session, plannable, facts, deadlineIn(10_000, systemClock));
      if ('plan' in explained) planned += 1;
    }
    expect(planned).toBeGreaterThan(50);
    expect(await state()).toEqual([{ touched: 0, victims: 100, sum: 5050, counted: false, made: 0 }]);

    const own = readFileSync(server.logFile, 'utf8')
      .split(/^(?=[^|\n]*\|[A-Z]+: )/m)
      .filter((entry) => entry.startsWith(`${OURS}|`));
    const statements = own.flatMap(
      (entry) => /\|LOG: {2}(?:statement|execute [^:]*): ([^]*)\n$/.exec(entry)?.[1] ?? [],
    );
    expect(statements.length).toBeGreaterThan(300);
    // The server's log has a tab before each line that goes on.
    const asked = statements.map((statement) => statement.replaceAll('\n\t', '\n'));
    expect(asked.filter((statement) => !allowed.some((pattern) => pattern.test(statement)))).toEqual([]);
    expect(own.filter((entry) => entry.includes('touched'))).toEqual([]);
  });

  it('would be seen if one were', async () => {
    await server.query('SELECT touch()');
    expect(await state()).toMatchObject([{ touched: 1 }]);
    const [row] = await opened.session.query('SHOW standard_conforming_strings', [], deadlineIn(5000, systemClock));
    expect(row).toEqual({ standard_conforming_strings: 'on' });
  });
});
