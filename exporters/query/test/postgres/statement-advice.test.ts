import {
  type Advice,
  type Config,
  configSchema,
  createTarget,
  type Keeper,
  type PostgresFacts,
  silentLogger,
  systemClock,
  type Target,
} from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import { makeRole, PASSWORD, scrape, scrapeUntil, valueOf, watch } from '../../../core/test/watching';
import { queryExporter } from '../../src';

jest.setTimeout(90_000);

const configFor = (server: LocalPostgres): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    sample_interval_seconds: 0.2,
    window_seconds: 10,
    query_text: 'normalised',
  });

const calls = 'db_query_calls_total{database="postgres"}';
const begun = (target: Target): Promise<string> => scrapeUntil(target, (text) => valueOf(text, calls) !== undefined);

/** What a rule says once it speaks of a statement with this in its text, or at all. */
const advised = async (target: Target<PostgresFacts>, rule: string, text = ''): Promise<Advice> => {
  const found = (): Advice | undefined =>
    target
      .view()
      .advice?.found.find((one) => one.rule === rule && one.evidence.some(({ value }) => `${value}`.includes(text)));
  await scrapeUntil(target, () => found() !== undefined);
  const first = found();
  if (first === undefined) throw new Error(`${rule}: ${JSON.stringify(target.view().advice, null, 1)}`);
  return first;
};

/** Runs statements one after the other, over and over, until the advice is there. */
const whileRunning = async <T>(server: LocalPostgres, texts: readonly string[], until: Promise<T>): Promise<T> => {
  const client = new Client(server.clientConfig());
  await client.connect();
  let isOver = false;
  const done = until.finally(() => (isOver = true));
  const run = async (): Promise<void> => {
    while (!isOver) for (const text of texts) await client.query(text);
  };
  const running = run().catch(() => undefined);
  try {
    return await done;
  } finally {
    await running;
    await client.end();
  }
};

describe.each(supportedMajors)('advice about statements on PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let target: Target<PostgresFacts>;

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { 'pg_stat_statements.track_planning': 'on' } });
    await makeRole(server);
    await server.query('CREATE EXTENSION pg_stat_statements');
    await server.query('CREATE TABLE orders AS SELECT g AS id, g % 100 AS account FROM generate_series(1, 50000) g');
    await server.query('CREATE TABLE items (id int PRIMARY KEY, name text)');
    target = watch(queryExporter, configFor(server));
    await begun(target);
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await server.stop();
  });

  it('names the statement that spills, and the statement given mends it', async () => {
    const spilling = 'SELECT count(*) FROM (SELECT id FROM orders ORDER BY account DESC, id LIMIT 49999) s';
    const advice = await whileRunning(server, ["SET work_mem = '64kB'", spilling], advised(target, 'statement-spills'));
    expect(advice.evidence).toContainEqual({
      ...{ label: 'statement', unit: '' },
      value: 'SELECT count(*) FROM (SELECT id FROM orders ORDER BY account DESC, id LIMIT $1) s',
    });
    expect(advice.action.text).toMatch(/^ALTER ROLE postgres IN DATABASE postgres SET work_mem = '\d+MB';/);
    await server.query(advice.action.text);
    const client = new Client(server.clientConfig());
    await client.connect();
    const { rows } = await client.query<Record<string, string>>(`EXPLAIN (ANALYZE, COSTS OFF) ${spilling}`);
    await client.end();
    expect(JSON.stringify(rows)).toMatch(/quicksort|top-N heapsort/);
    await server.query('ALTER ROLE postgres IN DATABASE postgres RESET work_mem');
  });

  it('names the statement that is planned for longer than it runs', async () => {
    const joins = ['b', 'c', 'd', 'e'].map((name) => `JOIN items ${name} USING (id)`).join(' ');
    const planned = `SELECT a.name FROM items a ${joins} WHERE a.id = 7`;
    const advice = await whileRunning(server, [planned], advised(target, 'planning-dominates', 'JOIN items b'));
    expect(advice).toMatchObject({ severity: 'info' });
  });

  it('says nothing of compilation where there is none, and cannot tell before PostgreSQL 15', async () => {
    await server.query('SELECT count(*) FROM orders');
    await scrapeUntil(target, (text) => valueOf(text, 'db_queries_per_second{database="postgres"}') !== 0);
    const { found, notEvaluated } = target.view().advice ?? { found: [], notEvaluated: [] };
    expect(found.filter(({ rule }) => rule === 'jit-in-short-statements')).toEqual([]);
    expect(notEvaluated.some(({ rule }) => rule === 'jit-in-short-statements')).toBe(major < 15);
  });

  it('knows after a restart what was usual, and says what takes longer', async () => {
    const slow = 'SELECT count(*) FROM orders a WHERE a.account < 50';
    await server.query(slow);
    const [{ queryid } = { queryid: '' }] = await server.query<{ queryid: string }>(
      `SELECT queryid::text AS queryid FROM pg_stat_statements WHERE query LIKE 'SELECT count(*) FROM orders a %'`,
    );
    const hour = Math.floor(Date.now() / 3_600_000);
    const hours = Array.from({ length: 10 }, (_, i) => [hour - 10 + i, 1e-6, 1, 1, 0, 1]);
    const saved: unknown = { version: 1, statements: [{ database: 'postgres', queryid, type: 'select', hours }] };
    const keeper: Keeper = {
      load: (name) => (name === 'pg-regressions' ? saved : undefined),
      save: () => undefined,
    };
    const config = configFor(server);
    const [found] = queryExporter.targets(config, systemClock);
    if (found === undefined) throw new Error('no target');
    const { registry } = queryExporter;
    const restarted = createTarget({
      ...{ ...found, registry, config, keeper },
      ...{ clock: systemClock, random: () => 0, log: silentLogger },
    });
    await begun(restarted);
    const advice = await whileRunning(server, [slow], advised(restarted, 'statement-regressed', 'orders a'));
    expect(advice.subject).toBe(`postgres: ${queryid}`);
    expect(advice.why).toContain('it reads more blocks per call');
    expect(advice.evidence).toContainEqual({ label: 'usual by', value: 'all hours (10 hours)', unit: '' });
    const text = await scrape(restarted);
    expect(valueOf(text, 'db_query_statements_regressed{database="postgres"}')).toBe(1);
    const series = `db_query_statement_baseline_ratio{database="postgres",queryid="${queryid}",query_type="select"}`;
    expect(valueOf(text, series)).toBeGreaterThan(2);
    await restarted.close();
  });
});

