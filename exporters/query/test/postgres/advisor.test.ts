import {
  connectSql,
  type Deadline,
  deadlineIn,
  type Opened,
  readPostgresFacts,
  type SqlSession,
  systemClock,
} from '@submilli/core';
import { type LocalPostgres, startPostgres, type StartOptions, supportedMajors } from '@submilli/local-postgres';
import { makeRole, PASSWORD } from '../../../core/test/watching';
import { advise, type AdviseOptions, usualOptions } from '../../src/advisor/advise';
import { readCatalog } from '../../src/advisor/catalog';
import { plannerOf } from '../../src/advisor/planner';
import { namesIn } from '../../src/advisor/query';
import type { Advice } from '../../src/advisor/report';
import type { Workload } from '../../src/advisor/workload';
import { readSearchPaths } from '../../src/explain/search-path';
import { loadParser } from '../../src/statements/query-type';
import { rows, schema, workload } from '../advisor/trading';

jest.setTimeout(120_000);
beforeAll(loadParser);

const soon = (): Deadline => deadlineIn(60_000, systemClock);

const start = async (options: StartOptions): Promise<LocalPostgres> => {
  const server = await startPostgres(options);
  await makeRole(server);
  for (const statement of [schema, ...rows, 'VACUUM ANALYZE']) await server.query(statement);
  await server.query('GRANT pg_read_all_data TO submilli');
  return server;
};

const connect = (server: LocalPostgres): Promise<Opened<SqlSession>> =>
  connectSql(
    {
      address: {
        ...{ name: 'pg', host: server.host, port: server.port, database: 'postgres' },
        ...{ user: 'submilli', password: PASSWORD, sslmode: 'disable' },
      },
      limits: { connect_ms: 2000, lock_ms: 100, statement_ms: 5000 },
      ...{ applicationName: 'submilli/query', dialect: 'postgres', clock: systemClock },
    },
    soon(),
  );

const ask = async (
  { session }: Opened<SqlSession>,
  {
    hypothetical = true,
    work = workload,
    ...options
  }: Partial<AdviseOptions> & { hypothetical?: boolean; work?: Workload },
): Promise<Advice> => {
  const facts = await readPostgresFacts(session, soon());
  const catalog = await readCatalog(session, namesIn(work, false), soon());
  const searchPaths = await readSearchPaths(session, soon());
  const planner = await plannerOf(session, { facts, hypothetical, partial: true }, soon());
  return advise({ workload: work, catalog, searchPaths }, planner, {
    ...usualOptions(systemClock.monotonic),
    seconds: 60,
    ...options,
  });
};

const definitions = ({ indexes }: Advice): string[] => indexes.map(({ definition }) => definition);
const reasonsOf = ({ without }: Advice, id: string): string[] =>
  without.filter(({ statement }) => statement === id).flatMap(({ reasons }) => reasons.map(({ reason }) => reason));

/** What must be said of the trading workload, whoever is asked. */
const knowsTheMistakes = (advice: Advice): void => {
  expect(advice.indexes[0]).toMatchObject({ table: 'trades', effects: [{ statement: 'counterparty' }] });
  expect(definitions(advice)[0]).toContain('USING btree (counterparty_id)');
  expect(advice.indexes).toHaveLength(1);
  expect(reasonsOf(advice, 'functionOnColumn')).toContain('expression_with_parameter');
  expect(reasonsOf(advice, 'wildcard')).toEqual(['needs_trial']);
  expect(advice.trials).toMatchObject([{ statement: 'wildcard' }]);
  expect(advice.trials[0]?.create).toContain('USING gin (client_ref gin_trgm_ops)');
  expect(reasonsOf(advice, 'commit')).toEqual(['utility']);
  expect(reasonsOf(advice, 'cut')).toEqual(['truncated']);
  expect(reasonsOf(advice, 'trade')).toEqual(['nothing_to_plan']);
  for (const served of ['lookup', 'page', 'lastTicks', 'position', 'topOfBook', 'reprice']) {
    expect([served, reasonsOf(advice, served)[0]]).not.toEqual([served, undefined]);
  }
  expect(advice.drops.map(({ name, instead }) => `${name}: ${instead}`).sort()).toEqual([
    'orders_account_idx: orders_account_created_idx',
    'orders_created_at_idx: orders_created_idx',
  ]);
  const statements = [
    ...advice.without.map(({ statement }) => statement),
    ...advice.indexes.flatMap(({ effects }) => effects.map(({ statement }) => statement)),
  ];
  expect(new Set(statements)).toEqual(new Set(workload.statements.map(({ id }) => id)));
};

