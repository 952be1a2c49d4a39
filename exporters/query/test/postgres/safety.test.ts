import { readFileSync } from 'node:fs';
import { type Config, configSchema, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { parseSync } from 'libpg-query';
import { Client } from 'pg';
import { makeRole, PASSWORD, scrapeUntil, valueOf, watch } from '../../../core/test/watching';
import { queryExporter } from '../../src';
import { allOf, bodyOf, contains, namesOf, type Node, parseText } from '../../src/explain/ast';
import { loadParser } from '../../src/statements/query-type';
import { type RecordingProxy, startProxy } from './recording-proxy';

jest.setTimeout(60_000);

/** Functions that tell the server's log who called them: what a rolled back transaction did is still in it. */
const schema = [
  'CREATE EXTENSION pg_stat_statements',
  'CREATE TABLE touched (who text)',
  'CREATE TABLE victims (id int PRIMARY KEY, owner int, note text)',
  "INSERT INTO victims SELECT g, g % 10, 'n' || g FROM generate_series(1, 5000) g",
  'CREATE TABLE "odd; DELETE FROM victims; --" (a int)',
  ...['volatile', 'stable', 'immutable'].map(
    (kind) => `CREATE FUNCTION touch_${kind}(x int DEFAULT 1) RETURNS int LANGUAGE plpgsql ${kind} AS $$
       BEGIN
         RAISE LOG 'touched by <%>', session_user;
         ${kind === 'volatile' ? 'INSERT INTO touched VALUES (session_user);' : ''}
         RETURN x;
       END $$`,
  ),
  'CREATE FUNCTION touch_sql(x int) RETURNS int LANGUAGE sql STABLE AS $$ SELECT touch_immutable(3) + x $$',
  'CREATE VIEW touching AS SELECT * FROM victims WHERE owner = touch_stable(2)',
  'CREATE PROCEDURE touch_all() LANGUAGE plpgsql AS $$ BEGIN PERFORM touch_volatile(1); END $$',
  'ANALYZE',
];

/** What an application may be caught doing; each is run, so that it is in pg_stat_statements. */
const hostile = [
  'SELECT touch_volatile(1)',
  'SELECT touch_volatile(id) FROM victims WHERE id = 7',
  'SELECT * FROM victims WHERE owner = touch_stable(7)',
  'SELECT * FROM victims WHERE owner = touch_stable()',
  'SELECT * FROM victims WHERE owner = touch_immutable(7) + touch_immutable()',
  'SELECT id, touch_immutable(owner) FROM victims LIMIT 3',
  'SELECT id FROM victims WHERE owner = touch_sql(5) LIMIT 1',
  'SELECT count(*) FROM touching',
  'SELECT count(*) FROM (SELECT touch_immutable(x) FROM (SELECT 5 AS x) a) b',
  "DO $$ BEGIN PERFORM touch_volatile(2); EXECUTE 'SELECT touch_volatile(3)'; END $$",
  'CALL touch_all()',
  'CREATE TABLE made (a int)',
  'DROP TABLE made',
  'CREATE TABLE copied AS SELECT touch_volatile(4) AS a',
  'DROP TABLE copied',
  'SELECT touch_volatile(5); UPDATE victims SET owner = owner; SELECT touch_volatile(6)',
  'SELECT id /* ; DELETE FROM victims; */ FROM victims -- ; DROP TABLE victims\n WHERE id = 1',
  'SELECT a FROM "odd; DELETE FROM victims; --"',
  "SELECT 'it''s; DROP TABLE victims; --', $x$ $$; DELETE FROM victims; $x$, E'\\'; DELETE FROM victims; --'",
  'UPDATE victims SET owner = touch_volatile(owner) WHERE id = touch_volatile(1)',
  'DELETE FROM victims WHERE id = touch_volatile(-1)',
  'WITH gone AS (DELETE FROM victims WHERE id = 4999 RETURNING *) INSERT INTO victims SELECT * FROM gone',
  'EXPLAIN ANALYZE SELECT touch_volatile(8)',
  'BEGIN; DECLARE c CURSOR FOR SELECT touch_volatile(9); FETCH ALL FROM c; COMMIT',
  'PREPARE p AS SELECT touch_volatile($1); EXECUTE p(1); DEALLOCATE p',
  'SELECT id FROM victims FOR UPDATE',
  "SELECT pg_advisory_unlock_all(), set_config('work_mem', '64kB', false)",
  'LOCK TABLE victims',
].map((text) => (text.startsWith('LOCK') ? `BEGIN; ${text}; COMMIT` : text));

/** Tables and functions that only the application has. */
const theirs = /victims|touch|odd;/;

/** EXPLAIN of one SELECT, without ANALYZE. */
const explained = (statement: Node): Node | undefined => {
  const explain = bodyOf(statement, 'ExplainStmt');
  const options = allOf(explain?.options, 'DefElem').map(({ defname }) => defname);
  const plain = options.every((name) => ['generic_plan', 'verbose', 'format'].includes(String(name)));
  return explain !== undefined && plain ? (explain.query as Node) : undefined;
};

/** Why a statement should never have been sent; nothing if it may be. */
const objection = (text: string): string | undefined => {
  const statements = parseText(text);
  const [first, ...more] = statements;
  if (first === undefined) return 'nothing at all';
  const [kind = ''] = Object.keys(first);
  const transaction = bodyOf(first, 'TransactionStmt');
  if (more.length > 0) {
    const sets = more.every((one) => bodyOf(one, 'VariableSetStmt')?.is_local === true);
    return transaction !== undefined && text.startsWith('BEGIN READ ONLY; ') && sets ? undefined : 'several statements';
  }
  switch (kind) {
    case 'TransactionStmt':
      return transaction?.kind === 'TRANS_STMT_ROLLBACK' ? undefined : 'a transaction that could commit';
    case 'VariableSetStmt':
      return /^SET statement_timeout = \d+$/.test(text) ? undefined : 'a setting';
    case 'DeallocateStmt':
      return undefined;
    case 'PrepareStmt':
      return bodyOf(bodyOf(first, kind)?.query, 'SelectStmt') === undefined ? 'PREPARE of no SELECT' : undefined;
    case 'ExplainStmt': {
      const query = explained(first);
      if (query === undefined) return 'EXPLAIN with other options';
      return contains(query, 'SelectStmt', 'ExecuteStmt') ? undefined : 'EXPLAIN of no SELECT';
    }
    case 'SelectStmt':
      return ownSelect(first, text);
    default:
      return kind;
  }
};

/** Ours: a SELECT that names catalogs and their functions only, and nothing of the application. */
const ownSelect = (statement: Node, text: string): string | undefined => {
  if (theirs.test(text)) return 'it names what is the application’s';
  if (contains(statement, 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'IntoClause')) return 'it writes';
  const withs = new Set(allOf(statement, 'CommonTableExpr').map(({ ctename }) => ctename));
  const foreign = allOf(statement, 'RangeVar').find(
    ({ schemaname, relname }) =>
      schemaname !== 'pg_catalog' && !withs.has(relname) && !String(relname).startsWith('pg_stat_statements'),
  );
  if (foreign !== undefined) return `a table ${String(foreign.relname)}`;
  const calls = allOf(statement, 'FuncCall').map(({ funcname }) => namesOf(funcname));
  const call = calls.find(
    (names) =>
      names.length > 1 && names[0] !== 'pg_catalog' && !/^(pg_stat_statements|hypopg(_\w+)?)$/.test(names[1] ?? ''),
  );
  return call === undefined ? undefined : `a call of ${call.join('.')}`;
};

/** Debian's has HypoPG. */
const WITH_HYPOPG = 15;

describe.each(supportedMajors)('what the query exporter sends to PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let proxy: RecordingProxy;
  let target: Target;

  const configFor = (): Config =>
    configSchema.parse({
      postgres: [
        {
          ...{ name: 'pg', host: '127.0.0.1', port: proxy.port, password: PASSWORD, sslmode: 'disable' },
          databases: { include: ['*'] },
        },
      ],
      ...{ sample_interval_seconds: 0.2, window_seconds: 20, survey_interval_seconds: 0.3 },
      plans: { enabled: true, interval_seconds: 0.3, statements: 200 },
      index_advice: { enabled: true, interval_seconds: 1, on_primary: true },
      limits: { statements: 500 },
      timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 2000, scrape_ms: 4000 },
    });

  const beHostile = async (): Promise<void> => {
    const app = new Client(server.clientConfig());
    await app.connect();
    for (let i = 0; i < 3; i += 1) for (const text of hostile) await app.query(text);
    await app.end();
  };
  beforeAll(async () => {
    await loadParser();
    server = await startPostgres({
      major,
      settings: { log_min_messages: 'log', 'pg_stat_statements.track': 'all' },
      ...(major === WITH_HYPOPG ? { installation: `/usr/lib/postgresql/${major}` } : {}),
    });
    if (major === WITH_HYPOPG) await server.query('CREATE EXTENSION hypopg');
    await makeRole(server);
    await server.query('GRANT pg_read_all_data TO submilli');
    for (const statement of schema) await server.query(statement);
    proxy = await startProxy(server);
    target = watch(queryExporter, configFor());
    await scrapeUntil(target, (text) => valueOf(text, 'db_query_statements') !== undefined);
    await beHostile();
    const outcome = (text: string, name: string): number =>
      valueOf(text, `db_query_plans_total{outcome="${name}"}`) ?? 0;
    await scrapeUntil(target, (text) => outcome(text, 'planned') >= 20 && outcome(text, 'constant_function') >= 2);
    await beHostile();
    for (let beat = 0, before = proxy.sent.length; beat < 100 && proxy.sent.length < before + 200; beat += 1) {
      await scrapeUntil(target, () => true);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await proxy.close();
    await server.stop();
  });

  it('is EXPLAIN of plans as generic as they come, our own reading of catalogs, and nothing else', () => {
    const explains = proxy.sent.filter(({ text }) => text.startsWith('EXPLAIN'));
    expect(explains.filter(({ text }) => text.includes('victims') || text.includes('EXECUTE')).length).toBeGreaterThan(
      5,
    );
    const hypothetical = proxy.sent.filter(({ text }) => text.includes('hypopg_create_index'));
    expect(hypothetical.length > 0).toBe(major === WITH_HYPOPG);
    const objections = proxy.sent.flatMap(({ kind, text }) => {
      const why = kind === 'other' ? `message ${text}` : objection(text);
      return why === undefined ? [] : [`${why}: ${text}`];
    });
    expect([...new Set(objections)]).toEqual([]);
  });

  it('is explained within a read-only transaction with limits, and with no literal and no comment of theirs', () => {
    const sent = proxy.sent.map(({ text }) => text);
    const asked = sent.filter((text) => /^(EXPLAIN|PREPARE)/.test(text));
    expect(
      asked.filter((text) => /it''s|DROP|DELETE|\/\*|--/.test(text.replaceAll('"odd; DELETE FROM victims; --"', ''))),
    ).toEqual([]);
    expect(asked.filter((text) => parseSync(text).stmts?.length !== 1)).toEqual([]);
    const begins = sent.filter((text) => text.startsWith('BEGIN'));
    expect(begins.length).toBeGreaterThan(5);
    for (const text of begins) {
      expect(text).toMatch(
        /^BEGIN READ ONLY; SET LOCAL statement_timeout = '500ms'; SET LOCAL lock_timeout = '50ms'; /,
      );
    }
    // Only one connection explains, one statement after the other.
    let open = false;
    for (const text of sent) {
      if (text.startsWith('BEGIN')) open = true;
      if (text === 'ROLLBACK') open = false;
      if (/^(EXPLAIN|PREPARE)/.test(text)) expect([text, open]).toEqual([text, true]);
    }
  });

  it('calls none of their functions, whatever those promise', async () => {
    const log = readFileSync(server.logFile, 'utf8');
    expect(log).toContain('touched by <postgres>');
    expect(log).not.toContain('touched by <submilli>');
    expect(await server.query("SELECT FROM touched WHERE who = 'submilli'")).toEqual([]);
    expect(await server.query('SELECT count(*)::int AS n FROM victims')).toEqual([{ n: 5000 }]);
  });
});

describe('the allow-list itself', () => {
  beforeAll(loadParser);

  it.each([
    'SELECT touch_volatile(1)',
    'SELECT * FROM victims',
    'SELECT * FROM public.anything',
    'EXPLAIN ANALYZE SELECT 1',
    'EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1',
    'EXPLAIN DELETE FROM t',
    'SELECT 1; DROP TABLE t',
    'BEGIN READ ONLY; DROP TABLE t',
    'COMMIT',
    'DELETE FROM t',
    'PREPARE p AS DELETE FROM t',
    'EXECUTE p',
    "SET search_path = 'x'",
    'CREATE TABLE t (a int)',
  ])('does not let pass: %s', (text) => {
    expect(objection(text)).toBeDefined();
  });
});
