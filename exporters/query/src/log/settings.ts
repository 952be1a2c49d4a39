import type { Deadline, SqlSession } from '@submilli/core';
import { z } from 'zod';

/** What the server logs, by default and for roles and databases that have settings of their own. */
export type LogSettings = {
  readonly own: Sampling;
  /** From pg_db_role_setting, the most specific first. An empty role or database stands for all. */
  readonly overrides: readonly Override[];
  readonly destinations: readonly string[];
  readonly collector: boolean;
  readonly directory: string;
  readonly dataDirectory: string;
  readonly messages: string;
  /** What log_timezone adds to UTC now, in seconds. */
  readonly utcOffsetSeconds: number;
  /** The server's clock, in seconds since the epoch. */
  readonly now: number;
};

/**
 * Which durations are logged: all of `threshold` seconds and more, and of those from `sampleFrom` up the share `rate`;
 * null: none. `transactions`: share of all transactions whose every statement is logged too. `everything`: log_duration
 * logs what the others leave out.
 */
export type Sampling = {
  readonly threshold: number | null;
  readonly sampleFrom: number | null;
  readonly rate: number;
  readonly transactions: number;
  readonly everything: boolean;
};

export type Override = { readonly role: string; readonly database: string; readonly values: Partial<Sampling> };

const names = [
  ...['log_min_duration_statement', 'log_min_duration_sample', 'log_statement_sample_rate'],
  ...['log_transaction_sample_rate', 'log_duration'],
];

const row = z.object({
  ...{ threshold: z.number(), sample_from: z.number(), rate: z.number(), everything: z.boolean() },
  ...{ transactions: z.number(), now: z.number() },
  ...{ destination: z.string(), collector: z.boolean(), directory: z.string(), data_directory: z.string() },
  ...{ messages: z.string(), utc_offset: z.number() },
  overrides: z.array(z.object({ role: z.string(), database: z.string(), settings: z.array(z.string()) })),
});

// Our own session's values are those of the server: roles like ours have no overrides of these, and if, it is reset.
const sql = `
  SELECT v.threshold, v.sample_from, v.rate, v.transactions, v.everything,
         pg_catalog.date_part('epoch', now.at)::float8 AS now,
         pg_catalog.current_setting('log_destination') AS destination,
         pg_catalog.current_setting('logging_collector')::bool AS collector,
         pg_catalog.current_setting('log_directory') AS directory,
         pg_catalog.current_setting('data_directory') AS data_directory,
         pg_catalog.current_setting('lc_messages') AS messages,
         pg_catalog.date_part('epoch', pg_catalog.timezone(pg_catalog.current_setting('log_timezone'), now.at)
           - pg_catalog.timezone('UTC', now.at))::float8 AS utc_offset,
         (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                   'role', coalesce(r.rolname, ''), 'database', coalesce(d.datname, ''), 'settings', s.setconfig)), '[]')
            FROM pg_catalog.pg_db_role_setting s
            LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
            LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
           WHERE EXISTS (SELECT FROM pg_catalog.unnest(s.setconfig) AS c
                          WHERE pg_catalog.split_part(c, '=', 1) = ANY ($1))) AS overrides
    FROM (SELECT pg_catalog.now() AS at) now,
         (SELECT max(reset_val) FILTER (WHERE name = 'log_min_duration_statement')::float8 AS threshold,
                 max(reset_val) FILTER (WHERE name = 'log_min_duration_sample')::float8 AS sample_from,
                 max(reset_val) FILTER (WHERE name = 'log_statement_sample_rate')::float8 AS rate,
                 max(reset_val) FILTER (WHERE name = 'log_transaction_sample_rate')::float8 AS transactions,
                 (max(reset_val) FILTER (WHERE name = 'log_duration'))::bool AS everything
            FROM pg_catalog.pg_settings WHERE name = ANY ($1)) v`;

