import { type Config, configSchema, type PostgresFacts, type Target } from '@submilli/core';
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
  const connect = async (): Promise<Client> => {
    const client = new Client(server.clientConfig({ application_name: 'trader' }));
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { max_prepared_transactions: '5' } });
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
    const answer = blockingResource.answer(target.view());
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

  it('does not sample when told so, and says that it does not', async () => {
    const quiet = watch(databaseExporter, configFor(server, 0));
    const text = await scrapeUntil(quiet, (t) => t.includes('collector="session-activity",reason="disabled"'));
    expect(text).toContain('db_exporter_collector_skipped{collector="session-activity",reason="disabled"} 1');
    expect(text).not.toContain('db_session_samples_total');
    await quiet.close();
  });

  it('names who holds the xmin horizon back: a transaction, one prepared, a slot', async () => {
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

  it('reads the same of a standby', async () => {
    const standby = await server.standby();
    const other = watch(databaseExporter, configFor(standby));
    try {
      const text = await scrapeUntil(other, (t) => (valueOf(t, 'db_session_samples_total') ?? 0) > 1);
      expect(collectorsFailing(text)).toEqual([]);
      expect(valueOf(text, 'db_blocked_sessions')).toBe(0);
      expect(valueOf(text, 'db_xmin_horizon_age{holder="backend"}')).toBe(0);
    } finally {
      await other.close();
      await standby.stop();
    }
  });
});
