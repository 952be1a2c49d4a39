import {
  type Config,
  configSchema,
  type PlansAnswer,
  plansAnswer,
  type PostgresFacts,
  type Target,
  type TargetView,
} from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import {
  collectorsFailing,
  makeRole,
  PASSWORD,
  scrape,
  scrapeUntil,
  valueOf,
  watch,
} from '../../../core/test/watching';
import { queryExporter } from '../../src';
import { plans } from '../../src/surveys/plans';

jest.setTimeout(60_000);

const configFor = (server: LocalPostgres, asking: object): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    ...{ sample_interval_seconds: 0.2, window_seconds: 10, survey_interval_seconds: 0.3, plans: asking },
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 2000, scrape_ms: 4000 },
  });

const schema = [
  'CREATE EXTENSION pg_stat_statements',
  'CREATE TABLE trades (id bigint PRIMARY KEY, account int NOT NULL, email text, note text)',
  `INSERT INTO trades SELECT g, g % 1000, 'u' || g, repeat('x', 60) || g FROM generate_series(1, 150000) g`,
  'CREATE INDEX trades_account ON trades (account)',
  'CREATE INDEX trades_email ON trades (email)',
  'ANALYZE trades',
];

describe.each(supportedMajors)('plans of a server of PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let target: Target;
  let app: Client;
  const work = async (...queries: readonly (readonly [text: string, values: readonly unknown[]])[]): Promise<void> => {
    for (let i = 0; i < 30; i += 1) for (const [text, values] of queries) await app.query(text, [...values]);
  };
  const answer = (of = target): PlansAnswer => {
    const resource = queryExporter.resources.find(({ path }) => path === 'plans');
    return plansAnswer.parse(resource?.answer(of.view() as TargetView<PostgresFacts>));
  };
  const found = (text: RegExp) => answer().statements.find(({ periods }) => text.test(periods[0]?.outline ?? ''));
  const until = (enough: () => boolean): Promise<string> => scrapeUntil(target, enough);

  beforeAll(async () => {
    server = await startPostgres({ major });
    await makeRole(server);
    await server.query('GRANT pg_read_all_data TO submilli');
    for (const statement of schema) await server.query(statement);
    app = new Client(server.clientConfig());
    await app.connect();
    target = watch(queryExporter, configFor(server, { enabled: true, interval_seconds: 0.3 }));
    await scrapeUntil(target, (text) => valueOf(text, 'db_query_statements') !== undefined);
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await app.end();
    await server.stop();
  });

  it('are shown for the top statements, with what is unwise about them', async () => {
    const load = (): Promise<void> =>
      work(
        ['SELECT * FROM trades WHERE account = $1', [5]],
        ['SELECT id FROM trades WHERE note = $1', ['y']],
        ['SELECT id FROM trades WHERE lower(email) = $1', ['u7']],
        ['UPDATE trades SET note = note WHERE id = $1', [3]],
        ['INSERT INTO trades VALUES ($1, 1) ON CONFLICT DO NOTHING', [3]],
      );
    await load();
    const text = await until(() =>
      [/trades_account/, /Filter: \(\(?trades\.note/, /lower\(/, /trades_pkey/].every((p) => found(p) !== undefined),
    );
    expect(found(/trades_account/)).toMatchObject({
      database: 'postgres',
      role: 'postgres',
      reason: null,
      findings: [],
    });
    expect(found(/note/)?.findings).toMatchObject([{ kind: 'selective_seq_scan', table: 'public.trades' }]);
    expect(found(/lower\(/)?.findings.map(({ kind }) => kind)).toContain('function_on_index');
    expect(answer().statements.find(({ reason }) => reason?.reason === 'nothing_to_plan')).toBeDefined();
    expect(valueOf(text, 'db_query_plans_total{outcome="planned"}')).toBeGreaterThan(3);
    expect(valueOf(text, 'db_query_plans_total{outcome="nothing_to_plan"}')).toBe(1);
    expect(valueOf(text, 'db_query_plan_findings{database="postgres",kind="selective_seq_scan"}')).toBeGreaterThan(0);
    expect(collectorsFailing(text)).toEqual([]);
  });

  it('are seen to change, and for the worse', async () => {
    const workedUntil = async (enough: () => boolean): Promise<string> => {
      let text = await scrape(target);
      for (let round = 0; round < 200 && !enough(); round += 1) {
        await work(['SELECT * FROM trades WHERE account = $1', [5]]);
        await new Promise((resolve) => setTimeout(resolve, 300));
        text = await scrape(target);
      }
      return text;
    };
    const statements = () => [...(target.view().snapshots.of(plans)?.statements.values() ?? [])];
    const calls = () =>
      statements().find(({ periods }) => periods[0]?.outline?.includes('trades_account'))?.periods[0]?.work.calls ?? 0;
    // Of calls that two windows share a round may take one part alone, and it takes 20 of them to compare with.
    await workedUntil(() => calls() >= 40);
    await server.query('DROP INDEX trades_account');
    const flipped = () =>
      answer().statements.find(({ periods }) => (periods[1]?.outline ?? '').includes('trades_account'));
    const regressed = () => target.view().advice?.found.find(({ rule }) => rule === 'plan-regressed');
    // What is called in the window in which the plan changed counts for neither: so it is called on.
    const text = await workedUntil(() => flipped() !== undefined && regressed() !== undefined);
    expect(flipped()?.periods[0]?.outline).toMatch(/Seq Scan on trades/);
    expect(regressed()?.evidence.find(({ label }) => label === 'generic plan before')?.value).toMatch(/trades_account/);
    expect(valueOf(text, 'db_query_plan_changes_total{database="postgres"}')).toBeGreaterThan(0);
  }, 180_000);

  it('are not asked for unless switched on', async () => {
    const off = watch(queryExporter, configFor(server, {}));
    await scrapeUntil(off, () => off.view().runs.some(({ name, run }) => name === 'plans' && run.state === 'skipped'));
    expect(off.view().runs.find(({ name }) => name === 'plans')?.run).toMatchObject({
      state: 'skipped',
      skip: { reason: 'disabled' },
    });
    expect(answer(off)).toEqual({ enabled: false, statements: [], logged: [] });
    await off.close();
  });

  it('are refused without the right to read, with what would help', async () => {
    await server.query('REVOKE pg_read_all_data FROM submilli');
    await work(['SELECT note FROM trades WHERE id = $1 AND account = $2', [1, 2]]);
    const denied = () => answer().statements.find(({ reason }) => reason?.reason === 'permission');
    const text = await until(() => denied() !== undefined);
    expect(denied()?.reason?.remedy).toContain('GRANT pg_read_all_data');
    expect(valueOf(text, 'db_query_plans_total{outcome="permission"}')).toBeGreaterThan(0);
  });
});
