import type { Deadline, Env, PostgresFacts, SqlSession } from '@submilli/core';
import { z } from 'zod';
import { aloneInDatabase, explainGeneric } from '../explain/explain';
import { refusalOf } from '../explain/memory';
import { outline, type Plan, walkPlan } from '../explain/plan';
import { isPlannable, type Plannable, plannableOf } from '../explain/plannable';
import { readSearchPaths } from '../explain/search-path';
import type { Interval } from '../statements/interval';
import { loadParser } from '../statements/query-type';
import type { Look } from '../statements/texts';
import { findingsOf } from './findings';
import { readRelations } from './relations';
import { type Asked, type PlansReading, type PlansState, type Reason, statementKey, type Work } from './state';

/** A statement of this database that is worth a look. */
export type Candidate = {
  readonly interval: Interval;
  /** The role that spends the most time on it. */
  readonly role: string | undefined;
  readonly look: Look | undefined;
};

/** One database's part of a round never takes longer. */
const ROUND_MS = 20_000;
/** Rest after each plan, as a multiple of what it took: at most a fifth of one session's time. */
const REST = 4;

const aroundRow = z.object({ now: z.number(), work_mem: z.number(), hash_multiplier: z.number() });
const aroundSql = `
  SELECT extract(epoch FROM pg_catalog.now())::float8 AS now,
         (SELECT setting::float8 * 1024 FROM pg_catalog.pg_settings WHERE name = 'work_mem') AS work_mem,
         pg_catalog.current_setting('hash_mem_multiplier')::float8 AS hash_multiplier`;

/** Asks for the plans of these statements in the database that the session is in. */
export const askPlans = async (
  session: SqlSession,
  { facts }: Env<PostgresFacts>,
  deadline: Deadline,
  candidates: readonly Candidate[],
  before: PlansState,
): Promise<PlansReading> => {
  await loadParser();
  const [row] = aroundRow.array().parse(await session.query(aroundSql, [], deadline));
  const { now, work_mem: workMemory, hash_multiplier } = row ?? { now: 0, work_mem: 0, hash_multiplier: 1 };
  const known = candidates.map(({ interval }) => refusalOf(before.refusals, statementKey(interval), now * 1000));
  const askedAt = ({ interval }: Candidate): number => before.statements.get(statementKey(interval))?.askedAt ?? 0;
  // Who has waited longest comes first: a round may be over before all had their turn.
  const due = candidates.filter((_, i) => known[i] === undefined).sort((a, b) => askedAt(a) - askedAt(b));
  const searchPaths = await readSearchPaths(session, deadline);
  const limited = shorter(deadline, ROUND_MS);

  const ask = async ({ interval, role, look }: Candidate): Promise<Explained> => {
    const text = look?.text ?? null;
    if (text === null) return { role, outcome: noText(look) };
    const rowsPerCall = rowsFor(interval, before);
    const plannable = plannableOf(text, { rowsPerCall });
    if (!isPlannable(plannable)) return { role, outcome: { ...plannable, remedy: null } };
    const outcome = await explainGeneric(session, plannable, facts, limited, { searchPath: searchPaths(role) });
    return { role, plannable, rowsPerCall, outcome: 'plan' in outcome ? outcome.plan : outcome };
  };

  const explained = new Map<Candidate, Explained>();
  const alone = await aloneInDatabase(session, deadline, async () => {
    for (const candidate of due) {
      const left = limited.remainingMs();
      if (left < MOST_FOR_ONE_MS) break;
      explained.set(candidate, await ask(candidate));
      await rest(REST * (left - limited.remainingMs()), limited);
    }
    return true;
  });

  const tables = [...explained.values()].flatMap(({ outcome }) => ('root' in outcome ? tablesOf(outcome) : []));
  const relations = await readRelations(
    session,
    [...new Map(tables.map((pair) => [pair.join('.'), pair])).values()],
    deadline,
  );
  const around = { relations, workMemory, hashMemory: workMemory * hash_multiplier };
  const asked = candidates.map((candidate, i): Asked => {
    const { interval } = candidate;
    const one = explained.get(candidate);
    const outcome = one?.outcome ?? known[i] ?? (alone === true ? NO_TIME : NOT_ALONE);
    const shared = { ...workOf(interval), role: one?.role ?? null, rowsPerCall: one?.rowsPerCall ?? null };
    if (!('root' in outcome)) return { ...shared, remembered: known[i] !== undefined, reason: outcome };
    const findings = findingsOf(outcome.root, {
      ...around,
      rowsPerCall: comparable(one?.plannable, interval),
      blocksPerCall: shared.work.blocks / shared.work.calls,
    });
    return {
      ...shared,
      plan: { shape: outcome.shape, cost: outcome.totalCost, outline: outline(outcome.root) },
      findings,
    };
  });
  return { now, asked };
};

type Explained = {
  readonly role: string | undefined;
  readonly plannable?: Plannable;
  readonly rowsPerCall?: number;
  readonly outcome: Plan | Reason;
};

const MOST_FOR_ONE_MS = 2000;

const noText = (look: Look | undefined): Reason => ({
  reason: look?.reason ?? 'no_text',
  detail: look === undefined ? 'its text has not been read yet' : 'its text is not kept, see the reason',
  remedy: null,
});
const NO_TIME: Reason = { reason: 'no_time', detail: 'the round’s time was up', remedy: null };
const NOT_ALONE: Reason = { reason: 'not_alone', detail: 'another exporter explains in this database', remedy: null };

const shorter = (deadline: Deadline, ms: number): Deadline => {
  const end = deadline.remainingMs() - ms;
  return end <= 0 ? deadline : { remainingMs: () => deadline.remainingMs() - end };
};

const rest = (ms: number, deadline: Deadline): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(ms, deadline.remainingMs()))));

const tablesOf = ({ root }: Plan): (readonly [string, string])[] =>
  [...walkPlan(root)].flatMap(({ schema, relation }) =>
    schema === null || relation === null ? [] : [[schema, relation] as const],
  );

const workOf = ({ database, queryid, calls, seconds, counters }: Interval): Of => ({
  ...{ database, queryid },
  work: { calls, seconds, blocks: counters.hit + counters.read },
});

type Of = { readonly database: string; readonly queryid: string; readonly work: Work };

/** The rows that a plan expects are those of a call, unless the text was changed to find out how many. */
const comparable = (plannable: Plannable | undefined, { calls, counters }: Interval): number | null =>
  plannable === undefined || calls === 0 ? null : counters.rows / calls;

/** A LIMIT that follows every wobble of the rows per call would change plans by itself. */
const STEADY = 4;
const rowsFor = (interval: Interval, { statements }: PlansState): number => {
  const now = interval.counters.rows / interval.calls;
  const before = statements.get(statementKey(interval))?.rowsPerCall ?? null;
  if (before === null) return now;
  const [a, b] = [Math.max(1, now), Math.max(1, before)];
  return Math.max(a / b, b / a) < STEADY ? before : now;
};