/** npm's PostgreSQL is built without a compiler; Debian's has one. */
describe('advice about statements that are compiled', () => {
  it('names those for which it does not pay, and the statement given mends it', async () => {
    const server = await startPostgres({
      ...{ major: 15, installation: '/usr/lib/postgresql/15' },
      settings: { jit: 'on', jit_above_cost: '0', jit_optimize_above_cost: '0', jit_inline_above_cost: '0' },
    });
    await makeRole(server);
    await server.query('CREATE EXTENSION pg_stat_statements');
    await server.query('CREATE TABLE orders AS SELECT g AS id, g % 100 AS account FROM generate_series(1, 1000) g');
    const target = watch(queryExporter, configFor(server));
    await begun(target);
    const compiled = 'SELECT sum(id + account) FROM orders WHERE id % 7 = 3';
    const advice = await whileRunning(server, [compiled], advised(target, 'jit-in-short-statements', 'sum(id'));
    expect(advice.title).toMatch(/^Statement -?\d+ spends \d+ % of its .* ms on compilation$/);
    await server.query(advice.action.text);
    const [{ jit } = { jit: '' }] = await server.query<{ jit: string }>('SHOW jit');
    expect(jit).toBe('off');
    await target.close();
    await server.stop();
  });
});

describe('advice about statements without room', () => {
  it('says so when entries are thrown out', async () => {
    const server = await startPostgres({ major: 17, settings: { 'pg_stat_statements.max': '100' } });
    await makeRole(server);
    await server.query('CREATE EXTENSION pg_stat_statements');
    const target = watch(queryExporter, configFor(server));
    await begun(target);
    const lists = Array.from(
      { length: 150 },
      (_, i) =>
        `SELECT 1 WHERE 1 IN (${Array(i + 2)
          .fill(1)
          .join(', ')})`,
    );
    const found = (): Advice | undefined =>
      target.view().advice?.found.find(({ rule }) => rule === 'statements-evicted');
    // Their texts are read only now and then while there are so many.
    await whileRunning(
      server,
      lists,
      scrapeUntil(target, () => found()?.action.text.includes('ANY') === true),
    );
    const advice = found();
    expect(advice?.action).toMatchObject({ needsRestart: true });
    expect(advice?.action.text).toContain('= ANY ($1)');
    expect(advice?.action.text).toContain('ALTER SYSTEM SET pg_stat_statements.max = 200;');
    await target.close();
    await server.stop();
  });
});
