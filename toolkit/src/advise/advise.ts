import {
  type Config,
  connectSql,
  type Deadline,
  deadlineIn,
  type PostgresFacts,
  readPostgresFacts,
  type SqlSession,
  SubmilliError,
  systemClock,
} from '@submilli/core';
import {
  type Advice,
  advise,
  loadParser,
  namesIn,
  plannerOf,
  readCatalog,
  readSearchPaths,
  type Statement,
  usualOptions,
  type Workload,
} from '@submilli/query';
import { z } from 'zod';

export type AdviseRequest = {
  readonly target: string;
  /** Default: the one that the target is watched through. */
  readonly database: string | undefined;
  readonly storageBytes: number;
  readonly seconds: number;
  /** Asks HypoPG on a primary as well. */
  readonly onPrimary: boolean;
  /** What was counted elsewhere; undefined: what this database's pg_stat_statements holds. */
  readonly workload: Workload | undefined;
  readonly signal: AbortSignal;
};

export type Advised = { readonly database: string; readonly workload: Workload; readonly advice: Advice };

/** Statements with the most time, of all that pg_stat_statements holds. */
const MOST_STATEMENTS = 500;

const row = z.object({
  ...{ id: z.string(), text: z.string().nullable(), calls: z.number(), seconds: z.number(), rows: z.number() },
  role: z.string().nullable(),
});
const sinceRow = z.object({ seconds: z.number() });

/** Looks once for the indexes that statements want, with the catalog, the statistics and the planner of one database. */
export const adviseOnce = async (config: Config, request: AdviseRequest): Promise<Advised> => {
  const target = config.postgres.find(({ name }) => name === request.target);
  if (target === undefined) {
    const names = config.postgres.map(({ name }) => name).join(', ') || 'none';
    throw new SubmilliError({ what: `no entry under postgres is called ${request.target} (there: ${names})` });
  }
  const deadline = deadlineIn((request.seconds + 60) * 1000, systemClock);
  const database = request.database ?? target.database;
  const limits = { ...config.timeouts, statement_ms: Math.max(config.timeouts.statement_ms, 10_000) };
  const options = { limits, applicationName: 'submilli/advise', dialect: 'postgres', clock: systemClock } as const;
  const { signal } = request;
  const { session, close } = await connectSql({ ...options, signal, address: { ...target, database } }, deadline);
  try {
    await loadParser();
    const facts = await readPostgresFacts(session, deadline);
    const workload = request.workload ?? (await readWorkload(session, facts, deadline));
    const catalog = await readCatalog(session, namesIn(workload, false), deadline);
    const searchPaths = await readSearchPaths(session, deadline);
    const hypothetical = request.onPrimary || facts.role === 'standby';
    const planner = await plannerOf(session, { facts, hypothetical, partial: hypothetical }, deadline);
    const { storageBytes, seconds } = request;
    const usual = { ...usualOptions(systemClock.monotonic), storageBytes, seconds };
    return { database, workload, advice: await advise({ workload, catalog, searchPaths }, planner, usual) };
  } finally {
    await close();
  }
};

const readWorkload = async (
  session: SqlSession,
  { extensions, database }: PostgresFacts,
  deadline: Deadline,
): Promise<Workload> => {
  const schema = extensions.get('pg_stat_statements');
  if (schema === undefined) {
    throw new SubmilliError({
      what: `extension pg_stat_statements is not created in database ${database}`,
      hint: 'As a superuser, there: CREATE EXTENSION pg_stat_statements;',
    });
  }
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  const sql = `
    SELECT s.queryid::text AS id, s.query AS text, s.calls, s.total_exec_time / 1000 AS seconds, s.rows,
           pg_catalog.pg_get_userbyid(s.userid)::text AS role
      FROM ${quoted}.pg_stat_statements(true) s
      JOIN pg_catalog.pg_database d ON d.oid = s.dbid
     WHERE d.datname = pg_catalog.current_database() AND s.queryid IS NOT NULL
       AND s.userid <> pg_catalog.to_regrole(pg_catalog.quote_ident(current_user))::oid
     ORDER BY s.total_exec_time DESC
     LIMIT ${MOST_STATEMENTS}`;
  const sinceSql = `
    SELECT greatest(1, extract(epoch FROM pg_catalog.now() - stats_reset))::float8 AS seconds
      FROM ${quoted}.pg_stat_statements_info`;
  const [since] = sinceRow.array().parse(await session.query(sinceSql, [], deadline));
  const rows = row.array().parse(await session.query(sql, [], deadline));
  const statements = rows.flatMap(({ id, text, calls, seconds, rows: all, role }): Statement[] =>
    text === null ? [] : [{ id, text, calls, seconds, rows: all, role: role ?? undefined }],
  );
  return { seconds: since?.seconds ?? 1, statements };
};
