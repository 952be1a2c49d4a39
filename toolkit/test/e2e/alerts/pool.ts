import { join } from 'node:path';
import type { Client } from 'pg';
import { CLUSTER, critical, type Fault, ofDatabase, sparedBy, warning } from './fault';
import { again, appSession, changeFile, type Lab, poolConsole, service, value } from './lab';

const ofPool = () => ({ cluster: CLUSTER, instance: '127.0.0.1:9092' });
const ofTrading = () => ({ ...ofPool(), database: 'grandmodel', user: 'trading' });

const open = (lab: Lab, count: number, port?: number): Promise<Client[]> =>
  Promise.all(Array.from({ length: count }, () => appSession(lab, port)));

const close = (clients: readonly Client[]): Promise<unknown> => Promise.all(clients.map((client) => client.end()));

/** The pool is too small for what is asked of it. */
export const crowdedPool: readonly Fault[] = [
  {
    what: 'transactions keep every server connection of the pool, and clients wait',
    raises: [
      critical('PgBouncerClientsWaiting', ofTrading),
      warning('PgBouncerPoolSaturated', () => ({ ...ofTrading(), limit: 'pool_size' })),
    ],
    begin: async ({ lab }) => {
      // Pool and reserve: 20 and 5.
      const holders = await open(lab, 25);
      const hold = again(async () => {
        await Promise.all(
          holders.map(async (client) => {
            await client.query('BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0');
          }),
        );
      }, 1000);
      const waiters = Array.from({ length: 5 }, (_, i) =>
        again(async () => {
          const client = await appSession(lab);
          await client.query('SELECT 1').finally(() => client.end());
        }, 200 * i),
      );
      return async () => {
        await hold();
        await close(holders);
        await Promise.all(waiters.map((end) => end()));
      };
    },
  },
  {
    what: 'an application that never closes a connection opens nearly all that the pool takes',
    raises: [critical('PgBouncerClientConnectionsHigh', ofPool)],
    begin: async ({ lab }) => {
      // Of 500: what is left is for those who are there already.
      const clients: Client[] = [];
      for (let i = 0; i < 11; i += 1) clients.push(...(await open(lab, 40)));
      return () => close(clients);
    },
  },
  {
    what: 'clients beside the pool take nearly all connections of the server',
    raises: [
      critical('PostgresConnectionsSaturated', ofDatabase),
      sparedBy('PostgresConnectionsSaturated', warning('DatabaseConnectionUtilizationHigh', ofDatabase)),
    ],
    begin: async ({ lab, leader }) => {
      const clients = await fill(lab, leader.port, 92);
      return () => close(clients);
    },
  },
];

/** Opens sessions until the server has so many, of the 97 that it gives to ordinary users. */
const fill = async (lab: Lab, port: number, wanted: number): Promise<readonly Client[]> => {
  const sql = `SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend'`;
  return open(lab, wanted - (await value<number>(lab, port, sql)), port);
};

export const manySessions: Fault = {
  what: 'clients beside the pool take more connections of the server than are meant for them',
  raises: [warning('DatabaseConnectionUtilizationHigh', ofDatabase)],
  begin: async ({ lab, leader }) => {
    const clients = await fill(lab, leader.port, 83);
    return () => close(clients);
  },
};

export const pausedPool: Fault = {
  what: 'an administrator pauses the pool and forgets to resume it',
  raises: [warning('PgBouncerPaused', ofPool)],
  begin: async ({ lab }) => {
    await poolConsole(lab, 'PAUSE grandmodel');
    return () => poolConsole(lab, 'RESUME grandmodel');
  },
};

export const lostPool: Fault = {
  what: 'PgBouncer is stopped',
  raises: [critical('PgBouncerDown', ofPool)],
  begin: async ({ lab }) => {
    await service(lab, 'stop', 'pgbouncer');
    return () => service(lab, 'start', 'pgbouncer');
  },
};

export const misledPool: Fault = {
  what: 'the pool is pointed at a port where no server is',
  raises: [critical('PgBouncerNoServer', ofTrading)],
  begin: async ({ lab }) => {
    await service(lab, 'stop', 'follow-primary');
    changeFile(
      join(lab.state, 'pgbouncer', 'primary.ini'),
      () => '; primary since timeline 0\ngrandmodel = host=127.0.0.1 port=1 dbname=grandmodel\n',
    );
    await poolConsole(lab, 'RELOAD');
    return () => service(lab, 'start', 'follow-primary');
  },
};
