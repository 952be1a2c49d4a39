import { type Deadline, type Env, type PostgresFacts, Problem, type Row, type SqlSession } from '@submilli/core';
import { z } from 'zod';
import type { Entry } from './entry';
import { loadParser, type QueryType, queryTypeOf } from './query-type';
import type { Info, Reading, StatementsState } from './state';

const EXTENSION = 'pg_stat_statements';

/** Texts are fetched for at most so many statements at a time. */
const TEXTS_AT_ONCE = 1000;
const TEXT_LENGTH = 10_000;

/** Columns we read, under their names by extension version; the first one that exists is taken. */
const columns: readonly (readonly [alias: string, expression: (column: string) => string, names: readonly string[]])[] =
  [
    ['calls', (c) => `s.${c}`, ['calls']],
    ['total', (c) => `s.${c} / 1000`, ['total_exec_time']],
    ['mean', (c) => `s.${c} / 1000`, ['mean_exec_time']],
    ['deviation', (c) => `s.${c} / 1000`, ['stddev_exec_time']],
    ['rows', (c) => `s.${c}`, ['rows']],
    ['hit', (c) => `s.${c}`, ['shared_blks_hit']],
    ['read', (c) => `s.${c}`, ['shared_blks_read']],
    ['dirtied', (c) => `s.${c}`, ['shared_blks_dirtied']],
    ['written', (c) => `s.${c}`, ['shared_blks_written']],
    ['temp_read', (c) => `s.${c}`, ['temp_blks_read']],
    ['temp_written', (c) => `s.${c}`, ['temp_blks_written']],
    ['wal', (c) => `s.${c}::float8`, ['wal_bytes']],
    ['toplevel', (c) => `s.${c}`, ['toplevel']],
    ['since', (c) => `extract(epoch FROM s.${c})::float8`, ['stats_since']],
  ];

const entryRow = z.object({
  userid: z.string(),
  database: z.string(),
  queryid: z.string(),
  calls: z.number(),
  total: z.number(),
  mean: z.number(),
  deviation: z.number(),
  rows: z.number(),
  hit: z.number(),
  read: z.number(),
  dirtied: z.number(),
  written: z.number(),
  temp_read: z.number(),
  temp_written: z.number(),
  wal: z.number().default(0),
  toplevel: z.boolean().default(true),
  since: z.number().nullable().default(null),
});

const infoRow = z.object({
  dealloc: z.number(),
  stats_reset: z.number().nullable(),
  tracked_limit: z.number(),
  compute_query_id: z.string(),
});

/** One reading: the entries, without texts; and the types of statements not met before, now and then. */
export const readStatements = async (
  session: SqlSession,
  env: Env<PostgresFacts>,
  deadline: Deadline,
  state: StatementsState,
): Promise<Reading> => {
  const schema = quote(env.facts.extensions.get(EXTENSION) ?? 'public');
  const info = await readInfo(session, schema, deadline);
  const present = state.columns ?? (await discover(session, deadline));
  const rows = await session.query(entriesSql(schema, present), [], deadline);
  const entries = rows.map(toEntry);
  const wanted = unseen(entries, state);
  const due = wanted.length > 0 && (state.last?.at ?? 0) >= state.textsDueAt;
  if (!due) return { entries, columns: present, newTypes: new Map(), textsMs: null, info };
  await loadParser();
  const started = performance.now();
  const texts = await readTexts(session, schema, wanted, deadline);
  const textsMs = performance.now() - started;
  const newTypes = new Map<string, QueryType>(wanted.map((queryid) => [queryid, 'other']));
  for (const { queryid, query } of texts) if (query !== null) newTypes.set(queryid, queryTypeOf(query));
  return { entries, columns: present, newTypes, textsMs, info };
};

