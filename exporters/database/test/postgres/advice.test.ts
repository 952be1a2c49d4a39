import { type Advice, type Config, configSchema, type PostgresFacts, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import { makeRole, PASSWORD, scrapeUntil, watch } from '../../../core/test/watching';
import { databaseExporter } from '../../src';

jest.setTimeout(60_000);

const configFor = (server: LocalPostgres): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    sample_interval_seconds: 0.2,
    window_seconds: 10,
    survey_interval_seconds: 0.2,
    thresholds: { idle_in_transaction_warning_seconds: 0.5, blocked_warning_seconds: 0.5 },
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 1000, scrape_ms: 4000 },
  });

describe.each(supportedMajors)('advice about a real PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let target: Target<PostgresFacts>;
  const found = (rule: string): readonly Advice[] =>
    (target.view().advice?.found ?? []).filter((advice) => advice.rule === rule);
  const until = async (rule: string): Promise<Advice> => {
    await scrapeUntil(target, () => found(rule).length > 0);
    const [first] = found(rule);
    if (first === undefined) throw new Error(`${rule} found nothing: ${JSON.stringify(target.view().advice)}`);
    return first;
  };

  beforeAll(async () => {
    server = await startPostgres({
      major,
      settings: {
        autovacuum: 'off',
        archive_mode: 'on',
        archive_command: 'false',
        enable_nestloop: 'off',
        work_mem: '64kB',
        max_replication_slots: '4',
        max_slot_wal_keep_size: '1MB',
        max_wal_size: '32MB',
        min_wal_size: '32MB',
      },
    });
    await makeRole(server);
    await server.query('GRANT EXECUTE ON FUNCTION pg_catalog.pg_hba_file_rules() TO submilli');
    await server.query('GRANT EXECUTE ON FUNCTION pg_catalog.pg_show_all_file_settings() TO submilli');
    await server.query('CREATE TABLE orders (id int PRIMARY KEY, note text)');
    await server.query('INSERT INTO orders SELECT g, repeat(g::text, 9) FROM generate_series(1, 30000) g');
    target = watch(databaseExporter, configFor(server));
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await server.stop();
  });

  it('finds settings that cost data or plans, with the statement that mends them', async () => {
    const fsync = await until('durability');
    expect(fsync).toMatchObject({ subject: 'fsync', severity: 'critical' });
    await server.query(fsync.action.text.split('\n')[0] ?? '');
    await server.query('SELECT pg_reload_conf()');
    await scrapeUntil(target, () => found('durability').length === 0);
    expect(found('durability')).toEqual([]);
    expect((await until('planner-methods')).subject).toBe('enable_nestloop');
    expect((await until('autovacuum-off')).severity).toBe('critical');
    expect((await until('session-timeouts')).action.text).toContain('idle_in_transaction_session_timeout');
    await server.query('ALTER SYSTEM RESET fsync');
  });

  it('finds an archive command that fails', async () => {
    await server.query('SELECT pg_switch_wal()');
    expect(await until('archiver-failing')).toMatchObject({ severity: 'critical' });
  });

  it('names who blocks, with what ends it, and drops the finding when it is over', async () => {
    const [holder, waiter] = [new Client(server.clientConfig()), new Client(server.clientConfig())];
    await Promise.all([holder.connect(), waiter.connect()]);
    await holder.query('BEGIN; UPDATE orders SET note = note WHERE id = 1');
    const waiting = waiter.query('UPDATE orders SET note = note WHERE id = 1');
    const advice = await until('blocking-chain');
    const [row] = (await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
    expect(advice.action.text).toContain(`pg_terminate_backend(${row?.pid})`);
    await holder.query('ROLLBACK');
    await waiting;
    await scrapeUntil(target, () => found('blocking-chain').length === 0);
    expect(found('blocking-chain')).toEqual([]);
    await Promise.all([holder.end(), waiter.end()]);
  });

  it('finds a transaction that is left open', async () => {
    const forgetful = new Client(server.clientConfig());
    await forgetful.connect();
    await forgetful.query('BEGIN; SELECT 1');
    const advice = await until('idle-in-transaction');
    expect(advice.action.text).toContain('idle_in_transaction_session_timeout');
    await forgetful.end();
    await scrapeUntil(target, () => found('idle-in-transaction').length === 0);
    expect(found('idle-in-transaction')).toEqual([]);
  });

  it('finds a slot that nobody streams from, and that is losing the WAL it needs', async () => {
    await server.query("SELECT pg_create_physical_replication_slot('gone', true)");
    for (let segment = 0; segment < 4; segment += 1) {
      await server.query('UPDATE orders SET note = note WHERE id = 1');
      await server.query('SELECT pg_switch_wal()');
    }
    await server.query('CHECKPOINT');
    const advice = await until('slot-retention');
    expect(advice).toMatchObject({ subject: 'gone', severity: 'critical' });
    await server.query(advice.action.text.split('\n')[1] ?? '');
    await scrapeUntil(target, () => found('slot-retention').length === 0);
    expect(found('slot-retention')).toEqual([]);
  });

  it('finds that the planner takes the storage for a disk, without knowing what it is', async () => {
    expect((await until('random-page-cost')).severity).toBe('info');
  });

  it('finds statements that spill to disk, and asks for memory by role', async () => {
    await server.query('SELECT count(*) FROM (SELECT * FROM orders ORDER BY note, id) s');
    await server.query(
      'SELECT g, o.note FROM orders o, generate_series(1, 3) g ORDER BY o.note, g LIMIT 1 OFFSET 80000',
    );
    const advice = await until('temporary-files');
    expect(advice.action.text).toMatch(/ALTER ROLE the_role SET work_mem = '\d+MB'/);
  });

  it('evaluates every rule it has the input for, and says why not for the others', async () => {
    await scrapeUntil(target, () => found('weak-authentication').length >= 0);
    const { evaluated = [], notEvaluated = [] } = target.view().advice ?? {};
    const all = [...evaluated, ...notEvaluated.map(({ rule }) => rule)];
    expect(new Set(all).size).toBe(databaseExporter.registry.rules.length + 1);
    for (const { reason } of notEvaluated) expect(reason).not.toContain('the rule itself failed');
  });
});
