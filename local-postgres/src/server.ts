import { randomBytes } from 'node:crypto';
import { SubmilliError } from '@submilli/core';
import type { ClientConfig, QueryResultRow } from 'pg';
import { ensurePostgres, installedPostgres } from './binaries';
import { SUPERUSER, configureCluster, createCluster, isInitialised, temporaryDataDir, type Settings } from './cluster';
import { freePort } from './ports';
import { HOST, endProcess, launch, queryOnce, untilAnswering, type RunSpec, type Running } from './postmaster';
import { killTree, signal, signalTree } from './processes';
import type { Major } from './releases';
import { prepareStandby, type StandbyOptions } from './standby';

export type StartOptions = {
  readonly major: Major;
  /** A folder with `bin/postgres`, to run that instead of the programs from npm: for extensions these don't have. */
  readonly installation?: string;
  /** Kept after stop, and used as it is if it already holds a cluster; default: a temporary one. */
  readonly dataDir?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Default: a random one. Needed again to start an existing `dataDir`. */
  readonly superuserPassword?: string;
  readonly settings?: Settings;
  /** Default: pg_stat_statements. */
  readonly preload?: readonly string[];
  /** Default: off, for tests. */
  readonly fsync?: boolean;
  /** Default: `<dataDir>.log` beside the data directory. */
  readonly logFile?: string;
};

export type StopMode = 'smart' | 'fast' | 'immediate';

/** A running server. All addresses are 127.0.0.1. */
export type LocalPostgres = {
  readonly major: Major;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: string;
  readonly superuser: string;
  readonly password: string;
  readonly pid: () => number | undefined;
  readonly connectionString: (database?: string) => string;
  /** The superuser's pg configuration; pass `user` and `password` for somebody else's. */
  readonly clientConfig: (overrides?: ClientConfig) => ClientConfig;
  /** One statement over a connection of its own. */
  readonly query: <R extends QueryResultRow>(sql: string, values?: unknown[], database?: string) => Promise<R[]>;
  readonly stop: (mode?: StopMode) => Promise<void>;
  /** Starts again on the same port and data, after a stop, a kill, or nothing; `settings` are added to the old. */
  readonly restart: (settings?: Settings) => Promise<void>;
  /** As if the machine lost power: the postmaster and every backend get the signal. */
  readonly kill: (name?: NodeJS.Signals) => Promise<void>;
  /** Freezes the server: connections hang instead of failing. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** A new streaming standby of this server. */
  readonly standby: (options?: StandbyOptions) => Promise<LocalPostgres>;
};

const stopSignals: Readonly<Record<StopMode, NodeJS.Signals>> = {
  smart: 'SIGTERM',
  fast: 'SIGINT',
  immediate: 'SIGQUIT',
};

/** Starts a server and waits until it answers. Throws a `SubmilliError` that carries the end of the server's log. */
export const startPostgres = async (options: StartOptions): Promise<LocalPostgres> => {
  const { major, installation } = options;
  const binaries = await (installation === undefined ? ensurePostgres(major) : installedPostgres(major, installation));
  const password = options.superuserPassword ?? randomBytes(18).toString('base64url');
  const place =
    options.dataDir === undefined ? await temporaryDataDir() : { dataDir: options.dataDir, remove: undefined };
  if (!isInitialised(place.dataDir)) {
    try {
      await createCluster(binaries, place.dataDir, password, place.remove !== undefined);
    } catch (error) {
      await place.remove?.();
      throw error;
    }
  } else if (options.superuserPassword === undefined) {
    throw new SubmilliError({
      what: 'the data directory holds a cluster and its superuser password was not given',
      where: place.dataDir,
      hint: 'Pass the superuserPassword it was created with.',
    });
  }
  return runCluster({
    binaries,
    dataDir: place.dataDir,
    logFile: options.logFile ?? `${place.dataDir}.log`,
    port: options.port ?? (await freePort()),
    password,
    settings: options.settings ?? {},
    preload: options.preload ?? ['pg_stat_statements'],
    fsync: options.fsync ?? false,
    temporary: place.remove,
  });
};

/** Runs a cluster that exists; if it doesn't come up, nothing is left behind. */
const runCluster = async (spec: RunSpec): Promise<LocalPostgres> => {
  const { binaries, dataDir, logFile, port, password } = spec;
  let settings = spec.settings;
  let running: Running | undefined;

  const clientConfig = (overrides: ClientConfig = {}): ClientConfig => ({
    host: HOST,
    port,
    user: SUPERUSER,
    password,
    database: 'postgres',
    connectionTimeoutMillis: 10_000,
    ...overrides,
  });
  const start = async (): Promise<void> => {
    await configureCluster(dataDir, { port, settings, preload: spec.preload, fsync: spec.fsync });
    running = launch(spec);
    await untilAnswering(running, clientConfig(), logFile);
  };
  const end = async (send: (pid: number) => void | Promise<void>): Promise<void> => {
    if (running === undefined) return;
    await endProcess(running, send);
    running = undefined;
  };
  const stop = async (mode: StopMode = 'fast'): Promise<void> => {
    await end((pid) => {
      signal(pid, stopSignals[mode]);
      signalTree(pid, 'SIGCONT'); // a paused server couldn't obey
    });
    await spec.temporary?.();
  };

  try {
    await start();
  } catch (error) {
    await stop('immediate');
    throw error;
  }

  const server: LocalPostgres = {
    major: binaries.major,
    host: HOST,
    port,
    dataDir,
    logFile,
    superuser: SUPERUSER,
    password,
    pid: () => running?.child.pid,
    connectionString: (database = 'postgres') =>
      `postgres://${SUPERUSER}:${encodeURIComponent(password)}@${HOST}:${port}/${encodeURIComponent(database)}`,
    clientConfig,
    query: (sql, values, database) => queryOnce(clientConfig(database === undefined ? {} : { database }), sql, values),
    stop,
    restart: async (more = {}) => {
      settings = { ...settings, ...more };
      await end((pid) => {
        signal(pid, stopSignals.fast);
        signalTree(pid, 'SIGCONT');
      });
      await start();
    },
    kill: (name = 'SIGKILL') => end((pid) => (name === 'SIGKILL' ? killTree(pid) : signalTree(pid, name))),
    pause: () => running?.child.pid !== undefined && signalTree(running.child.pid, 'SIGSTOP'),
    resume: () => running?.child.pid !== undefined && signalTree(running.child.pid, 'SIGCONT'),
    standby: async (options) =>
      runCluster(await prepareStandby({ ...server, user: SUPERUSER }, { ...spec, settings }, options)),
  };
  return server;
};