const readInfo = async (session: SqlSession, schema: string, deadline: Deadline): Promise<Info> => {
  const text = `
    SELECT dealloc, extract(epoch FROM stats_reset)::float8 AS stats_reset,
           pg_catalog.current_setting('pg_stat_statements.max')::int AS tracked_limit,
           pg_catalog.current_setting('compute_query_id') AS compute_query_id
      FROM ${schema}.pg_stat_statements_info`;
  const [row] = infoRow.array().parse(await session.query(text, [], deadline));
  if (row === undefined) throw new Problem('data', { what: 'pg_stat_statements_info is empty' });
  if (row.compute_query_id === 'off') {
    throw new Problem('missing', {
      what: 'compute_query_id is off, so statements have no id',
      hint: "As a superuser: ALTER SYSTEM SET compute_query_id = 'auto'; SELECT pg_reload_conf();",
    });
  }
  return { evictions: row.dealloc, statsReset: row.stats_reset, limit: row.tracked_limit };
};

/** Which columns the installed version of the extension has: it may be older than the server. */
const discover = async (session: SqlSession, deadline: Deadline): Promise<readonly string[]> => {
  const text = `
    SELECT a.name
      FROM pg_catalog.pg_extension e
      JOIN pg_catalog.pg_depend d ON d.refobjid = e.oid AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
      JOIN pg_catalog.pg_proc p ON p.oid = d.objid AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
     CROSS JOIN pg_catalog.unnest(p.proargnames) AS a(name)
     WHERE e.extname = $1 AND p.proname = $1`;
  const rows = z.array(z.object({ name: z.string() })).parse(await session.query(text, [EXTENSION], deadline));
  return rows.map(({ name }) => name);
};

/** Only names from our own table get into the text. */
export const entriesSql = (schema: string, present: readonly string[]): string => {
  const list = columns.flatMap(([alias, expression, names]) => {
    const name = names.find((candidate) => present.includes(candidate));
    return name === undefined ? [] : [`${expression(name)} AS ${alias}`];
  });
  return `
    SELECT s.userid::text AS userid, d.datname::text AS database, s.queryid::text AS queryid, ${list.join(', ')}
      FROM ${schema}.pg_stat_statements(false) s
      JOIN pg_catalog.pg_database d ON d.oid = s.dbid
     WHERE s.queryid IS NOT NULL AND s.userid <> pg_catalog.to_regrole(pg_catalog.quote_ident(current_user))::oid`;
};

const toEntry = (row: Row): Entry => {
  const r = entryRow.parse(row);
  return {
    key: `${r.userid} ${r.database} ${r.queryid} ${r.toplevel}`,
    ...{ database: r.database, queryid: r.queryid, calls: r.calls, total: r.total },
    ...{ mean: r.mean, deviation: r.deviation, since: r.since },
    counters: {
      ...{ rows: r.rows, hit: r.hit, read: r.read, dirtied: r.dirtied, written: r.written },
      ...{ tempRead: r.temp_read, tempWritten: r.temp_written, wal: r.wal },
    },
  };
};

/** Statements without a type yet, those with the most time first. */
const unseen = (entries: readonly Entry[], { types }: StatementsState): string[] => {
  const seconds = new Map<string, number>();
  for (const { queryid, total } of entries) {
    if (!types.has(queryid)) seconds.set(queryid, (seconds.get(queryid) ?? 0) + total);
  }
  return [...seconds]
    .sort(([, a], [, b]) => b - a)
    .slice(0, TEXTS_AT_ONCE)
    .map(([queryid]) => queryid);
};

const textRow = z.object({ queryid: z.string(), query: z.string().nullable() });

/** Texts of a few statements, cut to a bounded length. Whoever asks looks at them and lets them go. */
const readTexts = async (
  session: SqlSession,
  schema: string,
  queryids: readonly string[],
  deadline: Deadline,
): Promise<z.infer<typeof textRow>[]> => {
  const text = `
    SELECT s.queryid::text AS queryid, pg_catalog.left(max(s.query), ${TEXT_LENGTH}) AS query
      FROM ${schema}.pg_stat_statements(true) s
     WHERE s.queryid = ANY ($1::bigint[])
     GROUP BY s.queryid`;
  return textRow.array().parse(await session.query(text, [queryids], deadline));
};

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
