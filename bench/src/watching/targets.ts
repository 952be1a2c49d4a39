import { Client } from 'pg';
import { addWatcherRole, type BigServer, PASSWORD, startBigServer } from '../big-server';
import { PASSWORD as POOL_PASSWORD, type Pooler, startPooler } from '../incidents/pooler';
import type { Watcher } from '../watchers';
import type { Reads, Subject } from './cycles';
import { type Ledger, poolerLedger, serverLedger } from './ledger';
import {
  type Address,
  hasStatements,
  hasTables,
  ourSettings,
  type Peer,
  startOurs,
  startPeer,
  startPeerOfStatements,
  startPeerWithTables,
  startPoolPeer,
} from './programs';

/** Tables, statements, and whether all four of ours and the statements are watched there as well. */
export type Size = { readonly tables: number; readonly statements: number; readonly hasQueries: boolean };

export const OURS = 'Submilli';
export const ALL_ON_TABLES = 1000;
export const ON_POOL = 'PgBouncer';
export const tablesText = (tables: number): string => `${tables.toLocaleString('en')} tables`;
export const statementsText = (statements: number): string => `${statements.toLocaleString('en')} statements`;

const POOL_DATABASES = 20;
const POOL_CLIENTS = 50;
/** Connections that applications hold, so that there are sessions to look at. */
const APPLICATIONS = 10;

export type Targets = {
  readonly subjects: readonly Subject[];
  /** Of programs that could not be measured, why. */
  readonly absent: readonly string[];
  readonly stop: () => Promise<void>;
};

type Plan = {
  readonly who: string;
  readonly reads: Reads;
  readonly on: string;
  readonly start: (to: Address) => Promise<Watcher>;
};

export type TargetsOptions = {
  readonly sizes: readonly Size[];
  readonly peers: readonly Peer[];
  readonly poolPeers: readonly Peer[];
  readonly directory: string;
  readonly say: (text: string) => void;
};

