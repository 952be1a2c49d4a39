import { type Deadline, SubmilliError, type SqlSession } from '@submilli/core';
import { z } from 'zod';

/** The schema of the profiles that work on tables of their own. */
export const SCHEMA = 'submilli_load';

/** Rows of `account`: as many as in a pgbench of scale 1, some 13 MB. */
export const ACCOUNTS = 100_000;

/** How ours is told from a schema of that name that somebody else made. */
const MARK = 'made by submilli load, which drops it when it ends';

const createStatements: readonly string[] = [
  // Sent as one, so that there never is one without the mark.
  `CREATE SCHEMA ${SCHEMA}; COMMENT ON SCHEMA ${SCHEMA} IS '${MARK}'`,
  `CREATE TABLE ${SCHEMA}.account (
     id int4 NOT NULL, balance int8 NOT NULL, filler char(84) NOT NULL DEFAULT ''
   ) WITH (fillfactor = 90)`,
  `INSERT INTO ${SCHEMA}.account (id, balance) SELECT n, 10000 FROM pg_catalog.generate_series(1, ${ACCOUNTS}) AS n`,
  `ALTER TABLE ${SCHEMA}.account ADD PRIMARY KEY (id)`,
  `CREATE TABLE ${SCHEMA}.transfer (
     id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, from_id int4 NOT NULL, to_id int4 NOT NULL, amount int4 NOT NULL,
     at timestamptz NOT NULL DEFAULT pg_catalog.now()
   )`,
];

/** A load begins with statistics and without dirt of its own making: both are there before the first client. */
const readyStatements: readonly string[] = [`VACUUM (ANALYZE) ${SCHEMA}.account`];

const ownerRow = z.object({ mark: z.string().nullable() });

/** Whether the schema is there. Throws a `SubmilliError` when it is, and is not ours. */
export const isThere = async (session: SqlSession, deadline: Deadline): Promise<boolean> => {
  const rows = await session.query(
    `SELECT pg_catalog.obj_description(n.oid, 'pg_namespace') AS mark FROM pg_catalog.pg_namespace n WHERE n.nspname = $1`,
    [SCHEMA],
    deadline,
  );
  const [found] = ownerRow.array().parse(rows);
  if (found === undefined) return false;
  if (found.mark === MARK) return true;
  throw new SubmilliError({
    what: `there is a schema ${SCHEMA} that submilli load has not made`,
    hint: 'It works in a schema of that name and drops it afterwards: rename yours, or use another database.',
  });
};

/** Makes the tables anew, whatever a load that was killed has left. */
export const makeTables = async (session: SqlSession, deadline: Deadline): Promise<void> => {
  await dropTables(session, deadline);
  for (const statement of [...createStatements, ...readyStatements]) await session.query(statement, [], deadline);
};

/** True if there was something to drop. */
export const dropTables = async (session: SqlSession, deadline: Deadline): Promise<boolean> => {
  if (!(await isThere(session, deadline))) return false;
  await session.query(`DROP SCHEMA ${SCHEMA} CASCADE`, [], deadline);
  return true;
};
