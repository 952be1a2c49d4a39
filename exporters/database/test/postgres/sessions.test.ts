import {
  blockingAnswer,
  type Config,
  configSchema,
  type PostgresFacts,
  type Target,
  xminHorizonAnswer,
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
import { databaseExporter } from '../../src';
import { blockingResource, xminHorizonResource } from '../../src/resources/blocking';

jest.setTimeout(60_000);

const configFor = (server: LocalPostgres, hz = 10): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode: 'disable' }],
    sample_interval_seconds: 0.2,
    window_seconds: 10,
    session_sampling_hz: hz,
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 1000, scrape_ms: 4000 },
  });

describe.each(supportedMajors)('sessions and locks on PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let target: Target<PostgresFacts>;
  let clients: Client[];
  const connect = async (to = server): Promise<Client> => {
    const client = new Client(to.clientConfig({ application_name: 'trader' }));
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { max_prepared_transactions: '5', max_connections: '100' } });
    await makeRole(server);
    await server.query('CREATE TABLE orders (id int PRIMARY KEY, price int)');
    await server.query('INSERT INTO orders SELECT g, g FROM generate_series(1, 100) g');
    target = watch(databaseExporter, configFor(server));
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await server.stop();
  });
  beforeEach(() => {
    clients = [];
  });
  afterEach(() => Promise.all(clients.map((client) => client.end())));

  it('sees that nobody waits', async () => {
    const text = await scrape(target);
    expect(collectorsFailing(text)).toEqual([]);
    for (const name of ['blocked_sessions', 'blocking_roots', 'blocking_longest_seconds', 'blocking_depth']) {
      expect(valueOf(text, `db_${name}`)).toBe(0);
    }
    expect(blockingResource.answer(target.view())).toMatchObject({ waiting: 0, trees: [] });
  });

  it('sums up who blocks whom, and has the tree', async () => {
    const [root, middle, last] = [await connect(), await connect(), await connect()];
    await root.query('BEGIN');
    await root.query('UPDATE orders SET price = 0 WHERE id = 1');
    await middle.query('BEGIN');
    await middle.query('UPDATE orders SET price = 0 WHERE id = 2');
    const waiting = [
      middle.query('UPDATE orders SET price = 0 WHERE id = 1'),
      (async () => {
        await scrapeUntil(target, (t) => valueOf(t, 'db_blocked_sessions') === 1);
        return last.query('UPDATE orders SET price = 1 WHERE id = 2');
      })(),
    ];
    const text = await scrapeUntil(target, (t) => valueOf(t, 'db_blocked_sessions') === 2);
    expect(valueOf(text, 'db_blocking_roots')).toBe(1);
    expect(valueOf(text, 'db_blocking_worst_root_victims')).toBe(2);
    expect(valueOf(text, 'db_blocking_depth')).toBe(2);
    expect(valueOf(text, 'db_blocking_longest_seconds')).toBeGreaterThan(0);
    expect(valueOf(text, 'db_locks{database="postgres",mode="RowExclusiveLock",granted="true"}')).toBeGreaterThan(0);
    expect(valueOf(text, 'db_locks{database="",mode="ShareLock",granted="false"}')).toBeGreaterThan(0);
    const answer = blockingAnswer.parse(blockingResource.answer(target.view()));
    expect(answer).toMatchObject({
      waiting: 2,
      leftOut: 0,
      trees: [
        {
          victims: 2,
          root: {
            ...{ state: 'idle in transaction', application: 'trader', lock: null },
            blocks: [{ lock: { mode: 'ShareLock', type: 'transactionid' }, blocks: [{ blocks: [] }] }],
          },
        },
      ],
    });
    expect(JSON.stringify(answer)).not.toContain('UPDATE');
    await root.query('ROLLBACK');
    await waiting[0];
    await middle.query('COMMIT');
    await waiting[1];
  });

  it('says how long clients are idle in a transaction, and what active ones wait for at this moment', async () => {
    const [holder, waiter] = [await connect(), await connect()];
    await holder.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    const waiting = waiter.query('SELECT count(*) FROM orders');
    const lock = 'db_waiting_sessions{database="postgres",wait_event_type="Lock",wait_event="relation"}';
    const text = await scrapeUntil(target, (t) => valueOf(t, lock) === 1);
    expect(valueOf(text, lock)).toBe(1);
    expect(valueOf(text, 'db_oldest_idle_in_transaction_seconds{database="postgres"}')).toBeGreaterThan(0);
    expect(valueOf(text, 'db_backends{backend_type="client backend"}')).toBeGreaterThanOrEqual(4);
    expect(valueOf(text, 'db_backends{backend_type="checkpointer"}')).toBe(1);
    await holder.query('ROLLBACK');
    await waiting;
    const after = await scrapeUntil(target, (t) => valueOf(t, lock) === undefined);
    expect(valueOf(after, 'db_oldest_idle_in_transaction_seconds{database="postgres"}')).toBe(0);
  });

  it('adds up what sessions do and wait for between scrapes, by state and wait event', async () => {
    const [holder, waiter] = [await connect(), await connect()];
    await holder.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    const waiting = waiter.query('SELECT count(*) FROM orders');
    const lock =
      'db_session_activity_seconds_total{database="postgres",state="active",wait_event_type="Lock",wait_event="relation"}';
    const idle =
      'db_session_activity_seconds_total{database="postgres",state="idle in transaction",wait_event_type="Client",wait_event="ClientRead"}';
    const text = await scrapeUntil(target, (t) => (valueOf(t, lock) ?? 0) > 0.3 && (valueOf(t, idle) ?? 0) > 0.3);
    expect(valueOf(text, lock)).toBeGreaterThan(0.3);
    expect(valueOf(text, idle)).toBeGreaterThan(0.3);
    expect(valueOf(text, 'db_session_samples_total')).toBeGreaterThan(2);
    expect(valueOf(text, 'db_exporter_database_seconds_total{collector="session-activity"}')).toBeGreaterThan(0);
    await holder.query('ROLLBACK');
    await waiting;
  });

  it('goes on counting where it was when its connection breaks', async () => {
    const samples = (text: string): number => valueOf(text, 'db_session_samples_total') ?? 0;
    const connects = (text: string): number => valueOf(text, 'db_exporter_connects_total') ?? 0;
    const before = await scrapeUntil(target, (t) => samples(t) > 20);
    await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'submilli'`);
    const after = await scrapeUntil(target, (t) => connects(t) >= connects(before) + 2 && samples(t) > 0);
    expect(samples(after)).toBeGreaterThanOrEqual(samples(before));
  });

  it('does not sample when told so, and says that it does not', async () => {
    const quiet = watch(databaseExporter, configFor(server, 0));
    const text = await scrapeUntil(quiet, (t) => t.includes('collector="session-activity",reason="disabled"'));
    expect(text).toContain('db_exporter_collector_skipped{collector="session-activity",reason="disabled"} 1');
    expect(text).not.toContain('db_session_samples_total');
    await quiet.close();
  });

  it('names who holds the xmin horizon back: a transaction, one prepared', async () => {
    const client = await connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM orders');
    const two = await connect();
    await two.query(`BEGIN; UPDATE orders SET price = 1 WHERE id = 50; PREPARE TRANSACTION 'left open'`);
    for (let i = 0; i < 5; i += 1) await server.query('UPDATE orders SET price = 2 WHERE id = 60');
    const text = await scrape(target);
    expect(valueOf(text, 'db_xmin_horizon_age{holder="backend"}')).toBeGreaterThanOrEqual(5);
    expect(valueOf(text, 'db_xmin_horizon_age{holder="prepared_transaction"}')).toBeGreaterThanOrEqual(5);
    expect(valueOf(text, 'db_xmin_horizon_age{holder="standby"}')).toBe(0);
    expect(text).toContain('db_xmin_horizon_holder_info{holder="backend",name="postgres@postgres"} 1');
    expect(text).not.toContain('left open');
    expect(valueOf(text, 'db_prepared_transactions{database="postgres"}')).toBe(1);
    expect(valueOf(text, 'db_oldest_prepared_transaction_seconds{database="postgres"}')).toBeGreaterThan(0);
    expect(xminHorizonResource.answer(target.view())).toMatchObject({
      holders: expect.arrayContaining([
        expect.objectContaining({ holder: 'prepared_transaction', name: 'left open', pid: null }),
      ]) as unknown,
    });
    await client.query('COMMIT');
    await two.query(`ROLLBACK PREPARED 'left open'`);
  });

  it('sees a standby hold the horizon back through its slot, or itself when it has none, behind many sessions', async () => {
    const many = await Promise.all(Array.from({ length: 25 }, () => connect()));
    for (const client of many) await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM orders');
    const feedback = { hot_standby_feedback: 'on', wal_receiver_status_interval: '1' };
    const standby = await server.standby({ name: 'held', settings: feedback });
    const age = (text: string, holder: string): number => valueOf(text, `db_xmin_horizon_age{holder="${holder}"}`) ?? 0;
    const holders = (): readonly unknown[] =>
      xminHorizonAnswer.parse(xminHorizonResource.answer(target.view())).holders;
    try {
      const client = await connect(standby);
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM orders');
      await server.query('UPDATE orders SET price = 3 WHERE id = 60');
      const slot = await scrapeUntil(target, (t) => age(t, 'replication_slot') > 0);
      expect(age(slot, 'replication_slot')).toBeGreaterThan(0);
      expect(holders()).toContainEqual(expect.objectContaining({ holder: 'replication_slot', name: 'held' }));
      expect(holders().length).toBeLessThanOrEqual(21);

      await standby.query(`ALTER SYSTEM SET primary_slot_name = ''`);
      await standby.query('SELECT pg_reload_conf()');
      const without = await scrapeUntil(target, (t) => age(t, 'standby') > 0);
      expect(age(without, 'standby')).toBeGreaterThan(0);
      expect(holders()).toContainEqual(expect.objectContaining({ holder: 'standby', name: 'held' }));
    } finally {
      await standby.stop();
      await server.query(`SELECT pg_drop_replication_slot('held')`);
    }
  });

  it('shows on a standby who waits for what it replays, and claims nothing about prepared transactions', async () => {
    const standby = await server.standby({ settings: { max_standby_streaming_delay: '60s' } });
    const other = watch(databaseExporter, configFor(standby));
    try {
      const quiet = await scrapeUntil(other, (t) => (valueOf(t, 'db_session_samples_total') ?? 0) > 1);
      expect(collectorsFailing(quiet)).toEqual([]);
      expect(valueOf(quiet, 'db_blocked_sessions')).toBe(0);
      expect(valueOf(quiet, 'db_xmin_horizon_age{holder="backend"}')).toBe(0);
      expect(quiet).not.toContain('db_prepared_transactions');

      const [holder, waiter] = [await connect(), await connect(standby)];
      await holder.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
      // Its commit takes the lock's record along.
      await server.query('CREATE TABLE flushed ()');
      const held = 'db_locks{database="postgres",mode="AccessExclusiveLock",granted="true"}';
      await scrapeUntil(other, (t) => (valueOf(t, held) ?? 0) > 0);
      const waiting = waiter.query('SELECT count(*) FROM orders');
      const text = await scrapeUntil(other, (t) => valueOf(t, 'db_blocked_sessions') === 1);
      expect(valueOf(text, 'db_blocking_roots')).toBe(1);
      expect(blockingResource.answer(other.view())).toMatchObject({
        trees: [{ victims: 1, root: { user: null, blocks: [{ application: 'trader', lock: { type: 'relation' } }] } }],
      });
      await holder.query('ROLLBACK');
      await server.query('DROP TABLE flushed');
      await waiting;
    } finally {
      await other.close();
      await standby.stop();
    }
  });

  it('leaves out what it may not see without pg_monitor, and says which grant that takes', async () => {
    const holder = await connect();
    await holder.query('BEGIN; LOCK TABLE orders IN SHARE MODE');
    await server.query('REVOKE pg_monitor FROM submilli');
    const blind = watch(databaseExporter, configFor(server));
    try {
      const text = await scrapeUntil(blind, (t) => collectorsFailing(t).includes('session-activity'));
      expect(text).not.toMatch(/^db_(blocked|blocking|xmin|session_activity|backends|waiting)/m);
      for (const name of ['activity', 'backends', 'blocking', 'xmin-horizon', 'session-activity']) {
        const run = blind.view().runs.find((part) => part.name === name)?.run;
        expect(run).toMatchObject({
          skip: { reason: 'privilege', remedy: expect.stringContaining('GRANT') as unknown },
        });
      }
      expect(valueOf(text, 'db_locks{database="postgres",mode="ShareLock",granted="true"}')).toBe(1);
      expect(valueOf(text, 'db_prepared_transactions{database="postgres"}')).toBe(0);
      expect(blockingResource.answer(blind.view())).toMatchObject({ asOf: null });
      expect(xminHorizonResource.answer(blind.view())).toEqual({ asOf: null, holders: [] });
    } finally {
      await server.query('GRANT pg_monitor TO submilli');
      await blind.close();
    }
  });
});

describe('sampling beside replication and background work', () => {
  it('does not take a WAL sender for a session that works, and tells autovacuum from clients', async () => {
    const settings = { wal_level: 'logical', autovacuum_naptime: '1s', autovacuum_vacuum_cost_delay: '100ms' };
    const server = await startPostgres({ major: 18, settings: { ...settings, autovacuum_vacuum_cost_limit: '1' } });
    await makeRole(server);
    const standby = await server.standby();
    const target = watch(databaseExporter, configFor(server));
    try {
      await server.query('CREATE TABLE worn AS SELECT g FROM generate_series(1, 20000) g');
      await server.query('DELETE FROM worn');
      const vacuums = 'db_session_activity_seconds_total{database="postgres",state="autovacuum worker",';
      const text = await scrapeUntil(target, (t) => t.includes(vacuums));
      expect(text).toContain(vacuums);
      expect(valueOf(text, 'db_backends{backend_type="walsender"}')).toBe(1);
      expect(text).not.toMatch(/^db_session_activity_seconds_total\{.*(WalSender|database="",|="Activity")/m);
    } finally {
      await target.close();
      await standby.stop();
      await server.stop();
    }
  }, 180_000);
});
