import type { Client } from 'pg';
import { critical, type Fault, type Mend, ofDatabase, ofLeader, sparedBy, warning } from './fault';
import { again, appSession, type Lab, run, session } from './lab';

/** Works in several sessions of the application on one server, each again and again. */
const many = async (
  lab: Lab,
  port: number,
  count: number,
  pauseMs: number,
  work: (client: Client) => Promise<unknown>,
): Promise<Mend> => {
  const clients = await Promise.all(Array.from({ length: count }, () => appSession(lab, port)));
  const ends = clients.map((client) => again(() => work(client), pauseMs));
  return async () => {
    await Promise.all(ends.map((end) => end()));
    await Promise.all(clients.map((client) => client.end()));
  };
};

/** What sessions do to each other and to their server. */
export const sessionFaults: readonly Fault[] = [
  {
    what: 'a client forgets that it has begun a transaction',
    raises: [warning('PostgresIdleInTransaction', ofDatabase), warning('PostgresLongRunningTransaction', ofDatabase)],
    begin: async ({ lab, leader }) => {
      const client = await session(lab, leader.port);
      await client.query('SET idle_in_transaction_session_timeout = 0');
      await client.query('BEGIN');
      await client.query('SELECT pg_catalog.pg_current_xact_id()');
      return () => client.end();
    },
  },
  {
    what: 'a session locks a table and keeps it, and another waits for it',
    raises: [
      critical('PostgresSessionsBlocked', ofLeader),
      sparedBy('PostgresSessionsBlocked', warning('PostgresSessionsBlocked', ofLeader)),
      // With all that happens beside it.
      warning('PostgresHealthScoreLow', ofDatabase),
    ],
    begin: async ({ lab, leader }) => {
      await run(lab, leader.port, 'CREATE TABLE IF NOT EXISTS faults.locked (id int)');
      const holder = await session(lab, leader.port);
      await holder.query('SET idle_in_transaction_session_timeout = 0');
      await holder.query('BEGIN');
      await holder.query('LOCK TABLE faults.locked IN ACCESS EXCLUSIVE MODE');
      const waiter = await session(lab, leader.port);
      const waiting = waiter.query('SELECT count(*) FROM faults.locked');
      return async () => {
        await holder.end();
        await waiting;
        await waiter.end();
      };
    },
  },
  {
    what: 'two transactions wait for each other, again and again',
    raises: [warning('PostgresDeadlocks', ofDatabase)],
    begin: async ({ lab, leader }) => {
      const [one, other] = [await session(lab, leader.port), await session(lab, leader.port)];
      for (const client of [one, other]) await client.query(`SET deadlock_timeout = '50ms'`);
      const lock = (client: Client, key: number): Promise<unknown> =>
        client.query('SELECT pg_catalog.pg_advisory_xact_lock($1)', [key]);
      const end = again(async () => {
        await Promise.all([one.query('BEGIN'), other.query('BEGIN')]);
        await Promise.all([lock(one, 1), lock(other, 2)]);
        await Promise.allSettled([lock(one, 2), lock(other, 1)]);
        await Promise.all([one.query('ROLLBACK'), other.query('ROLLBACK')]);
      }, 1000);
      return async () => {
        await end();
        await Promise.all([one.end(), other.end()]);
      };
    },
  },
  {
    what: 'a transaction takes thousands of locks',
    raises: [warning('PostgresLockTableFilling', ofLeader)],
    begin: async ({ lab, leader }) => {
      const client = await session(lab, leader.port);
      await client.query('SET idle_in_transaction_session_timeout = 0');
      await client.query('BEGIN');
      // Of the 6,400 there is room for.
      await client.query('SELECT count(pg_catalog.pg_advisory_xact_lock(1000 + n)) FROM generate_series(1, 3600) n');
      return () => client.end();
    },
  },
  {
    what: 'an application sends statements that fail',
    raises: [warning('PostgresRollbackRatioHigh', ofDatabase), warning('DatabaseQueryErrorsHigh', ofDatabase)],
    begin: async ({ lab, leader }) => {
      // PostgreSQL counts a transaction that touches no table only when its session ends.
      await run(
        lab,
        leader.port,
        'CREATE TABLE IF NOT EXISTS faults.orders (id int PRIMARY KEY)',
        'GRANT USAGE ON SCHEMA faults TO trading',
        'GRANT ALL ON faults.orders TO trading',
        'INSERT INTO faults.orders VALUES (1) ON CONFLICT DO NOTHING',
      );
      return many(lab, leader.port, 4, 50, (client) => client.query('INSERT INTO faults.orders VALUES (1)'));
    },
  },
  {
    what: 'statements become slow',
    raises: [
      critical('DatabaseQueryLatencyHigh', (scene) => ({ ...ofDatabase(scene), query_type: 'select' })),
      critical('DatabaseLatencyBudgetBurn', () => ({ cluster: 'grandmodel', database: 'grandmodel', window: '1h' })),
    ],
    begin: ({ lab, leader }) =>
      many(lab, leader.port, 14, 20, (client) => client.query('SELECT pg_catalog.pg_sleep(0.4)')),
  },
  {
    what: 'a report sorts more than its memory holds',
    raises: [warning('PostgresTempFilesHigh', ofDatabase)],
    begin: async ({ lab, leader }) => {
      const client = await session(lab, leader.port);
      await client.query(`SET work_mem = '64kB'`);
      const end = again(
        () => client.query('SELECT count(*) FROM (SELECT n FROM generate_series(1, 300000) n ORDER BY -n OFFSET 0) s'),
        100,
      );
      return async () => {
        await end();
        await client.end();
      };
    },
  },
  {
    what: 'a table that does not fit into memory is read over and over',
    raises: [warning('PostgresBufferHitLow', ofDatabase)],
    begin: async ({ lab, leader }) => {
      // Larger than a quarter of shared_buffers: a scan then goes through a few buffers of its own and caches nothing.
      await run(
        lab,
        leader.port,
        'DROP TABLE IF EXISTS faults.large',
        'CREATE UNLOGGED TABLE faults.large WITH (fillfactor = 10) AS SELECT generate_series(1, 300000) AS n',
      );
      const client = await session(lab, leader.port);
      const end = again(() => client.query('SELECT count(*) FROM faults.large'), 200);
      return async () => {
        await end();
        await client.query('DROP TABLE faults.large');
        await client.end();
      };
    },
  },
  {
    what: 'somebody asks for a checkpoint all the time',
    raises: [warning('PostgresCheckpointsRequested', ofLeader)],
    begin: async ({ lab, leader }) => {
      const client = await session(lab, leader.port);
      const end = again(() => client.query('CHECKPOINT'), 2000);
      return async () => {
        await end();
        await client.end();
      };
    },
  },
];
