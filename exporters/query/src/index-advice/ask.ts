import {
  type Deadline,
  type Env,
  messageOf,
  type PostgresFacts,
  type Sibling,
  type SqlSession,
  systemClock,
} from '@submilli/core';
import { z } from 'zod';
import { advise, usualOptions } from '../advisor/advise';
import { readCatalog } from '../advisor/catalog';
import { does } from '../advisor/covers';
import type { Catalog, ExistingIndex } from '../advisor/model';
import { plannerOf } from '../advisor/planner';
import { namesIn } from '../advisor/query';
import type { Advice } from '../advisor/report';
import type { Statement, Workload } from '../advisor/workload';
import { aloneInDatabase } from '../explain/explain';
import { readSearchPaths } from '../explain/search-path';
import { loadParser } from '../statements/query-type';
import { roleOf, type StatementsState, textOf } from '../statements/state';
import type { Tracked, Work } from './state';

/** What one look at a database gave. `now` in seconds since the epoch, by the server's clock. */
export type AdviceReading = {
  readonly now: number;
  /** Absent when another exporter was at it. */
  readonly advice: Advice | undefined;
  /** The standby whose planner was asked; null: the server's own. */
  readonly asked: string | null;
  /** Why the planner of a standby that is there could not be asked; null if it was, or there is none. */
  readonly standbyProblem: string | null;
  /** Work of statements since the exporter began to watch, by id: to tell what an index changed. */
  readonly works: ReadonlyMap<string, Work>;
  /** Of the advised indexes that are tracked, those that are there: the definition, and what the index is called. */
  readonly there: ReadonlyMap<string, string>;
};

const PLANNED = new Set(['select', 'insert', 'update', 'delete', 'merge']);

/** Looks for indexes that the statements of this database want, and for those that were advised before. */
export const askAdvice = async (
  session: SqlSession,
  { config, facts }: Env<PostgresFacts>,
  deadline: Deadline,
  { state, tracked, standby }: Known,
): Promise<AdviceReading> => {
  await loadParser();
  const { interval_seconds, storage_mb, explains, seconds, on_primary } = config.index_advice;
  const now = z.array(z.object({ now: z.number() })).parse(await session.query(nowSql, [], deadline))[0]?.now ?? 0;
  const workload = state === undefined ? nothing : workloadOf(state, facts.database);
  const names = namesIn(workload, false);
  const tables = [...new Set([...names.tables, ...tracked.map(({ table }) => table)])];
  const catalog = await readCatalog(session, { tables, functions: names.functions }, deadline);
  const searchPaths = await readSearchPaths(session, deadline);
  const askOn = (where: SqlSession, its: PostgresFacts, hypothetical: boolean): Promise<Advice | undefined> =>
    aloneInDatabase(where, deadline, async () => {
      const planner = await plannerOf(where, { facts: its, hypothetical, partial: hypothetical }, deadline);
      return advise({ workload, catalog, searchPaths }, planner, {
        ...usualOptions(systemClock.monotonic),
        ...{ storageBytes: storage_mb * 1024 * 1024, explains },
        seconds: Math.max(1, Math.min(seconds, interval_seconds / 2, deadline.remainingMs() / 1000 - 5)),
      });
    });
  const hypothetical = on_primary || facts.role === 'standby';
  const byOwn = async (standbyProblem: string | null): Promise<Asked> => ({
    ...{ advice: await askOn(session, facts, hypothetical), asked: null, standbyProblem },
  });
  const byStandby = async (one: NonNullable<Known['standby']>): Promise<Asked> => ({
    advice: await one.visit(facts.database, deadline, (where, its) => askOn(where, its, true)),
    ...{ asked: one.name, standbyProblem: null },
  });
  // A standby that has just gone leaves us with what statistics say, and with a word on why.
  const asked =
    hypothetical || standby === undefined
      ? await byOwn(null)
      : await byStandby(standby).catch((error: unknown) => byOwn(`${standby.name}: ${messageOf(error)}`));
  return { now, works: worksOf(state, facts.database), there: thereOf(tracked, catalog), ...asked };
};

type Asked = Pick<AdviceReading, 'advice' | 'asked' | 'standbyProblem'>;

/** What is known before a look. */
export type Known = {
  readonly state: StatementsState | undefined;
  readonly tracked: readonly Tracked[];
  /** One of this primary, whose planner may be asked in its stead. */
  readonly standby: Sibling<SqlSession, PostgresFacts> | undefined;
};

const nowSql = `SELECT extract(epoch FROM pg_catalog.now())::float8 AS now`;
const nothing: Workload = { seconds: 1, statements: [] };

/** All that was done since the exporter began to watch, by the statements that are shown by themselves. */
const workloadOf = (state: StatementsState, database: string): Workload => {
  const own = [...state.totals.values()].filter(
    ({ interval, type }) => interval.database === database && PLANNED.has(type) && interval.calls > 0,
  );
  const statements = own.flatMap(({ interval }): Statement[] => {
    const { queryid: id, calls, seconds, counters } = interval;
    const text = textOf(state, id);
    const role = roleOf(state, interval);
    return text === undefined ? [] : [{ id, text, calls, seconds, rows: counters.rows, role }];
  });
  return { seconds: Math.max(1, state.watchedSeconds), statements };
};

const worksOf = (state: StatementsState | undefined, database: string): ReadonlyMap<string, Work> => {
  if (state === undefined) return new Map();
  const own = [...state.totals.values()].filter(({ interval }) => interval.database === database);
  return new Map(
    own.map(({ interval: { queryid, calls, seconds, counters } }) => [
      queryid,
      { calls, seconds, blocks: counters.hit + counters.read },
    ]),
  );
};

const thereOf = (tracked: readonly Tracked[], { tables }: Catalog): ReadonlyMap<string, string> =>
  new Map(
    tracked.flatMap(({ definition, schema, table, structure }) => {
      const own = tables.find((one) => one.schema === schema && one.name === table)?.indexes ?? [];
      const found = own.find((index: ExistingIndex) => does(index, structure));
      return found === undefined ? [] : [[definition, found.name] as const];
    }),
  );
