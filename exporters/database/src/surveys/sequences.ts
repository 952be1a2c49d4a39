import { defineSurvey, folded, gauge, type Readings, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  /** Those that could run out in a human lifetime; see the statement. */
  sequences: z.number(),
  unreadable: z.number(),
  /** Another session is just changing them. */
  locked: z.number(),
  fullest: z
    .object({
      schema: z.string(),
      sequence: z.string(),
      /** The column that takes its numbers, if it says so (SERIAL, IDENTITY, OWNED BY). */
      table_schema: z.string().nullable(),
      table: z.string().nullable(),
      column: z.string().nullable(),
      column_type: z.string().nullable(),
      last_value: z.number(),
      /** The sequence’s own end, or the column type’s if that comes first. */
      limit: z.number(),
      used: z.number(),
    })
    .array(),
});

export type SequencesRow = z.infer<typeof row>;
export type SequenceUse = SequencesRow['fullest'][number];
export type Sequences = ReadonlyMap<string, SequencesRow>;

const MOST_SHOWN = 20;
/** Each sequence that is read costs a lock until the statement ends; PostgreSQL has room for some thousands. */
const MOST_READ = 500;

/**
 * To read a sequence takes a lock on it, so few are read: those that count down or cycle, and those that have all of
 * bigint before them (at a million a second that is 292 000 years), are not; nor is one that DDL holds or waits for.
 */
const sql = `
  WITH candidates AS MATERIALIZED (
    SELECT s.seqrelid, s.seqmin, s.seqstart, c.relname, c.relnamespace,
           t.relname AS table_name, t.relnamespace AS table_namespace, a.attname AS column_name, y.typname AS type_name,
           least(s.seqmax, CASE y.typname WHEN 'int2' THEN 32767 WHEN 'int4' THEN 2147483647 END) AS seqlimit
      FROM pg_catalog.pg_sequence s
      JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid AND c.relpersistence <> 't'
      LEFT JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = s.seqrelid AND d.objsubid = 0
       AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0
       AND d.deptype IN ('a', 'i')
      LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      LEFT JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
     WHERE s.seqincrement > 0 AND NOT s.seqcycle
  ), finite AS MATERIALIZED (
    SELECT f.*, pg_catalog.has_sequence_privilege(f.seqrelid, 'SELECT, USAGE') AS is_readable,
           f.seqrelid IN (
             SELECT l.relation FROM pg_catalog.pg_locks l
              WHERE l.locktype = 'relation'
                AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
                AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
           ) AS is_locked
      FROM candidates f
     WHERE f.seqlimit < 9223372036854775807
  ), readable AS MATERIALIZED (
    SELECT f.* FROM finite f WHERE f.is_readable AND NOT f.is_locked ORDER BY f.seqlimit, f.seqrelid LIMIT ${MOST_READ}
  ), valued AS (
    SELECT r.*, pg_catalog.pg_sequence_last_value(r.seqrelid) AS last_value FROM readable r
  ), fullest AS (
    SELECT n.nspname AS schema, v.relname AS sequence, tn.nspname AS table_schema, v.table_name AS "table", v.column_name AS "column",
           pg_catalog.format_type(y.oid, NULL) AS column_type, v.last_value, v.seqlimit AS "limit",
           ((v.last_value - v.seqmin + 1)::float8 / (v.seqlimit - v.seqmin + 1)::float8) AS used
      FROM valued v
      JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
      LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = v.table_namespace
      LEFT JOIN pg_catalog.pg_type y
        ON y.typname = v.type_name AND y.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
     WHERE v.last_value IS NOT NULL AND v.seqlimit > v.seqmin
     ORDER BY used DESC, v.relname LIMIT ${MOST_SHOWN}
  )
  SELECT (SELECT count(*) FROM finite) AS sequences,
         (SELECT count(*) FROM finite WHERE NOT is_readable) AS unreadable,
         (SELECT count(*) FROM finite WHERE is_locked) AS locked,
         (SELECT coalesce(pg_catalog.json_agg(f), '[]') FROM fullest f) AS fullest`;

export const sequences = defineSurvey({
  name: 'sequences',
  source: 'pg_sequence, pg_sequence_last_value()',
  metrics: {
    used: gauge(
      'db_sequence_used_ratio',
      'Share of its numbers that an ascending sequence has used, up to its own end or that of the integer column it is for; the fullest ones of the server.',
      ['database', 'schema', 'sequence'],
    ),
    unreadable: folded(
      'sum',
      gauge('db_sequences_unreadable', 'Sequences that could run out, and that our role has no SELECT or USAGE on.', [
        'database',
      ]),
    ),
  },
  interval: ({ survey_interval_seconds }) => 5 * survey_interval_seconds,
  start: (): Sequences => new Map(),
  read: readRows({ 14: sql }, row),
  fold: (_state: Sequences, readings: Readings<readonly SequencesRow[]>) =>
    new Map([...readings].flatMap(([database, [only]]) => (only === undefined ? [] : [[database, only] as const]))),
  publish: (all: Sequences, m) => [
    ...[...all]
      .flatMap(([database, { fullest }]) => fullest.map((use) => ({ database, ...use })))
      .sort((a, b) => b.used - a.used)
      .slice(0, MOST_SHOWN)
      .map(({ database, schema, sequence, used }) => m.used({ database, schema, sequence }, used)),
    ...[...all].map(([database, { unreadable }]) => m.unreadable({ database }, unreadable)),
  ],
});
