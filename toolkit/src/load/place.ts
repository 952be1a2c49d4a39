import { resolve } from 'node:path';
import {
  type Config,
  connectSql,
  type Deadline,
  deadlineIn,
  loadConfig,
  messageOf,
  type PgbouncerTarget,
  type PostgresTarget,
  type SqlAddress,
  SubmilliError,
  type SqlSession,
  systemClock,
} from '@submilli/core';
import { z } from 'zod';
import { stackState } from '../drill/topology';
import { layoutOf } from '../stack/layout';

/** Where a load goes, and what watches it meanwhile. */
export type Place = {
  readonly config: Config;
  /** The entry under postgres that is the primary. */
  readonly watched: PostgresTarget;
  /** The same server and the pool before it, as whoever the load is to be. */
  readonly server: SqlAddress;
  readonly pool: SqlAddress | undefined;
  readonly poolEntry: PgbouncerTarget | undefined;
  /** A stack of this machine: nobody's data. */
  readonly isStack: boolean;
};

/** What the command line says of it. */
export type PlaceFlags = {
  readonly state: string;
  readonly config: string;
  /** An entry under postgres; undefined: the stack. */
  readonly target: string | undefined;
  readonly pool: string | undefined;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly passwordFile: string | undefined;
};

/** Of our own session. A load that can't make its tables in a minute would be none of the server's pleasures anyway. */
const LIMITS = { connect_ms: 5000, lock_ms: 3000, statement_ms: 60_000 };

export const APPLICATION = 'submilli/load';

/** A session of our own with the server itself, beside the clients of the load. */
export const openSession = async (address: SqlAddress, seconds = 60) => {
  const deadline = deadlineIn(seconds * 1000, systemClock);
  const options = { limits: LIMITS, applicationName: APPLICATION, dialect: 'postgres', clock: systemClock } as const;
  const opened = await connectSql({ ...options, address }, deadline);
  await opened.session.query('SET default_transaction_read_only = off', [], deadline);
  return opened;
};

export const findPlace = (flags: PlaceFlags): Promise<Place> =>
  flags.target === undefined ? stackPlace(flags) : configuredPlace(flags, flags.target);

const stackPlace = async ({ state, ...flags }: PlaceFlags): Promise<Place> => {
  if (flags.pool !== undefined) {
    throw new SubmilliError({
      what: '--pool is of a configuration',
      hint: 'The stack’s own pool is --via pool; another server is named with --target.',
    });
  }
  const layout = layoutOf(resolve(state));
  stackState(layout, ', or another server with --target');
  const config = loadConfig(layout.exporterConfig);
  const login = {
    user: flags.user ?? 'trading',
    database: flags.database ?? 'grandmodel',
    password_file: flags.passwordFile ?? layout.secretOf('app'),
  };
  const watched = await primaryOf(config.postgres, login);
  return { ...placeOf(config, watched, config.pgbouncer[0], login), isStack: true };
};

const configuredPlace = async (flags: PlaceFlags, target: string): Promise<Place> => {
  const config = loadConfig(flags.config);
  const watched = named(config.postgres, target, 'postgres');
  const pool = flags.pool === undefined ? undefined : named(config.pgbouncer, flags.pool, 'pgbouncer');
  if (flags.user === undefined) {
    throw new SubmilliError({
      what: 'whose load is it to be?',
      hint: 'Name a role of the application’s with --user and --password-file: the exporters’ own can’t write.',
    });
  }
  const login = { user: flags.user, database: flags.database ?? watched.database, password_file: flags.passwordFile };
  await primaryOf([watched], login);
  return { ...placeOf(config, watched, pool, login), isStack: false };
};

type Login = { readonly user: string; readonly database: string; readonly password_file: string | undefined };

const placeOf = (
  config: Config,
  watched: PostgresTarget,
  poolEntry: PgbouncerTarget | undefined,
  login: Login,
): Omit<Place, 'isStack'> => ({
  ...{ config, watched, poolEntry },
  server: addressOf(watched, login),
  pool: poolEntry === undefined ? undefined : addressOf(poolEntry, login),
});