describe.each(supportedMajors)('index advice without HypoPG on PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let opened: Opened<SqlSession>;
  beforeAll(async () => {
    server = await start({ major });
    opened = await connect(server);
  }, 180_000);
  afterAll(async () => {
    await opened.close();
    await server.stop();
  });

  it('finds the index that is missing, and says that no planner was asked', async () => {
    const advice = await ask(opened, {});
    expect(advice.plannerChecked).toBe(false);
    knowsTheMistakes(advice);
    expect(advice.indexes[0]).toMatchObject({ confidence: 'medium', tax: { known: true, breaksHot: false } });
    expect(advice.indexes[0]?.measured).toContain('no planner was asked');
  });

  it('reads tables as they are: statistics, indexes with their keys, all-visible pages', async () => {
    const { tables } = await readCatalog(opened.session, { tables: ['orders'], functions: ['lower'] }, soon());
    const [orders] = tables;
    expect(orders).toMatchObject({ schema: 'public', kind: 'table', rows: 60_000, allVisible: 1 });
    expect(orders?.columns.get('status')).toMatchObject({
      type: 'text',
      sortable: true,
      deduplicates: true,
      distinct: 3,
    });
    expect(orders?.columns.get('price')).toMatchObject({ deduplicates: false });
    const book = orders?.indexes.find(({ name }) => name === 'orders_book_idx');
    expect(book?.keys.map(({ column }) => column)).toEqual(['instrument_id', 'side', 'price']);
    expect(book?.predicate).toContain('open');
    expect(orders?.indexes.find(({ name }) => name === 'orders_pkey')).toMatchObject({ required: true, unique: true });
  });

  it('has no advice once the index is there', async () => {
    await server.query('CREATE INDEX mine ON trades (counterparty_id) INCLUDE (price, quantity)');
    await server.query('VACUUM ANALYZE trades');
    const advice = await ask(opened, {});
    expect(definitions(advice)).toEqual([]);
    await server.query('DROP INDEX mine');
  });
});

/** HypoPG comes with Debian's PostgreSQL only. */
describe('index advice by asking the planner, on Debian’s PostgreSQL 15 with HypoPG', () => {
  let server: LocalPostgres;
  let opened: Opened<SqlSession>;
  beforeAll(async () => {
    server = await start({ major: 15, installation: '/usr/lib/postgresql/15' });
    await server.query('CREATE EXTENSION hypopg');
    opened = await connect(server);
  }, 180_000);
  afterAll(async () => {
    await opened.close();
    await server.stop();
  });

  it('finds the index that is missing, and nothing else', async () => {
    const advice = await ask(opened, {});
    expect(advice.plannerChecked).toBe(true);
    knowsTheMistakes(advice);
    const [index] = advice.indexes;
    expect(index).toMatchObject({
      confidence: 'high',
      definition: expect.stringContaining('INCLUDE (price, quantity)') as string,
    });
    const effect = index?.effects[0];
    expect((effect?.after ?? Infinity) / (effect?.before ?? 1)).toBeLessThan(0.1);
  });

  it('is borne out by the index once it is built: near the size and the cost that were told', async () => {
    const [index] = (await ask(opened, {})).indexes;
    if (index === undefined) throw new Error('no index');
    await server.query(index.create);
    await server.query('VACUUM ANALYZE trades');
    const [real] = await server.query<{ bytes: string }>(`SELECT pg_relation_size('${index.name}') AS bytes`);
    expect(Number(real?.bytes) / index.size.expected).toBeGreaterThan(0.7);
    expect(Number(real?.bytes) / index.size.expected).toBeLessThan(1.3);
    const after = await ask(opened, {});
    expect(definitions(after)).toEqual([]);
    expect(reasonsOf(after, 'counterparty')).toHaveLength(1);
    await server.query(index.drop);
  });

  it('shares one index between statements, in the order that serves both, and keeps to the storage it is given', async () => {
    const work: Workload = {
      seconds: 100,
      statements: [
        ['a', 'SELECT * FROM trades WHERE counterparty_id = $1'],
        ['b', 'SELECT * FROM trades WHERE instrument_id = $1 AND counterparty_id = $2 ORDER BY executed_at LIMIT $3'],
      ].map(([id = '', text = '']) => ({ id, text, calls: 1000, seconds: 1, rows: 1000 })),
    };
    const advice = await ask(opened, { work });
    expect(definitions(advice)).toHaveLength(1);
    expect(definitions(advice)[0]).toContain('(counterparty_id, instrument_id');
    const bytes = 100_000;
    expect(definitions(await ask(opened, { work, storageBytes: bytes }))).toEqual([]);
  });

  it('asks no more than it may, and says that it stopped', async () => {
    const advice = await ask(opened, { explains: 5 });
    expect(advice.explains).toBeLessThanOrEqual(5);
    expect(advice.overBudget).toBe(true);
    expect(advice.without.some(({ reasons }) => reasons.some(({ reason }) => reason === 'over_budget'))).toBe(true);
  });

  it('leaves nothing behind', async () => {
    await ask(opened, {});
    const [left] = await opened.session.query('SELECT count(*) AS n FROM public.hypopg_list_indexes', [], soon());
    expect(left?.n).toBe(0);
    const plans = await opened.session.query(
      `SELECT count(*) AS n FROM pg_catalog.pg_locks WHERE locktype = 'relation' AND relation = 'public.trades'::regclass`,
      [],
      soon(),
    );
    expect(plans[0]?.n).toBe(0);
  });
});