/** Starts what is watched and everybody who watches it. */
export const startTargets = async (options: TargetsOptions): Promise<Targets> => {
  const { sizes, say } = options;
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.reverse()) await one();
  };
  try {
    const subjects: Subject[] = [];
    const absent: string[] = [];
    let pooler: Pooler | undefined;
    for (const size of sizes) {
      const big = await startServer(size, say);
      stops.push(big.stop);
      if (size.tables === ALL_ON_TABLES) {
        pooler = await startPool(big, stops);
        const found = await startPoolWatchers(pooler, options, stops);
        subjects.push(...found.subjects);
        absent.push(...found.absent);
      }
      subjects.push(...(await startServerWatchers(big, size, pooler, options, stops)));
    }
    return { subjects, absent, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const startServer = ({ tables, statements }: Size, say: (text: string) => void): Promise<BigServer> =>
  startBigServer({ major: 15, tables, statements, databases: 1, sessionsPerDatabase: APPLICATIONS }, say);

const startServerWatchers = async (
  { server }: BigServer,
  size: Size,
  pooler: Pooler | undefined,
  options: TargetsOptions,
  stops: (() => Promise<void>)[],
): Promise<Subject[]> => {
  const plans = plansOf(size, pooler, options);
  const roles = plans.map(({ who }, i) => ({ role: `watcher_${i}`, isPeer: who !== OURS }));
  for (const { role, isPeer } of roles) await addWatcherRole(server, role, { isPeer });
  const ledger = await serverLedger(
    server,
    roles.map(({ role }) => role),
  );
  stops.push(ledger.close);
  const subjects: Subject[] = [];
  for (const [i, { start, ...plan }] of plans.entries()) {
    const role = roles[i]?.role ?? '';
    const watcher = await start({ host: server.host, port: server.port, user: role, password: PASSWORD });
    stops.push(watcher.stop);
    subjects.push({ ...plan, watcher, role, ledger });
  }
  return subjects;
};

const plansOf = (size: Size, pooler: Pooler | undefined, { peers, directory }: TargetsOptions): Plan[] => {
  const on = tablesText(size.tables);
  const database = (settings: object) => (postgres: Address) =>
    startOurs({ exporters: ['database'], settings, postgres, directory });
  const plans: Plan[] = [
    { who: OURS, reads: 'defaults', on, start: database(ourSettings.defaults) },
    { who: OURS, reads: 'same', on, start: database(ourSettings.sameDatabase) },
  ];
  for (const peer of peers) {
    const who = peer.name;
    plans.push({ who, reads: 'defaults', on, start: (address) => startPeer({ peer, address, directory }) });
    const withTables = hasTables(peer) ? startPeer : startPeerWithTables;
    plans.push({ who, reads: 'same', on, start: (address) => withTables({ peer, address, directory }) });
  }
  if (size.hasQueries) {
    const about = { reads: 'statements', on: statementsText(size.statements) } as const;
    const start = (postgres: Address) =>
      startOurs({ exporters: ['query'], settings: ourSettings.defaults, postgres, directory });
    plans.push({ who: OURS, ...about, start });
    for (const peer of peers.filter(hasStatements)) {
      plans.push({ who: peer.name, ...about, start: (address) => startPeerOfStatements({ peer, address, directory }) });
    }
  }
  if (pooler !== undefined && size.tables === ALL_ON_TABLES) {
    const pgbouncer = poolAddress(pooler);
    const exporters = ['database', 'pool', 'query', 'ha'] as const;
    const start = (postgres: Address) =>
      startOurs({ exporters, settings: ourSettings.defaults, postgres, pgbouncer, directory });
    plans.push({ who: OURS, reads: 'all', on, start });
  }
  return plans;
};

const poolAddress = ({ port }: Pooler): Address => ({
  ...{ host: '127.0.0.1', port, user: 'submilli', password: POOL_PASSWORD },
});

const startPool = async ({ server }: BigServer, stops: (() => Promise<void>)[]): Promise<Pooler> => {
  await server.query('CREATE DATABASE app');
  const names = Array.from({ length: POOL_DATABASES }, (_, i) => `app${i}`);
  const pooler = await startPooler(server, 2, { names });
  stops.push(pooler.stop);
  const clients = await Promise.all(
    Array.from({ length: POOL_CLIENTS }, async (_, i) => {
      const client = new Client({ ...pooler.clientConfig, database: names[i % names.length] });
      client.on('error', () => undefined);
      await client.connect();
      await client.query('SELECT 1');
      return client;
    }),
  );
  stops.push(async () => void (await Promise.all(clients.map((client) => client.end().catch(() => undefined)))));
  return pooler;
};

const startPoolWatchers = async (
  pooler: Pooler,
  { poolPeers, directory }: TargetsOptions,
  stops: (() => Promise<void>)[],
): Promise<{ readonly subjects: Subject[]; readonly absent: string[] }> => {
  const address = poolAddress(pooler);
  const ours = (settings: object) => () => startOurs({ exporters: ['pool'], settings, pgbouncer: address, directory });
  const plans: Plan[] = [
    { who: OURS, reads: 'defaults', on: ON_POOL, start: ours(ourSettings.defaults) },
    { who: OURS, reads: 'same', on: ON_POOL, start: ours(ourSettings.samePool) },
    ...poolPeers.map((peer): Plan => ({
      ...{ who: peer.name, reads: 'defaults', on: ON_POOL },
      start: () => startPoolPeer({ peer, address, directory }),
    })),
  ];
  if (pooler.pid === undefined) throw new Error('PgBouncer has no process');
  const ledger: Ledger = poolerLedger(pooler.pid, [address.user]);
  const subjects: Subject[] = [];
  const absent: string[] = [];
  for (const { start, ...plan } of plans) {
    try {
      const watcher = await start(address);
      stops.push(watcher.stop);
      subjects.push({ ...plan, watcher, role: address.user, ledger });
    } catch (error) {
      // Debian's pgbouncer_exporter asks for columns that PgBouncer dropped with 1.8.
      if (plan.who === OURS) throw error;
      absent.push(
        `${plan.who} beside PgBouncer ${pooler.version}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return { subjects, absent };
};
