import { type Config, configSchema, indexAdviceAnswer, type IndexAdviceAnswer, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { makeRole, PASSWORD, scrape, scrapeUntil, valueOf, watch, watchAll } from '../../../core/test/watching';
import { queryExporter } from '../../src';

jest.setTimeout(120_000);

const configFor = (servers: readonly LocalPostgres[], more: object = {}): Config =>
  configSchema.parse({
    postgres: servers.map(({ host, port }, i) => ({
      ...{ name: `pg${i}`, host, port, password: PASSWORD, sslmode: 'disable', log: { source: 'off' } },
    })),
    ...{ sample_interval_seconds: 0.3, window_seconds: 10 },
    index_advice: { enabled: true, interval_seconds: 1, on_primary: true, ...more },
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 2000, scrape_ms: 4000 },
  });

const answerOf = (target: Target): IndexAdviceAnswer['databases'][number] | undefined => {
  const resource = queryExporter.resources.find(({ path }) => path === 'index-advice');
  return indexAdviceAnswer.parse(resource?.answer(target.view() as never)).databases[0];
};

const calls = async (server: LocalPostgres, times: number): Promise<void> => {
  const client = new Client(server.clientConfig());
  await client.connect();
  for (let i = 0; i < times; i += 1)
    await client.query('SELECT sum(price) FROM trades WHERE counterparty_id = $1', [i]);
  await client.end();
};

const prepare = async (server: LocalPostgres): Promise<void> => {
  await makeRole(server);
  await server.query('GRANT pg_read_all_data TO submilli');
  await server.query('CREATE EXTENSION pg_stat_statements');
  await server.query(`CREATE TABLE trades AS
    SELECT g AS id, g % 2000 AS counterparty_id, (g % 100)::numeric AS price FROM generate_series(1, 200000) g`);
  await server.query('ALTER TABLE trades ADD PRIMARY KEY (id)');
  await server.query('VACUUM ANALYZE trades');
};

/** HypoPG comes with Debian's PostgreSQL only: elsewhere the advice is an estimate, and says so. */
describe.each([
  ['by asking the planner', { major: 15, installation: '/usr/lib/postgresql/15' } as const, true],
  ['by estimate', { major: 18 } as const, false],
])('index advice of the exporter, %s', (_how, options, checked) => {
  let server: LocalPostgres;
  let target: Target;
  beforeAll(async () => {
    server = await startPostgres(options);
    await prepare(server);
    if (checked) await server.query('CREATE EXTENSION hypopg');
    target = watch(queryExporter, configFor([server]));
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await server.stop();
  });

  const until = async (enough: () => boolean, work = 20): Promise<void> => {
    for (let i = 0; i < 60 && !enough(); i += 1) {
      await calls(server, work);
      await scrape(target);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  };

  it('finds the missing index, ranks and explains it', async () => {
    await until(() => (answerOf(target)?.indexes.length ?? 0) > 0);
    const answer = answerOf(target);
    expect(answer).toMatchObject({ plannerChecked: checked, database: 'postgres' });
    expect(answer?.indexes[0]?.create).toMatch(/^CREATE INDEX CONCURRENTLY IF NOT EXISTS .* \(counterparty_id\)/);
    expect(answer?.indexes[0]?.confidence).toBe(checked ? 'high' : 'medium');
    const { before = 0, after = 0 } = answer?.indexes[0]?.effects[0] ?? {};
    expect(after).toBeLessThan(before / 2);
    // Advice is made at a scrape; the answer can be newer.
    await scrape(target);
    const finding = target.view().advice?.found.find(({ rule }) => rule === 'missing-index');
    expect(finding?.action.text).toContain('CREATE INDEX CONCURRENTLY');
    expect(valueOf(await scrape(target), 'db_query_index_advice{database="postgres"}')).toBe(1);
  });

  it('sees it built, and confirms by measured time and blocks what it brought', async () => {
    // What its statement does without it, over a few looks.
    const looks = new Set<string>();
    await until(() => looks.add(answerOf(target)?.lookedAt ?? '').size > 4, 40);
    const create = answerOf(target)?.indexes[0]?.create ?? '';
    await server.query(create);
    await until(() => answerOf(target)?.built[0]?.verdict === 'confirmed', 50);
    const [built] = answerOf(target)?.built ?? [];
    expect(built).toMatchObject({ verdict: 'confirmed' });
    const [{ before, since } = { before: null, since: null }] = built?.statements ?? [];
    expect(since?.blocks).toBeLessThan((before?.blocks ?? 0) / 5);
    expect(answerOf(target)?.indexes).toEqual([]);
    const text = await scrapeUntil(
      target,
      (now) => valueOf(now, 'db_query_index_advice_built{database="postgres",verdict="confirmed"}') === 1,
    );
    expect(valueOf(text, 'db_query_index_advice_built{database="postgres",verdict="confirmed"}')).toBe(1);
  });
});

describe('a primary on which HypoPG is not to be used', () => {
  let servers: readonly LocalPostgres[] = [];
  let targets: readonly Target[] = [];
  beforeAll(async () => {
    const primary = await startPostgres({ major: 15, installation: '/usr/lib/postgresql/15' });
    servers = [primary];
    await prepare(primary);
    await primary.query('CREATE EXTENSION hypopg');
    servers = [primary, await primary.standby()];
    targets = watchAll(queryExporter, configFor(servers, { on_primary: false }));
  }, 180_000);
  afterAll(async () => {
    for (const target of targets) await target.close();
    for (const server of [...servers].reverse()) await server.stop();
  });

  it('is judged by the planner of its standby', async () => {
    const [primary] = servers;
    const [target, ...others] = targets;
    if (primary === undefined || target === undefined) throw new Error('unreachable');
    const asked = (): boolean => answerOf(target)?.askedOn === 'pg1' && answerOf(target)?.indexes.length !== 0;
    for (let i = 0; i < 60 && !asked(); i += 1) {
      await calls(primary, 20);
      for (const one of [target, ...others]) await scrape(one);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(answerOf(target)).toMatchObject({ plannerChecked: true, askedOn: 'pg1' });
    expect(answerOf(target)?.indexes[0]).toMatchObject({ confidence: 'high' });
    // No connection stays behind.
    const open = await servers[1]?.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'submilli' AND application_name LIKE '%query%'`,
    );
    expect(Number(open?.[0]?.n)).toBeLessThanOrEqual(4);
  });

  it('is judged by statistics when its standby is gone, and says so', async () => {
    const [primary, standby] = servers;
    const [target] = targets;
    if (primary === undefined || standby === undefined || target === undefined) throw new Error('unreachable');
    servers = [primary];
    await standby.stop();
    for (let i = 0; i < 60 && answerOf(target)?.plannerChecked !== false; i += 1) {
      await calls(primary, 20);
      for (const one of targets) await scrape(one);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(answerOf(target)).toMatchObject({ plannerChecked: false, askedOn: null });
    expect(answerOf(target)?.indexes[0]).toMatchObject({ confidence: 'medium' });
  });
});
