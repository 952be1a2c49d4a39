import {
  type Config,
  configSchema,
  type PostgresFacts,
  type StatementsAnswer,
  statementsAnswer,
  type StatementSummary,
  type Target,
  type TargetView,
} from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import { collectorsFailing, makeRole, PASSWORD, scrapeUntil, valueOf, watch } from '../../../core/test/watching';
import { queryExporter } from '../../src';
import { statements } from '../../src/samplers/statements';
import { type StatementsState, textOf } from '../../src/statements/state';

jest.setTimeout(60_000);

const configFor = (server: LocalPostgres, more: object = {}): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    sample_interval_seconds: 0.2,
    window_seconds: 60,
    ...more,
  });

const answerOf = (target: Target): StatementsAnswer => {
  const resource = queryExporter.resources.find(({ path }) => path === 'statements');
  return statementsAnswer.parse(resource?.answer(target.view() as TargetView<PostgresFacts>));
};

const calls = 'db_query_calls_total{database="postgres"}';

const work = async (server: LocalPostgres, texts: readonly string[], times = 1): Promise<void> => {
  const client = new Client(server.clientConfig());
  await client.connect();
  for (let i = 0; i < times; i += 1) for (const text of texts) await client.query(text);
  await client.end();
};

/** The statements of the window once one of them satisfies `isIt`, and that one. */
const listed = async (
  target: Target,
  isIt: (one: StatementSummary) => boolean,
): Promise<{ readonly one: StatementSummary; readonly all: readonly StatementSummary[] }> => {
  await scrapeUntil(target, () => answerOf(target).statements.some(isIt));
  const all = answerOf(target).statements;
  const one = all.find(isIt);
  if (one === undefined) throw new Error(`not found among ${JSON.stringify(all.map(({ query }) => query))}`);
  return { one, all };
};

const SECRET = 'hunter2';

describe.each(supportedMajors)('statements on PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let target: Target;

  beforeAll(async () => {
    server = await startPostgres({
      major,
      settings: { track_io_timing: 'on', 'pg_stat_statements.track_planning': 'on' },
    });
    await makeRole(server);
    await server.query('CREATE EXTENSION pg_stat_statements');
    await server.query('CREATE TABLE orders AS SELECT g AS id, g % 100 AS account FROM generate_series(1, 50000) g');
    await server.query('CREATE TABLE pad AS SELECT g FROM generate_series(1, 1000) g');
    target = watch(queryExporter, configFor(server, { query_text: 'normalised' }));
    await scrapeUntil(target, (text) => valueOf(text, calls) !== undefined);
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await server.stop();
  });

  it('are told with what they planned, spilled, wrote and compiled, as far as the version tells', async () => {
    await work(server, [
      "SET work_mem = '64kB'",
      'SET jit = on',
      'SET jit_above_cost = 0',
      'SELECT count(*) FROM (SELECT id FROM orders ORDER BY account DESC, id LIMIT 49999) s',
      'UPDATE orders SET account = 7 WHERE id <= 1000',
      'CREATE TEMP TABLE mine AS SELECT 1 AS x',
      'INSERT INTO mine SELECT g FROM generate_series(1, 1000) g',
    ]);
    const { one } = await listed(target, ({ query }) => query?.includes('ORDER BY account DESC') === true);
    expect(one).toMatchObject({ queryType: 'select', calls: 1, rows: 1, queryMissing: null });
    expect(one.planning).toMatchObject({ plans: 1, deviationSeconds: 0 });
    expect(one.planning?.totalSeconds).toBeGreaterThan(0);
    expect(one.tempBlocks.written).toBeGreaterThan(0);
    expect(one.sharedBlocks.hit + one.sharedBlocks.read).toBeGreaterThan(0);
    expect(one.blockTimes?.sharedReadSeconds).toBeGreaterThanOrEqual(0);
    expect(one.blockTimes?.tempWriteSeconds ?? null).toEqual(major >= 15 ? expect.any(Number) : null);
    expect(one.blockTimes?.localReadSeconds ?? null).toEqual(major >= 17 ? expect.any(Number) : null);
    expect(one.jit === null).toBe(major < 15);
    expect(one.jit?.deformSeconds ?? null).toEqual(major >= 17 ? expect.any(Number) : null);
    expect(one.parallelWorkers === null).toBe(major < 18);
    expect(one.wal.buffersFull === null).toBe(major < 18);

    const { one: update } = await listed(target, ({ queryType }) => queryType === 'update');
    expect(update.wal.records).toBeGreaterThanOrEqual(1000);
    expect(update.wal.fullPageImages).toBeGreaterThanOrEqual(0);
    const { one: insert } = await listed(target, ({ query }) => query?.startsWith('INSERT INTO mine') === true);
    expect(insert.localBlocks.dirtied + insert.localBlocks.hit).toBeGreaterThan(0);
  });

  it('are published with what an operator graphs', async () => {
    await work(server, ['SELECT count(*) FROM orders'], 3);
    const text = await scrapeUntil(target, (t) => /statement_plan_seconds_total\{[^}]*queryid="-?\d+/.test(t));
    for (const name of ['plan_seconds', 'block_read_seconds', 'local_blocks_read', 'wal_records', 'temp_blocks_read']) {
      expect(text).toMatch(new RegExp(`^db_query_statement_${name}_total\\{[^}]*queryid="other"[^}]*\\} `, 'm'));
    }
    expect(/^db_query_statement_jit_seconds_total/m.test(text)).toBe(major >= 15);
    expect(valueOf(text, 'db_query_statement_texts{outcome="kept"}')).toBeGreaterThan(0);
    expect(collectorsFailing(text)).toEqual([]);
  });

  it('show no literal, no comment and no password', async () => {
    await work(server, [
      `/* trace ${SECRET} */ SELECT count(*) -- ${SECRET}\n FROM orders WHERE account = 7 AND '${SECRET}' <> ''`,
      `ALTER ROLE postgres SET application_name = '${SECRET}'`,
      'ALTER ROLE postgres RESET application_name',
      'SELECT count(*) FROM pad WHERE g IN (1, 2, 3)',
    ]);
    const { one, all } = await listed(target, ({ query }) => query?.includes('<>') === true);
    expect(one.query).toBe('SELECT count(*) FROM orders WHERE account = $1 AND $2 <> $3');
    expect(all.find(({ queryType, query }) => queryType === 'utility' && query?.startsWith('alter'))).toMatchObject({
      query: 'alter role set',
      queryMissing: 'utility',
    });
    const { one: list } = await listed(target, ({ query }) => query?.includes('FROM pad') === true);
    expect(list.query).toMatch(major >= 18 ? /IN \(\$1 \/\*, \.\.\. \*\/\)$/ : /IN \(\$1, \$2, \$3\)$/);
    expect(JSON.stringify(answerOf(target))).not.toContain(SECRET);
    const state = target.view().snapshots.of<StatementsState>(statements);
    expect(state && textOf(state, one.queryid)).toBe(one.query);
  });

  it('are neither ours nor about the system', async () => {
    await work(server, ['SELECT count(*) FROM pg_catalog.pg_class', 'SELECT count(*) AS seen FROM pad']);
    const { all } = await listed(target, ({ query }) => query?.includes('seen') === true);
    expect(all.filter(({ query }) => /pg_class|pg_stat_statements|pg_extension/.test(query ?? ''))).toEqual([]);
  });

  it('go on when one of them is reset, and all of them', async () => {
    await work(server, ['SELECT max(g) FROM pad'], 5);
    const { one } = await listed(target, ({ query, calls: n }) => query?.includes('max(g)') === true && n === 5);
    await server.query(`SELECT pg_stat_statements_reset(0, 0, ${one.queryid})`);
    await work(server, ['SELECT max(g) FROM pad'], 3);
    const isIt = ({ queryid }: StatementSummary): boolean => queryid === one.queryid;
    expect((await listed(target, (other) => isIt(other) && other.calls >= 8)).one.calls).toBe(8);
    await server.query('SELECT pg_stat_statements_reset()');
    await work(server, ['SELECT max(g) FROM pad'], 2);
    expect((await listed(target, (other) => isIt(other) && other.calls >= 10)).one.calls).toBe(10);
  });
});

