import type { LocalPostgres, StartOptions } from '@submilli/local-postgres';
import { Client } from 'pg';
import { type Load, spread, startLoad } from './load';
import { type Pooler, startPooler } from './pooler';

/** The stage: a primary with the database `app`, and what else the scenario asked for. */
export type Stage = {
  readonly primary: LocalPostgres;
  readonly standby: LocalPostgres | null;
  readonly pooler: Pooler | null;
};

/** An incident to make for real. */
export type Scenario = {
  readonly name: string;
  readonly title: string;
  readonly settings?: StartOptions['settings'];
  readonly standby?: StartOptions['settings'];
  readonly poolSize?: number;
  readonly seconds: { readonly before: number; readonly during: number; readonly after: number };
  /** What happens when the incident begins and when it ends, for the plot. */
  readonly begins: string;
  readonly ends: string | null;
  readonly prepare: (stage: Stage) => Promise<void>;
  /** The ordinary work, all the time. */
  readonly work: (stage: Stage) => Load;
  /** Makes the incident and answers with how to end it. */
  readonly strike: (stage: Stage) => Promise<() => Promise<void>>;
};

const connect = async (server: LocalPostgres): Promise<Client> => {
  const client = new Client(server.clientConfig({ database: 'app' }));
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

const appOf = (server: LocalPostgres) => server.clientConfig({ database: 'app' });

const seconds = { before: 40, during: 60, after: 110 };

const lockStorm: Scenario = {
  name: 'lock-storm',
  title: 'A lock storm: ALTER TABLE waits behind a forgotten transaction, and everybody waits behind ALTER TABLE',
  seconds,
  begins: 'ALTER TABLE waits',
  ends: 'COMMIT',
  prepare: async ({ primary }) => {
    await primary.query('CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)', [], 'app');
    await primary.query('INSERT INTO account SELECT g, 0 FROM generate_series(1, 10000) g', [], 'app');
  },
  work: ({ primary }) =>
    startLoad(appOf(primary), 12, 50, (client, turn) =>
      client.query('UPDATE account SET balance = balance + 1 WHERE id = $1', [1 + spread(turn, 10_000)]),
    ),
  strike: async ({ primary }) => {
    const [forgetful, migration] = [await connect(primary), await connect(primary)];
    await forgetful.query('BEGIN; SELECT count(*) FROM account');
    const altered = migration.query('ALTER TABLE account ADD COLUMN note text');
    return async () => {
      await forgetful.query('COMMIT');
      await altered;
      await Promise.all([forgetful.end(), migration.end()]);
    };
  },
};

const coldCache: Scenario = {
  name: 'cold-cache',
  title: 'A cold cache: a restart empties shared buffers, and every first read goes to the kernel',
  settings: { shared_buffers: '512MB' },
  seconds: { before: 40, during: 60, after: 80 },
  begins: 'restart',
  ends: null,
  prepare: async ({ primary }) => {
    await primary.query('CREATE TABLE quote (id int PRIMARY KEY, body text STORAGE PLAIN)', [], 'app');
    const fill = `INSERT INTO quote SELECT g, repeat('x', 1600) FROM generate_series(1, 60000) g`;
    await primary.query(fill, [], 'app');
    await primary.query('VACUUM ANALYZE quote', [], 'app');
  },
  work: ({ primary }) =>
    startLoad(appOf(primary), 6, 15, (client, turn) =>
      client.query('SELECT length(body) FROM quote WHERE id = $1', [1 + spread(turn, 60_000)]),
    ),
  strike: async ({ primary }) => {
    await primary.restart();
    return () => Promise.resolve();
  },
};

const replicationLag: Scenario = {
  name: 'replication-lag',
  title: 'Replication lag: a long query on the standby holds up the replay of a TRUNCATE, and of all that follows',
  settings: { shared_buffers: '512MB' },
  standby: { max_standby_streaming_delay: '-1' },
  seconds,
  begins: 'TRUNCATE under a query',
  ends: 'the query ends',
  prepare: async ({ primary }) => {
    await primary.query('CREATE TABLE trade (id bigserial, body text)', [], 'app');
    await primary.query('CREATE TABLE staging AS SELECT g AS id FROM generate_series(1, 1000) g', [], 'app');
  },
  work: ({ primary }) =>
    startLoad(appOf(primary), 4, 100, (client) =>
      client.query(`INSERT INTO trade (body) SELECT repeat('x', 1000) FROM generate_series(1, 60)`),
    ),
  strike: async ({ primary, standby }) => {
    if (standby === null) throw new Error('needs a standby');
    const report = await connect(standby);
    await report.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM staging');
    await primary.query('TRUNCATE staging', [], 'app');
    return async () => {
      await report.query('COMMIT');
      await report.end();
    };
  },
};

const poolExhaustion: Scenario = {
  name: 'pool-exhaustion',
  title:
    'Pool exhaustion: slow reports take every server connection of the pool, and short statements queue behind them',
  poolSize: 5,
  seconds,
  begins: 'reports start',
  ends: 'reports stop',
  prepare: async ({ primary }) => {
    await primary.query('CREATE TABLE position (id int PRIMARY KEY, quantity int NOT NULL)', [], 'app');
    await primary.query('INSERT INTO position SELECT g, 0 FROM generate_series(1, 1000) g', [], 'app');
  },
  work: (stage) =>
    startLoad(pooled(stage), 20, 100, (client, turn) =>
      client.query(`SELECT quantity FROM position WHERE id = ${1 + spread(turn, 1000)}`),
    ),
  strike: (stage) => {
    const reports = startLoad(pooled(stage), 8, 10, (client) => client.query('SELECT pg_sleep(2)'));
    return Promise.resolve(reports.stop);
  },
};

const pooled = ({ pooler }: Stage) => {
  if (pooler === null) throw new Error('needs a pooler');
  return pooler.clientConfig;
};

export const scenarios: readonly Scenario[] = [lockStorm, coldCache, replicationLag, poolExhaustion];

/** Starts the pooler of a scenario that has one. */
export const poolerOf = (scenario: Scenario, primary: LocalPostgres): Promise<Pooler | null> =>
  scenario.poolSize === undefined ? Promise.resolve(null) : startPooler(primary, scenario.poolSize);
