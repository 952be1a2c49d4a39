import { type Opened, type PostgresFacts, type SqlSession, connectSql, deadlineIn, systemClock } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { makeRole, PASSWORD } from '../../../core/test/watching';
import { aloneInDatabase, type Explained, explainGeneric } from '../../src/explain/explain';
import { indexesOf, type PlanNode, walkPlan } from '../../src/explain/plan';
import { isPlannable, plannableOf } from '../../src/explain/plannable';
import { readSearchPaths } from '../../src/explain/search-path';
import { loadParser } from '../../src/statements/query-type';

jest.setTimeout(60_000);

const schema = [
  'CREATE EXTENSION pg_stat_statements',
  'CREATE SCHEMA app',
  'CREATE TABLE app.orders (id bigint PRIMARY KEY, account int NOT NULL, at timestamptz NOT NULL, note text)',
  `INSERT INTO app.orders SELECT g, g % 100, now() - g * interval '1 second', 'x' FROM generate_series(1, 20000) g`,
  'CREATE INDEX orders_account ON app.orders (account)',
  'ANALYZE app.orders',
  'CREATE TABLE app.traces (what text)',
  ...['volatile', 'stable', 'immutable'].map(
    (kind) => `CREATE FUNCTION app.${kind}_one(x int DEFAULT 1) RETURNS int LANGUAGE plpgsql ${kind} AS $$
       BEGIN RAISE EXCEPTION 'it was called'; END $$`,
  ),
  `CREATE FUNCTION app.checked(x int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $$
     BEGIN RAISE EXCEPTION 'it was called'; END $$`,
  'CREATE DOMAIN app.odd AS int CHECK (app.checked(value))',
  'CREATE FUNCTION app.wrapped(x int) RETURNS int LANGUAGE sql STABLE AS $$ SELECT app.immutable_one(7) + x $$',
  'CREATE VIEW app.watched AS SELECT * FROM app.orders WHERE account = app.stable_one(7)',
  'CREATE VIEW app.above AS SELECT * FROM app.watched',
  'CREATE VIEW app.plain AS SELECT id, lower(note) AS note FROM app.orders',
  'CREATE TABLE app.guarded (id int)',
  'ALTER TABLE app.guarded ENABLE ROW LEVEL SECURITY',
  'CREATE POLICY mine ON app.guarded USING (id = app.stable_one(7))',
  'CREATE ROLE trader LOGIN',
  'ALTER ROLE trader SET search_path = app, public',
];

