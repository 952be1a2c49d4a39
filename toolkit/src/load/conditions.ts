import { connectSql, deadlineIn, type SqlSession, SubmilliError, systemClock } from '@submilli/core';
import { z } from 'zod';
import { askServer, missingTables, type Place, type ServerSays } from './place';
import type { Profile } from './profile';
import type { Via } from './report/schema';

/** How an owner says that a database is there to be loaded. */
export const markStatement = (database: string): string =>
  `ALTER DATABASE "${database.replaceAll('"', '""')}" SET submilli.load_tests = 'allowed';`;

/** Two numbers that nobody else takes an advisory lock on: "SUBM", "LOAD". */
const LOCK = [0x5355424d, 0x4c4f4144] as const;

const in10 = () => deadlineIn(10_000, systemClock);

/** One load at a time and database: the lock is the session's, and so ends with us however we end. */
export const takeTurn = async (session: SqlSession): Promise<void> => {
  const [row] = await session.query('SELECT pg_catalog.pg_try_advisory_lock($1, $2) AS mine', [...LOCK], in10());
  if (row?.mine === true) return;
  const hint = 'Its end is not far: a load is never longer than it said. Two at once would measure each other.';
  throw new SubmilliError({ what: 'another load runs on this database', hint });
};

/** What is needed of a server before the first client comes. Throws a `SubmilliError` that says what is in the way. */
export const requireReady = async (
  session: SqlSession,
  { profile, clients, via }: { readonly profile: Profile; readonly clients: number; readonly via: readonly Via[] },
): Promise<ServerSays> => {
  const says = await askServer(session, in10());
  const missing = await missingTables(session, profile.needs, in10());
  if (missing.length > 0) {
    throw new SubmilliError({
      what: `the profile ${profile.name} works on tables that are not there: ${missing.join(', ')}`,
      hint: 'cluster/trading has them; or take --profile read or write, which bring their own, or a script of yours.',
    });
  }
  if (via.includes('direct') && says.room < clients) {
    throw new SubmilliError({
      what: `the server has room for ${Math.max(0, says.room)} more sessions, not for ${clients}`,
      hint: 'Take fewer --clients, or --via pool: a pool lets many clients share few sessions.',
    });
  }
  return says;
};

/** What decides over the figures, beside the machine. */
export type PoolSays = { readonly version: string | null; readonly settings: Readonly<Record<string, string>> };

const POOL_SETTINGS = ['pool_mode', 'default_pool_size', 'reserve_pool_size', 'max_client_conn', 'query_wait_timeout'];

/** Of PgBouncer's console, if it lets the exporter's user in; otherwise nothing is known, and nothing is lost. */
export const askPool = async ({ poolEntry, config }: Place): Promise<PoolSays> => {
  if (poolEntry === undefined) return { version: null, settings: {} };
  const limits = { ...config.timeouts, connect_ms: 5000, statement_ms: 5000 };
  const options = { limits, applicationName: 'submilli/load', dialect: 'pgbouncer', clock: systemClock } as const;
  try {
    const address = { ...poolEntry, database: 'pgbouncer' };
    const { session, close } = await connectSql({ ...options, address }, in10());
    try {
      const [version] = await session.query('SHOW VERSION', [], in10());
      const rows = await session.query('SHOW CONFIG', [], in10());
      const found = rows.filter(({ key }) => POOL_SETTINGS.includes(String(key)));
      return {
        version: z
          .string()
          .parse(version?.version)
          .replace(/^PgBouncer\s+/, ''),
        settings: Object.fromEntries(found.map(({ key, value }) => [String(key), String(value)])),
      };
    } finally {
      await close();
    }
  } catch {
    return { version: null, settings: {} };
  }
};
