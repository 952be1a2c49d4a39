import {
  type Config,
  connectSql,
  type Deadline,
  deadlineIn,
  type PostgresTarget,
  readPostgresFacts,
  type SqlSession,
  systemClock,
} from '@submilli/core';
import { activity, blocking } from '@submilli/database';
import { z } from 'zod';
import type { ServerFacts, Session } from '../facts';

export const APPLICATION = 'submilli/doctor';

/** The oldest open transactions; there are rarely more than a handful that are old at all. */
const MOST_SESSIONS = 200;

/** Times as numbers that are exact to the microsecond, and that no setting of a session writes in another way. */
const sessionsSql = `
  SELECT a.pid,
         extract(epoch FROM a.backend_start)::text AS "backendStart",
         extract(epoch FROM a.xact_start)::text AS "transactionStart",
         coalesce(a.datname::text, '') AS database, coalesce(a.usename::text, '') AS "user",
         coalesce(a.application_name, '') AS application,
         a.backend_type AS kind, coalesce(a.state, '') AS state,
         greatest(0, extract(epoch FROM pg_catalog.clock_timestamp() - a.state_change))::float8 AS "stateSeconds",
         greatest(0, extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start))::float8 AS "transactionSeconds",
         coalesce(r.rolsuper, false) AS "isSuperuser",
         coalesce(r.rolreplication, false)
           OR a.pid IN (SELECT b.pid FROM pg_catalog.pg_stat_progress_basebackup b) AS "isReplication"
    FROM pg_catalog.pg_stat_activity a
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
   WHERE a.xact_start IS NOT NULL AND a.state IS NOT NULL AND a.state_change IS NOT NULL
     AND a.pid <> pg_catalog.pg_backend_pid()
   ORDER BY a.xact_start
   LIMIT ${MOST_SESSIONS}`;

const sessionRow = z.object({
  ...{ pid: z.number(), backendStart: z.string(), transactionStart: z.string() },
  ...{ database: z.string(), user: z.string(), application: z.string(), kind: z.string(), state: z.string() },
  ...{ stateSeconds: z.number(), transactionSeconds: z.number(), isSuperuser: z.boolean(), isReplication: z.boolean() },
});

export const readSessions = async (session: SqlSession, deadline: Deadline): Promise<readonly Session[]> =>
  sessionRow.array().parse(await session.query(sessionsSql, [], deadline));

/** Who has a transaction open on this server, and who waits for whom. */
export const lookAtServer = async (target: PostgresTarget, config: Config): Promise<ServerFacts> => {
  const deadline = deadlineIn(config.timeouts.scrape_ms, systemClock);
  const options = { limits: config.timeouts, applicationName: APPLICATION, dialect: 'postgres' } as const;
  const { session, close } = await connectSql({ ...options, address: target, clock: systemClock }, deadline);
  try {
    const facts = await readPostgresFacts(session, deadline);
    const sessions = await readSessions(session, deadline);
    const { trees } = await blocking.read(session, { config, facts }, deadline);
    const [limits] = await activity.read(session, { config, facts }, deadline);
    return {
      ...{ name: target.name, host: target.host, port: target.port, role: facts.role },
      ...{ system: facts.systemIdentifier, room: limits?.server_limit ?? null, sessions, trees },
    };
  } finally {
    await close();
  }
};
