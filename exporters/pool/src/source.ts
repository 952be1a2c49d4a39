import {
  type Clock,
  type Config,
  connectSql,
  type Deadline,
  type PgbouncerTarget,
  Problem,
  type Source,
  type SqlSession,
  whereOf,
} from '@submilli/core';
import { CONSOLE, show, textOf } from './show';

export type PoolFacts = {
  /** As `SHOW VERSION` says it, without the program's name: "1.18.0". */
  readonly version: string;
};

/** PgBouncer's console as something to collect from. It needs a user of `stats_users`; `admin_users` would be too much. */
export const poolSource = (
  target: PgbouncerTarget,
  limits: Config['timeouts'],
  clock: Clock,
): Source<SqlSession, PoolFacts> => {
  const address = { ...target, database: CONSOLE };
  const where = whereOf(address);
  return {
    where,
    open: async (_purpose, deadline) => {
      try {
        return await connectSql(
          { address, limits, applicationName: 'submilli/pool', dialect: 'pgbouncer', clock },
          deadline,
        );
      } catch (error) {
        throw explain(error, where, target.user);
      }
    },
    facts: (session, deadline) => readFacts(session, deadline, where),
    plan: () => undefined,
  };
};

const readFacts = async (session: SqlSession, deadline: Deadline, where: string): Promise<PoolFacts> => {
  const [row] = await show(session, 'SHOW VERSION', 'version', deadline);
  const version = /^PgBouncer (\S+)/i.exec(row === undefined ? '' : textOf(row, 'version'))?.[1];
  if (version !== undefined) return { version };
  throw new Problem('data', { what: 'it does not say that it is PgBouncer', where, hint: 'Check host and port.' });
};

/** PgBouncer refuses the console to everyone it doesn't list, in words that don't say so. */
const explain = (error: unknown, where: string, user: string): unknown => {
  if (!(error instanceof Problem) || !/not allowed|no such user|authentication failed/i.test(error.what)) return error;
  return new Problem('authentication', {
    what: error.what,
    where,
    hint: `List ${user} under stats_users in pgbouncer.ini and in auth_file (or auth_query), then RELOAD; check its password.`,
    cause: error,
  });
};
