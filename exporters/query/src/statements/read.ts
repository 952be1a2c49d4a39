import {
  type Deadline,
  type Env,
  type PostgresFacts,
  Problem,
  quoteIdentifier,
  Skipped,
  type SqlSession,
} from '@submilli/core';
import { z } from 'zod';
import { EXTENSION, readColumns } from './columns';
import { readEntries } from './read-entries';
import { readTexts } from './read-texts';
import type { Reading, StatementsState } from './state';

/** To name a role in advice; a server with more of them has some that stay unnamed. */
const MOST_ROLES = 1000;

/**
 * One reading: the entries, without texts; and now and then the texts of statements not met before.
 *
 * The order matters when somebody resets the statistics meanwhile: with the time of the reset read first, the calls
 * between the two queries may be counted twice; the other way round it would be all calls since the reset before.
 */
export const readStatements = async (
  session: SqlSession,
  { facts }: Env<PostgresFacts>,
  deadline: Deadline,
  state: StatementsState,
): Promise<Reading> => {
  const schema = quoteIdentifier(facts.extensions.get(EXTENSION) ?? 'public');
  const settings = await readSettings(session, deadline);
  const { version } = settings;
  const columns = state.columns?.version === version ? state.columns : await readColumns(session, version, deadline);
  const info = await readInfo(session, schema, deadline);
  const isComparable = state.columns?.version === version && state.last?.info.statsReset === info.stats_reset;
  const known = isComparable ? (state.last ?? undefined) : undefined;
  const { entries, marks } = await readEntries(session, { schema, columns, known }, deadline);
  return {
    ...{ columns, entries, marks, databases: new Set(settings.databases) },
    info: {
      ...{ now: settings.now, evictions: info.dealloc, statsReset: info.stats_reset, limit: settings.limit },
      ...{ planningTimed: settings.planning_timed, ioTimed: settings.io_timed },
      ...{ blockSize: settings.block_size, workMem: settings.work_mem, roles: rolesIn(settings.roles) },
    },
    texts: await readTexts(session, schema, entries, state, deadline),
  };
};

const settingsSql = `
  SELECT e.extversion AS version, extract(epoch FROM pg_catalog.clock_timestamp())::float8 AS now,
         pg_catalog.current_setting('${EXTENSION}.max', true)::int AS limit,
         coalesce(pg_catalog.current_setting('${EXTENSION}.track_planning', true), 'off') = 'on' AS planning_timed,
         pg_catalog.current_setting('track_io_timing') = 'on' AS io_timed,
         pg_catalog.current_setting('compute_query_id') AS compute_query_id,
         pg_catalog.current_setting('block_size')::int AS block_size,
         pg_catalog.pg_size_bytes(pg_catalog.current_setting('work_mem')) AS work_mem,
         ARRAY(SELECT r.oid::text || ' ' || r.rolname FROM pg_catalog.pg_roles r LIMIT ${MOST_ROLES}) AS roles,
         ARRAY(SELECT d.datname::text FROM pg_catalog.pg_database d) AS databases
    FROM pg_catalog.pg_extension e
   WHERE e.extname = $1`;

const settingsRow = z.object({
  version: z.string(),
  now: z.number(),
  limit: z.number().nullable(),
  planning_timed: z.boolean(),
  io_timed: z.boolean(),
  compute_query_id: z.string(),
  block_size: z.number(),
  work_mem: z.number(),
  roles: z.array(z.string()),
  databases: z.array(z.string()),
});

type Settings = z.infer<typeof settingsRow> & { readonly limit: number };

const readSettings = async (session: SqlSession, deadline: Deadline): Promise<Settings> => {
  const [row] = settingsRow.array().parse(await session.query(settingsSql, [EXTENSION], deadline));
  if (row === undefined) throw new Problem('missing', { what: `extension ${EXTENSION} was dropped just now` });
  if (row.compute_query_id === 'off') {
    throw new Skipped({
      reason: 'configuration',
      detail: 'compute_query_id is off, so statements have no id',
      remedy: "as a superuser: ALTER SYSTEM SET compute_query_id = 'auto'; SELECT pg_reload_conf();",
    });
  }
  if (row.limit === null) {
    throw new Skipped({
      reason: 'configuration',
      detail: `the library of ${EXTENSION} is not loaded`,
      remedy: `add ${EXTENSION} to shared_preload_libraries and restart the server`,
    });
  }
  return { ...row, limit: row.limit };
};

const rolesIn = (roles: readonly string[]): ReadonlyMap<string, string> =>
  new Map(roles.map((role) => [role.slice(0, role.indexOf(' ')), role.slice(role.indexOf(' ') + 1)]));

const infoRow = z.object({ dealloc: z.number(), stats_reset: z.number().nullable() });

const readInfo = async (session: SqlSession, schema: string, deadline: Deadline): Promise<z.infer<typeof infoRow>> => {
  const text = `
    SELECT i.dealloc, extract(epoch FROM i.stats_reset)::float8 AS stats_reset
      FROM ${schema}.pg_stat_statements_info i`;
  const [row] = infoRow.array().parse(await session.query(text, [], deadline));
  if (row === undefined) throw new Problem('data', { what: 'pg_stat_statements_info is empty' });
  return row;
};
