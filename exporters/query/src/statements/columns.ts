import { type Deadline, Problem, type SqlSession } from '@submilli/core';
import { z } from 'zod';
import { type CounterName, counterNames, type LaterCounterName, laterCounterNames } from './entry';

export const EXTENSION = 'pg_stat_statements';

/** What the extension has in this version: it may be older than the server, and be updated at any time. */
export type Columns = { readonly version: string; readonly names: readonly string[] };

type Column = {
  readonly unit: 'as it is' | 'ms' | 'float' | 'time';
  /** Its names over time; the first one that exists is taken. */
  readonly names: readonly string[];
  /** It came later than the oldest version that is read. */
  readonly optional: boolean;
};

const column = (unit: Column['unit'], ...names: readonly string[]): Column => ({ unit, names, optional: false });
const later = (unit: Column['unit'], ...names: readonly string[]): Column => ({ unit, names, optional: true });

const counters: Readonly<Record<CounterName | LaterCounterName, Column>> = {
  plans: column('as it is', 'plans'),
  planSeconds: column('ms', 'total_plan_time'),
  rows: column('as it is', 'rows'),
  hit: column('as it is', 'shared_blks_hit'),
  read: column('as it is', 'shared_blks_read'),
  dirtied: column('as it is', 'shared_blks_dirtied'),
  written: column('as it is', 'shared_blks_written'),
  localHit: column('as it is', 'local_blks_hit'),
  localRead: column('as it is', 'local_blks_read'),
  localDirtied: column('as it is', 'local_blks_dirtied'),
  localWritten: column('as it is', 'local_blks_written'),
  tempRead: column('as it is', 'temp_blks_read'),
  tempWritten: column('as it is', 'temp_blks_written'),
  // Until 1.10 those of local blocks were in it.
  readSeconds: column('ms', 'shared_blk_read_time', 'blk_read_time'),
  writeSeconds: column('ms', 'shared_blk_write_time', 'blk_write_time'),
  wal: column('float', 'wal_bytes'),
  walRecords: column('as it is', 'wal_records'),
  walImages: column('as it is', 'wal_fpi'),
  // 1.10 (PostgreSQL 15)
  tempReadSeconds: later('ms', 'temp_blk_read_time'),
  tempWriteSeconds: later('ms', 'temp_blk_write_time'),
  jitFunctions: later('as it is', 'jit_functions'),
  jitGeneration: later('ms', 'jit_generation_time'),
  jitInlining: later('ms', 'jit_inlining_time'),
  jitOptimization: later('ms', 'jit_optimization_time'),
  jitEmission: later('ms', 'jit_emission_time'),
  // 1.11 (PostgreSQL 17)
  jitDeform: later('ms', 'jit_deform_time'),
  localReadSeconds: later('ms', 'local_blk_read_time'),
  localWriteSeconds: later('ms', 'local_blk_write_time'),
  // 1.12 (PostgreSQL 18)
  walBuffersFull: later('as it is', 'wal_buffers_full'),
  workersPlanned: later('as it is', 'parallel_workers_to_launch'),
  workersLaunched: later('as it is', 'parallel_workers_launched'),
};

/** Everything we read, by the name that the row has it under. Nothing but these names ever gets into the text. */
const table: Readonly<Record<string, Column>> = {
  calls: column('as it is', 'calls'),
  total: column('ms', 'total_exec_time'),
  mean: column('ms', 'mean_exec_time'),
  deviation: column('ms', 'stddev_exec_time'),
  planMean: column('ms', 'mean_plan_time'),
  planDeviation: column('ms', 'stddev_plan_time'),
  since: later('time', 'stats_since'),
  ...counters,
};

/** What is part of an entry's key, and came later than the oldest version of the extension. */
const keyColumn = column('as it is', 'toplevel');

const laterNumbers = Object.fromEntries(laterCounterNames.map((name) => [name, z.number().nullable().default(null)]));
const numbers = Object.fromEntries(counterNames.map((name) => [name, z.number()]));

