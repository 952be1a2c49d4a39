import {
  type Deadline,
  majorOf,
  type PostgresFacts,
  Problem,
  problemOf,
  quoteIdentifier,
  type Row,
  type SqlSession,
} from '@submilli/core';
import { type Plan, readPlan } from './plan';
import type { Plannable } from './plannable';
import { catalogFirst } from './search-path';
import { hiddenCallSql } from './vet';

/** Why a server gave no plan. */
export type ExplainReason =
  | 'constant_function'
  | 'permission'
  | 'missing_object'
  | 'untyped_parameter'
  | 'domain_parameter'
  | 'timeout'
  | 'lock'
  | 'failed';

export type NoPlan = { readonly reason: ExplainReason; readonly detail: string; readonly remedy: string | null };

export type Explained = { readonly plan: Plan } | NoPlan;

export type ExplainOptions = {
  /** As the role that runs the statement has it; see `readSearchPaths`. */
  readonly searchPath?: string;
  /** The same statement was explained before in this database, so what it calls need not be looked at again. */
  readonly vetted?: boolean;
};

const STATEMENT_MS = 500;
/** Above what the server allows itself, and always the same: the session then leaves its own time limit alone. */
const patience: Deadline = { remainingMs: () => 2 * STATEMENT_MS + 250 };

const BEGIN = `BEGIN READ ONLY; SET LOCAL statement_timeout = '${STATEMENT_MS}ms'; SET LOCAL lock_timeout = '50ms'; SET LOCAL idle_in_transaction_session_timeout = '5s'; SET LOCAL plan_cache_mode = force_generic_plan`;
const NAME = 'submilli_explain';

/** The first version that plans a statement with parameters without being given any. */
const GENERIC_PLAN_SINCE = 16;

/**
 * The generic plan of one statement, in a read-only transaction that is always rolled back. Nothing is run: EXPLAIN
 * without ANALYZE only plans, and with neither values nor constants there is nothing to compute beforehand (a
 * `Plannable` has no literals and no function call that could be; views and policies are looked into). The session must
 * be ours alone meanwhile. Throws only when the connection is gone or the time is up; all else is a reason.
 */
export const explainGeneric = async (
  session: SqlSession,
  plannable: Plannable,
  facts: Pick<PostgresFacts, 'versionNumber' | 'user'>,
  deadline: Deadline,
  { searchPath = '"$user", public', vetted = false }: ExplainOptions = {},
): Promise<Explained> => {
  if (deadline.remainingMs() < patience.remainingMs()) {
    throw new Problem('timeout', { what: 'there was no time left for another plan' });
  }
  const query = (text: string, values: readonly unknown[] = []): Promise<readonly Row[]> =>
    session.query(text, values, patience);
  const how = majorOf(facts as PostgresFacts) >= GENERIC_PLAN_SINCE ? explainDirectly : explainPrepared;
  await query(BEGIN);
  try {
    await query("SELECT pg_catalog.set_config('search_path', $1, true)", [catalogFirst(searchPath)]);
    const hidden = vetted ? undefined : await hiddenCall(query, plannable);
    return hidden ?? (await how(query, plannable));
  } catch (error) {
    return noPlan(problemOf(error, ''), facts.user);
  } finally {
    await query('ROLLBACK');
  }
};

type Query = (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

const hiddenCall = async (query: Query, { names }: Plannable): Promise<NoPlan | undefined> => {
  const [found] = await query(hiddenCallSql, [names.relations, names.functions]);
  if (found === undefined) return undefined;
  const detail = `planning could call ${String(found.name)}: it is in a view, a policy or an SQL function`;
  return { reason: 'constant_function', detail, remedy: null };
};

const explainDirectly = async (query: Query, { sql }: Plannable): Promise<Explained> =>
  planIn(await query(`EXPLAIN (GENERIC_PLAN, VERBOSE, FORMAT JSON) ${sql}`));

/** Prepared anew each time: a plan that is kept would not see an index that came since. */
const explainPrepared = async (query: Query, { sql, parameters }: Plannable): Promise<Explained> => {
  if (parameters === 0) return planIn(await query(`EXPLAIN (VERBOSE, FORMAT JSON) ${sql}`));
  await query(`PREPARE ${NAME} AS ${sql}`);
  let explained: Explained;
  try {
    const domains = await query(domainsSql);
    if (domains.length > 0) {
      explained = {
        reason: 'domain_parameter',
        detail: `a parameter has the domain ${String(domains[0]?.name)}, whose checks would run`,
        remedy: null,
      };
    } else {
      const values = Array.from({ length: parameters }, () => 'NULL').join(', ');
      explained = planIn(await query(`EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE ${NAME}(${values})`));
    }
  } catch (error) {
    // A prepared statement outlives its transaction, but can't be given back in one that failed.
    if (problemOf(error, '').kind !== 'connection') {
      await query('ROLLBACK');
      await query(`DEALLOCATE ${NAME}`);
    }
    throw error;
  }
  await query(`DEALLOCATE ${NAME}`);
  return explained;
};

/** EXECUTE turns its values into the parameters' types, and a domain's checks may call any function. */
const domainsSql = `
  SELECT t.typname::text AS name
    FROM pg_catalog.pg_prepared_statements s
    CROSS JOIN pg_catalog.unnest(s.parameter_types) p
    JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) p::pg_catalog.oid
   WHERE s.name OPERATOR(pg_catalog.=) '${NAME}' AND t.typtype OPERATOR(pg_catalog.=) 'd'`;

const planIn = (rows: readonly Row[]): Explained => ({ plan: readPlan(rows[0]?.['QUERY PLAN']) });

const byState: readonly (readonly [RegExp, ExplainReason])[] = [
  [/^42501$/, 'permission'],
  [/^(42P18|42725|42804|42883|22P02|42846|42P08)$/, 'untyped_parameter'],
  [/^(42P01|42703|42704|3F000)$/, 'missing_object'],
  [/^57014$/, 'timeout'],
  [/^55P03$/, 'lock'],
];

const noPlan = (problem: Problem, user: string): NoPlan => {
  if (problem.kind === 'connection') throw problem;
  const { cause } = problem;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  const reason =
    byState.find(([pattern]) => pattern.test(code))?.[1] ?? (problem.kind === 'timeout' ? 'timeout' : 'failed');
  return { reason, detail: problem.what, remedy: remedyFor(reason, user) };
};

const remedyFor = (reason: ExplainReason, user: string): string | null =>
  reason === 'permission'
    ? `as a superuser: GRANT pg_read_all_data TO ${quoteIdentifier(user)}; or GRANT SELECT on the table: to show a plan needs the right to read, though nothing is read`
    : reason === 'missing_object'
      ? 'Does its role find the table through a search_path that is set by the application?'
      : null;

/** "submilli" as a number: whoever holds it is the one that explains in this database. */
const LOCK = '8319104478160186473';

/** Does the work if nobody else is at it in this database; otherwise `undefined`. The lock is the session's. */
export const aloneInDatabase = async <T>(
  session: SqlSession,
  deadline: Deadline,
  work: () => Promise<T>,
): Promise<T | undefined> => {
  const [row] = await session.query(`SELECT pg_catalog.pg_try_advisory_lock(${LOCK}) AS mine`, [], deadline);
  if (row?.mine !== true) return undefined;
  try {
    return await work();
  } finally {
    await session.query(`SELECT pg_catalog.pg_advisory_unlock(${LOCK})`, [], patience).catch(() => undefined);
  }
};