describe.each(supportedMajors)('the plan of a statement on PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let opened: Opened<SqlSession>;
  const facts = { versionNumber: major * 10_000, user: 'submilli' } satisfies Partial<PostgresFacts>;
  const soon = () => deadlineIn(10_000, systemClock);

  const explain = async (text: string, session = opened.session): Promise<Explained> => {
    const plannable = plannableOf(text, { rowsPerCall: 5 });
    if (!isPlannable(plannable)) throw new Error(`${plannable.reason}: ${plannable.detail}`);
    const searchPath = (await readSearchPaths(session, soon()))('trader');
    return explainGeneric(session, plannable, facts, soon(), { searchPath });
  };
  const nodesOf = async (text: string): Promise<PlanNode[]> => {
    const explained = await explain(text);
    if (!('plan' in explained)) throw new Error(`${explained.reason}: ${explained.detail}`);
    return [...walkPlan(explained.plan.root)];
  };

  beforeAll(async () => {
    await loadParser();
    server = await startPostgres({ major });
    await makeRole(server);
    for (const statement of schema) await server.query(statement);
    await server.query('GRANT pg_read_all_data TO submilli');
    const address = { ...server.clientConfig(), name: 'pg', host: server.host, port: server.port };
    opened = await connectSql(
      {
        address: { ...address, database: 'postgres', user: 'submilli', password: PASSWORD, sslmode: 'disable' },
        limits: { connect_ms: 2000, lock_ms: 100, statement_ms: 2000 },
        ...{ applicationName: 'submilli/query', dialect: 'postgres', clock: systemClock },
      },
      soon(),
    );
  }, 180_000);
  afterAll(async () => {
    await opened.close();
    await server.stop();
  });

  it('is found for normalised text, with tables where the role finds them', async () => {
    const [root] = await nodesOf('SELECT * FROM orders WHERE account = $1 ORDER BY at DESC LIMIT $2');
    expect(root).toMatchObject({ type: 'Limit', rows: 5 });
    const nodes = await nodesOf('SELECT note FROM orders WHERE id = $1');
    expect(nodes).toMatchObject([{ type: 'Index Scan', schema: 'app', relation: 'orders', index: 'orders_pkey' }]);
    expect(nodes[0]?.indexCond).toContain('$1');
  });

  it.each([
    ['SELECT count(*) FROM orders WHERE at > now() - interval $1'],
    ['SELECT extract($1 FROM at), substring(note from $2 for $3) FROM orders WHERE id IN ($4 /*, ... */)'],
    ['SELECT date_trunc($1, at) FROM orders WHERE at BETWEEN timestamp $2 AND $3 GROUP BY 1'],
    ['SELECT trim(both $1 from note), note COLLATE "C", at AT TIME ZONE $2 FROM orders LIMIT $3 OFFSET $4'],
    ['SELECT o.id FROM orders o JOIN LATERAL (SELECT 1 FROM orders p WHERE p.id = o.account LIMIT $1) x ON $2'],
    ['SELECT id FROM orders WHERE id = ANY ($1) FOR UPDATE SKIP LOCKED'],
    ['UPDATE orders SET note = $1 WHERE id = $2 RETURNING at'],
    ['UPDATE orders o SET (note, account) = (SELECT note, account FROM orders p WHERE p.id = o.account) WHERE id < $1'],
    ['DELETE FROM orders USING unnest($1::bigint[]) AS gone(id) WHERE orders.id = gone.id'],
    ['INSERT INTO orders SELECT id + $1, account, at, note FROM orders WHERE account = $2 ON CONFLICT DO NOTHING'],
    ['MERGE INTO orders o USING (SELECT $1::bigint AS id) s ON o.id = s.id WHEN MATCHED THEN UPDATE SET note = $2'],
    ['WITH RECURSIVE t(n) AS (VALUES ($1::int) UNION ALL SELECT n + $2 FROM t WHERE n < $3) SELECT sum(n) FROM t'],
    ['SELECT account, rank() OVER (ORDER BY sum(id)) FROM orders GROUP BY account HAVING count(*) > $1'],
    ["SELECT note FROM orders WHERE id = 5 AND note LIKE 'a%' AND account IN (1, 2, 3) ORDER BY 1"],
  ])('is found for %s', async (text) => {
    expect((await nodesOf(text)).length).toBeGreaterThan(0);
  });

  it('sees an index that came since', async () => {
    const text = 'SELECT id FROM orders WHERE note = $1 AND at = $2';
    expect((await nodesOf(text))[0]?.type).toBe('Seq Scan');
    await server.query('CREATE INDEX orders_at ON app.orders (at)');
    const [scan] = await nodesOf(text);
    expect(scan === undefined ? [] : indexesOf(scan)).toEqual(['orders_at']);
    await server.query('DROP INDEX app.orders_at');
  });

  it('calls no function of a user, whatever it promises', async () => {
    for (const kind of ['volatile', 'stable', 'immutable']) {
      for (const call of [`${kind}_one($1)`, `${kind}_one(account)`, `app.${kind}_one(7)`]) {
        const explained = await explain(`SELECT id FROM orders WHERE account = ${call}`);
        expect(explained).toHaveProperty('plan');
      }
      expect(plannableOf(`SELECT id FROM orders WHERE account = ${kind}_one()`)).toMatchObject({
        reason: 'constant_function',
      });
    }
    // What is avoided: planning itself calls the function when its argument is a constant.
    await expect(server.query('EXPLAIN SELECT app.immutable_one(7)')).rejects.toThrow('it was called');
    await expect(server.query('EXPLAIN SELECT FROM app.orders WHERE account = app.stable_one(7)')).rejects.toThrow(
      'it was called',
    );
  });

  it('calls none that a view, a policy or an SQL function hides', async () => {
    for (const from of ['watched', 'above WHERE id = $1', 'guarded', 'orders WHERE id = wrapped($1)', 'wrapped($1)']) {
      expect(await explain(`SELECT count(*) FROM ${from}`)).toMatchObject({ reason: 'constant_function' });
    }
    expect(await explain('SELECT * FROM plain WHERE id = $1')).toHaveProperty('plan');
    // What is avoided.
    await expect(server.query('EXPLAIN SELECT FROM app.above')).rejects.toThrow('it was called');
    await expect(server.query('EXPLAIN SELECT app.wrapped(id::int) FROM app.orders')).rejects.toThrow('it was called');
  });

  it('does not check a domain', async () => {
    const explained = await explain('SELECT id FROM orders WHERE account = $1::odd');
    if (major >= 16) expect(explained).toHaveProperty('plan');
    else
      expect(explained).toMatchObject({ reason: 'domain_parameter', detail: expect.stringContaining('odd') as string });
  });

  it('leaves nothing behind: no transaction, no prepared statement, no setting', async () => {
    for (const text of [
      'SELECT id FROM orders WHERE id = $1',
      'SELECT $1 + $2',
      'SELECT id FROM nowhere WHERE a = $1',
    ]) {
      await explain(text);
      const [row] = await opened.session.query(
        `SELECT (SELECT count(*) FROM pg_catalog.pg_prepared_statements) AS prepared,
                pg_catalog.current_setting('search_path') AS path,
                pg_catalog.now() = pg_catalog.statement_timestamp() AS alone`,
        [],
        soon(),
      );
      expect(row).toEqual({ prepared: 0, path: '', alone: true });
    }
  });

  it('is missing with a reason: no such table, no type for a parameter, no right, a lock', async () => {
    expect(await explain('SELECT * FROM nowhere WHERE a = $1')).toMatchObject({ reason: 'missing_object' });
    expect(await explain('SELECT $1 + $2')).toMatchObject({ reason: 'untyped_parameter' });
    await server.query('REVOKE pg_read_all_data FROM submilli');
    expect(await explain('SELECT * FROM app.orders WHERE id = $1')).toMatchObject({
      reason: 'permission',
      remedy: expect.stringContaining('GRANT pg_read_all_data TO submilli') as string,
    });
    await server.query('GRANT pg_read_all_data TO submilli');
  });

  it('does not wait for a lock, and the next statement is planned again', async () => {
    const { Client } = await import('pg');
    const holder = new Client(server.clientConfig());
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE app.orders');
    expect(await explain('SELECT id FROM orders WHERE id = $1')).toMatchObject({ reason: 'lock' });
    await holder.query('ROLLBACK');
    await holder.end();
    expect(await explain('SELECT id FROM orders WHERE id = $1')).toHaveProperty('plan');
  });

  it('is asked for by one watcher of a database at a time', async () => {
    const { Client } = await import('pg');
    const other = new Client(server.clientConfig());
    await other.connect();
    await other.query('SELECT pg_advisory_lock(8319104478160186473)');
    const work = jest.fn(() => Promise.resolve('done'));
    expect(await aloneInDatabase(opened.session, soon(), work)).toBeUndefined();
    await other.end();
    for (let i = 0; i < 100 && work.mock.calls.length === 0; i += 1) {
      await aloneInDatabase(opened.session, soon(), work);
    }
    expect(work).toHaveBeenCalled();
    expect(await server.query('SELECT 1 FROM pg_locks WHERE locktype = $1', ['advisory'])).toEqual([]);
  });
});
