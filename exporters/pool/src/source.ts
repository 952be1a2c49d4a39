import {
  type Clock,
  type Config,
  connectSql,
  type Deadline,
  type Needs,
  type Opened,
  type PgbouncerTarget,
  type Skip,
  type Source,
  type SqlSession,
  whereOf,
} from '@submilli/core';
import { explain } from './problems';
import { CONSOLE, show, textOf } from './show';
import { type Version, versionNumberOf, versionOf } from './version';

/** `user`: who we are on the console. */
export type PoolFacts = Version & { readonly user?: string };

/** PgBouncer's console as something to collect from. It needs a user of `stats_users`; `admin_users` would be too much. */
export const poolSource = (
  target: PgbouncerTarget,
  limits: Config['timeouts'],
  clock: Clock,
): Source<SqlSession, PoolFacts> => {
  const address = { ...target, database: CONSOLE };
  const where = whereOf(address);
  const explained = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw explain(error, where, target.user);
    });
  const options = { address, limits, applicationName: 'submilli/pool', dialect: 'pgbouncer', clock } as const;
  return {
    where,
    open: async (_purpose, deadline): Promise<Opened<SqlSession>> => {
      const opened = await explained(connectSql(options, deadline));
      return {
        ...opened,
        session: { ...opened.session, query: (...query) => explained(opened.session.query(...query)) },
      };
    },
    facts: async (session, deadline: Deadline) => {
      const [row] = await show(session, 'SHOW VERSION', 'version', deadline);
      return { ...versionOf(row === undefined ? '' : textOf(row, 'version'), where), user: target.user };
    },
    plan: planPool,
  };
};

/** Why a collector can't run on this PgBouncer, or nothing if it can. */
export const planPool = ({ pgbouncer }: Needs, { version, versionNumber }: PoolFacts): Skip | undefined =>
  pgbouncer === undefined || versionNumber >= versionNumberOf(pgbouncer)
    ? undefined
    : {
        reason: 'version',
        detail: `needs PgBouncer ${pgbouncer} or newer, this is ${version}`,
        remedy: `upgrade PgBouncer to ${pgbouncer} or newer`,
      };