describe('statements where the extension is older than the server', () => {
  it.each([
    [15, '1.9', '1.10'],
    [17, '1.10', '1.11'],
    [18, '1.11', '1.12'],
  ] as const)(
    'on PostgreSQL %i are read at %s, and go on without a spike after its update',
    async (major, old, next) => {
      const server = await startPostgres({ major });
      await makeRole(server);
      await server.query(`CREATE EXTENSION pg_stat_statements VERSION '${old}'`);
      const target = watch(queryExporter, configFor(server, { query_text: 'normalised' }));
      await scrapeUntil(target, (text) => valueOf(text, calls) !== undefined);
      await work(server, ["SELECT length('tick')"], 500);
      const isIt = ({ query }: StatementSummary): boolean => query?.includes('length') === true;
      const { one } = await listed(target, (other) => isIt(other) && other.calls === 500);
      const has = {
        '1.10': ({ jit }: StatementSummary) => jit !== null,
        '1.11': ({ jit }: StatementSummary) => jit?.deformSeconds !== null,
        '1.12': ({ parallelWorkers }: StatementSummary) => parallelWorkers !== null,
      }[next];
      expect(has(one)).toBe(false);
      await server.query(`ALTER EXTENSION pg_stat_statements UPDATE TO '${next}'`);
      await scrapeUntil(
        target,
        () => target.view().snapshots.of<StatementsState>(statements)?.columns?.version === next,
      );
      await work(server, ["SELECT length('tick')"], 7);
      const after = await listed(target, (other) => isIt(other) && other.calls > 500);
      expect(after.one.calls).toBe(507);
      expect(has(after.one)).toBe(true);
      await target.close();
      await server.stop();
    },
  );

  it('say what to do where it is too old', async () => {
    const server = await startPostgres({ major: 14 });
    await makeRole(server);
    await server.query("CREATE EXTENSION pg_stat_statements VERSION '1.8'");
    const target = watch(queryExporter, configFor(server));
    await scrapeUntil(target, (text) => collectorsFailing(text).includes('statements'));
    expect(target.view().runs.find(({ name }) => name === 'statements')?.run).toMatchObject({
      problem: { hint: expect.stringContaining('ALTER EXTENSION pg_stat_statements UPDATE') as string },
    });
    await target.close();
    await server.stop();
  });
});