/** `pg_settings` and `pg_db_role_setting`; pg_monitor sees all of it. */
export const readLogSettings = async (session: SqlSession, deadline: Deadline): Promise<LogSettings> => {
  const [found] = row
    .array()
    .length(1)
    .parse(await session.query(sql, [names], deadline));
  if (found === undefined) throw new Error('unreachable');
  return {
    own: {
      ...{ threshold: durationOf(found.threshold), sampleFrom: durationOf(found.sample_from) },
      ...{ rate: found.rate, transactions: found.transactions, everything: found.everything },
    },
    overrides: found.overrides
      .map(({ role, database, settings }) => ({ role, database, values: valuesOf(settings) }))
      .sort((a, b) => specificity(b) - specificity(a)),
    destinations: found.destination.split(',').map((name) => name.trim()),
    ...{ collector: found.collector, directory: found.directory, dataDirectory: found.data_directory },
    ...{ messages: found.messages, utcOffsetSeconds: found.utc_offset, now: found.now },
  };
};

/** As PostgreSQL has it: settings of a role in a database go before those of the role, and these before the database's. */
const specificity = ({ role, database }: Pick<Override, 'role' | 'database'>): number =>
  (role === '' ? 0 : 2) + (database === '' ? 0 : 1);

/** The settings of a role's sessions in a database, for one who didn't change them by `SET`. */
export const samplingFor = (
  { own, overrides }: Pick<LogSettings, 'own' | 'overrides'>,
  role: string,
  database: string,
): Sampling =>
  overrides
    .filter((one) => (one.role === '' || one.role === role) && (one.database === '' || one.database === database))
    .reduceRight((sampling, { values }) => ({ ...sampling, ...values }), own);

/**
 * How many statements a logged one stands for (Horvitz and Thompson): those that are logged whatever happens stand for
 * themselves, those drawn with a probability for its reciprocal.
 */
export const weightOf = (
  { threshold, sampleFrom, rate, transactions, everything }: Sampling,
  seconds: number,
): number => {
  if (everything || (threshold !== null && seconds >= threshold)) return 1;
  const drawn = sampleFrom !== null && seconds >= sampleFrom ? rate : 0;
  // By itself, with its transaction, or both: two draws that know nothing of each other.
  const chance = drawn + transactions - drawn * transactions;
  // Logged although nothing that we know of would log it, by a session's own setting: it speaks for itself.
  return chance > 0 ? 1 / chance : 1;
};

/** Whether every statement has a chance to be logged, so that the sample can speak for all. */
export const isCovering = ({ threshold, sampleFrom, rate, transactions, everything }: Sampling): boolean =>
  everything || threshold === 0 || transactions > 0 || (sampleFrom === 0 && rate > 0);

/** The setting counts milliseconds; -1 is off. */
const durationOf = (ms: number): number | null => (ms < 0 ? null : ms / 1000);

const valuesOf = (settings: readonly string[]): Partial<Sampling> =>
  Object.assign({}, ...settings.map(valueOf)) as Partial<Sampling>;

const valueOf = (setting: string): Partial<Sampling> => {
  const split = setting.indexOf('=');
  const value = setting.slice(split + 1);
  switch (setting.slice(0, split)) {
    case 'log_min_duration_statement':
      return { threshold: durationOf(millisecondsOf(value)) };
    case 'log_min_duration_sample':
      return { sampleFrom: durationOf(millisecondsOf(value)) };
    case 'log_statement_sample_rate':
      return { rate: Number(value) };
    case 'log_transaction_sample_rate':
      return { transactions: Number(value) };
    case 'log_duration':
      return { everything: /^(on|t|tr|tru|true|y|ye|yes|1)$/i.test(value) };
    default:
      return {};
  }
};

const units: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** ALTER ROLE keeps the text as it was given, unit and all. */
export const millisecondsOf = (text: string): number => {
  const [, number = '', unit = ''] = /^\s*([-+]?[\d.]+)\s*([a-z]*)\s*$/.exec(text) ?? [];
  return Math.round(Number(number) * (units[unit === '' ? 'ms' : unit] ?? NaN));
};