const addressOf = (entry: PostgresTarget | PgbouncerTarget, login: Login): SqlAddress => {
  const { name, host, port, sslmode, sslrootcert, sslcert, sslkey } = entry;
  return { ...{ name, host, port, sslmode, sslrootcert, sslcert, sslkey }, ...login };
};

const named = <T extends { readonly name: string }>(entries: readonly T[], name: string, section: string): T => {
  const found = entries.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const there = entries.map((entry) => entry.name).join(', ') || 'none';
  throw new SubmilliError({ what: `no entry under ${section} is called ${name} (there: ${there})` });
};

/** The one that takes writes. */
const primaryOf = async (entries: readonly PostgresTarget[], login: Login): Promise<PostgresTarget> => {
  const problems: unknown[] = [];
  for (const entry of entries) {
    try {
      if (await isPrimary(addressOf(entry, login))) return entry;
      problems.push(new SubmilliError({ what: 'is a standby', where: entry.name, hint: 'Name the primary.' }));
    } catch (error) {
      problems.push(error);
    }
  }
  if (problems.length === 1) throw problems[0];
  throw new SubmilliError({
    what: `there is no primary to load: ${problems.map(messageOf).join('; ') || 'nothing under postgres'}`,
    cause: problems[0],
  });
};

const isPrimary = async (address: SqlAddress): Promise<boolean> => {
  const { session, close } = await openSession(address, 10);
  try {
    const [row] = await session.query('SELECT pg_catalog.pg_is_in_recovery() AS standby', [], in10());
    return row?.standby === false;
  } finally {
    await close();
  }
};

const in10 = (): Deadline => deadlineIn(10_000, systemClock);

/** Of the server as the load's role sees it. */
export type ServerSays = {
  readonly version: string;
  /** Somebody said that loads may go to this database: `ALTER DATABASE … SET submilli.load_tests = 'allowed'`. */
  readonly isMarked: boolean;
  /** Sessions that an ordinary role can still have. */
  readonly room: number;
  readonly settings: Readonly<Record<string, string>>;
};

const saysSql = `
  SELECT pg_catalog.current_setting('server_version') AS version,
         coalesce(pg_catalog.current_setting('submilli.load_tests', true), '') AS mark,
         (pg_catalog.current_setting('max_connections')::int
           - pg_catalog.current_setting('superuser_reserved_connections')::int
           - coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0)
           - (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity a
               WHERE a.backend_type = 'client backend' OR a.datid IS NOT NULL))::int AS room,
         (SELECT pg_catalog.json_object_agg(s.name, pg_catalog.current_setting(s.name))
            FROM pg_catalog.unnest(ARRAY['shared_buffers', 'max_connections', 'synchronous_commit', 'fsync',
                   'synchronous_standby_names', 'full_page_writes', 'wal_level']) AS s(name)) AS settings`;

const saysRow = z.object({
  ...{ version: z.string(), mark: z.string(), room: z.number(), settings: z.record(z.string(), z.string()) },
});

export const askServer = async (session: SqlSession, deadline: Deadline): Promise<ServerSays> => {
  const [row] = await session.query(saysSql, [], deadline);
  const { version, mark, room, settings } = saysRow.parse(row);
  return { version: version.split(' ')[0] ?? '', isMarked: mark === 'allowed', room, settings };
};

/** The tables of these names that are not there. */
export const missingTables = async (
  session: SqlSession,
  names: readonly string[],
  deadline: Deadline,
): Promise<readonly string[]> => {
  const rows = await session.query(
    `SELECT w.name FROM pg_catalog.unnest($1::text[]) AS w(name)
      WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relname = w.name AND c.relkind IN ('r', 'p'))`,
    [names],
    deadline,
  );
  return rows.map(({ name }) => String(name));
};