export const markRow = z.object({ key: z.string(), queryid: z.string(), mark: z.string() });

export const entryRow = z.object({
  key: z.string(),
  queryid: z.string(),
  database: z.string(),
  calls: z.number(),
  total: z.number(),
  mean: z.number(),
  deviation: z.number(),
  planMean: z.number(),
  planDeviation: z.number(),
  since: z.number().nullable().default(null),
  ...(numbers as Record<CounterName, z.ZodNumber>),
  ...(laterNumbers as Record<LaterCounterName, z.ZodDefault<z.ZodNullable<z.ZodNumber>>>),
});

const namesSql = `
  SELECT a.name
    FROM pg_catalog.pg_extension e
    JOIN pg_catalog.pg_depend d ON d.refobjid = e.oid AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    JOIN pg_catalog.pg_proc p ON p.oid = d.objid AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
   CROSS JOIN pg_catalog.unnest(p.proargnames) AS a(name)
   WHERE e.extname = $1 AND p.proname = $1`;

/** Asks which columns there are. Throws a problem that says what to do if one is missing that can't be. */
export const readColumns = async (session: SqlSession, version: string, deadline: Deadline): Promise<Columns> => {
  const rows = z.array(z.object({ name: z.string() })).parse(await session.query(namesSql, [EXTENSION], deadline));
  const names = rows.map(({ name }) => name);
  const missing = [...Object.values(table), keyColumn].find((one) => !one.optional && nameOf(one, names) === undefined);
  if (missing !== undefined) {
    throw new Problem('missing', {
      what: `${EXTENSION} ${version} has no column ${missing.names.join(' or ')}: it is older than the server`,
      hint: `In the same database, as its owner: ALTER EXTENSION ${EXTENSION} UPDATE;`,
    });
  }
  return { version, names };
};

const nameOf = ({ names }: Column, present: readonly string[]): string | undefined =>
  names.find((name) => present.includes(name));

const sqlOf: Readonly<Record<Column['unit'], (name: string) => string>> = {
  'as it is': (name) => `s.${name}`,
  ms: (name) => `s.${name} / 1000`,
  float: (name) => `s.${name}::float8`,
  time: (name) => `extract(epoch FROM s.${name})::float8`,
};

/** All entries but those of our own role, and of databases that are gone. */
const entriesFrom = (schema: string): string => `
      FROM ${schema}.pg_stat_statements(false) s
      JOIN pg_catalog.pg_database d ON d.oid = s.dbid
     WHERE s.queryid IS NOT NULL AND s.userid <> pg_catalog.to_regrole(pg_catalog.quote_ident(current_user))::oid`;

/** What makes an entry. Oids, so that a rename makes no new one. */
const KEY = "pg_catalog.concat_ws(' ', s.userid, s.dbid, s.queryid, s.toplevel)";

/**
 * A mark for each entry, which is another one when the entry was planned or called, made anew, or its database renamed.
 *
 * @param schema quoted
 */
export const marksSql = (schema: string, { names }: Columns): string => {
  const own = ['calls', 'plans', 'total_exec_time', 'stats_since'].filter((name) => names.includes(name));
  return `
    SELECT ${KEY} AS key, s.queryid::text AS queryid,
           pg_catalog.concat_ws(' ', d.datname, ${own.map((name) => `s.${name}`).join(', ')}) AS mark${entriesFrom(schema)}`;
};

/**
 * Entries without their texts: all, or those of the statements that are the first parameter.
 *
 * @param schema quoted
 */
export const entriesSql = (schema: string, { names }: Columns, which: 'all' | 'some'): string => {
  const list = Object.entries(table).flatMap(([alias, one]) => {
    const name = nameOf(one, names);
    return name === undefined ? [] : [`${sqlOf[one.unit](name)} AS "${alias}"`];
  });
  return `
    SELECT ${KEY} AS key, s.queryid::text AS queryid, d.datname::text AS database,
           ${list.join(', ')}${entriesFrom(schema)}${which === 'all' ? '' : ' AND s.queryid = ANY ($1::bigint[])'}`;
};
