import { parse as parseCsv } from 'csv-parse/sync';
import { type ExplainedPlan, readExplained } from './explained';

/**
 * What a statement did under the extended protocol is logged, and sampled, step by step: never to be added up. `simple`
 * is a whole statement of the simple protocol, its parsing, planning and (without BEGIN) its commit included.
 */
export type Phase = 'parse' | 'bind' | 'execute' | 'simple';

type Common = {
  /** As it is written in the log, in log_timezone. */
  readonly time: string;
  readonly user: string;
  readonly database: string;
  readonly pid: number;
  /** When the session began, written in the same way. */
  readonly sessionStart: string;
};

export type DurationLine = Common & {
  readonly kind: 'duration';
  readonly seconds: number;
  readonly phase: Phase;
  /** The command tag: SELECT, COMMIT, or, of the steps before the execution, PARSE and BIND. */
  readonly tag: string;
  /** 64 bits, hence text; null where the server computed none. */
  readonly queryid: string | null;
  /** The statement, with its literals: for whoever wants to know what kind it is, and no further. */
  readonly text: string | null;
  /** Nothing but a duration, as its statement was logged before: whether that was a step is for the lines before to say. */
  readonly bare: boolean;
};

/**
 * A statement, or a session, that ended in an error. Who was not let in may have given any name, of a database and of
 * himself: `known` is one of a statement, or of a session that had been let in.
 */
export type ErrorLine = Common & {
  readonly kind: 'error';
  readonly sqlstate: string;
  readonly queryid: string | null;
  readonly known: boolean;
};

/** What a session is about to execute (log_statement); its duration has a line of its own, without a text. */
export type Announcement = {
  readonly kind: 'announcement';
  readonly pid: number;
  readonly phase: 'execute' | 'simple';
};

/** A plan that auto_explain logged. */
export type PlanLine = Common & {
  readonly kind: 'plan';
  readonly seconds: number;
  readonly queryid: string | null;
  readonly plan: ExplainedPlan;
};

export type LogLine = DurationLine | ErrorLine | PlanLine;

/** `irrelevant` says something else; `garbage` is no log line at all. */
export type Parsed = LogLine | Announcement | 'irrelevant' | 'garbage';

type Fields = {
  readonly time: unknown;
  readonly user: unknown;
  readonly database: unknown;
  readonly pid: unknown;
  readonly tag: unknown;
  readonly severity: unknown;
  readonly sqlstate: unknown;
  readonly message: unknown;
  readonly backend: unknown;
  readonly sessionStart: unknown;
  readonly queryid: string | null;
};

/** One line of a jsonlog (PostgreSQL 15 and newer). */
export const parseJsonLine = (line: string): Parsed => {
  if (!line.startsWith('{')) return 'garbage';
  // Most of a busy log may be of no interest: it is not worth a parser.
  if (!line.includes('"message":"duration: ') && !/"error_severity":"(?:ERROR|FATAL|PANIC)"/.test(line)) {
    return line.endsWith('}') ? announcementIn(line) : 'garbage';
  }
  let entry: Readonly<Record<string, unknown>>;
  try {
    entry = JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return 'garbage';
  }
  return interpret({
    ...{ time: entry.timestamp, user: entry.user, database: entry.dbname, pid: entry.pid, tag: entry.ps },
    ...{ severity: entry.error_severity, sqlstate: entry.state_code, message: entry.message },
    ...{ backend: entry.backend_type, sessionStart: entry.session_start },
    // A bare number of 64 bits, which JSON.parse would round. The last field: no text can come after it.
    queryid: idOf(/"query_id":(-?\d+)\}$/.exec(line)?.[1]),
  });
};

const announcementIn = (line: string): Parsed => {
  const found = /"message":"(statement: |execute )/.exec(line);
  const pid = found === null ? undefined : /"pid":(\d+)/.exec(line)?.[1];
  return pid === undefined ? 'irrelevant' : announcementOf(Number(pid), found?.[1] ?? '');
};

const announcementOf = (pid: number, message: string): Announcement => ({
  ...{ kind: 'announcement', pid, phase: message.startsWith('execute ') ? 'execute' : 'simple' },
});

/** One record of a csvlog, as PostgreSQL 14 and newer write it: https://www.postgresql.org/docs/14/runtime-config-logging.html */
export const parseCsvRecord = (record: string): Parsed => {
  let records: readonly (readonly string[])[];
  try {
    records = parseCsv(record, { relax_column_count: true });
  } catch {
    return 'garbage';
  }
  const [fields] = records;
  if (fields === undefined || fields.length < 26) return 'garbage';
  return interpret({
    ...{ time: fields[0], user: fields[1], database: fields[2], pid: pidOf(fields[3]), tag: fields[7] },
    ...{ severity: fields[11], sqlstate: fields[12], message: fields[13], backend: fields[23] },
    sessionStart: fields[8],
    queryid: idOf(fields[25]),
  });
};

/** Number() would take nothing at all for 0. */
const pidOf = (text: string | undefined): number | null => (/^\d{1,10}$/.test(text ?? '') ? Number(text) : null);

const idOf = (text: string | undefined): string | null => (text === undefined || /^0?$/.test(text) ? null : text);

const interpret = (fields: Fields): Parsed => {
  const { time, user, database, pid, severity, message, queryid } = fields;
  if (typeof time !== 'string' || !stamp.test(time)) return 'garbage';
  if (typeof message !== 'string' || typeof pid !== 'number' || !Number.isInteger(pid)) return 'garbage';
  if (typeof user !== 'string' || typeof database !== 'string' || user === '' || database === '') return 'irrelevant';
  const sessionStart = typeof fields.sessionStart === 'string' ? fields.sessionStart : '';
  const common = { time, user, database, pid, sessionStart };
  if (severity === 'ERROR' || severity === 'FATAL' || severity === 'PANIC') {
    const { sqlstate } = fields;
    const known = typeof sqlstate === 'string' && /^[0-9A-Z]{5}$/.test(sqlstate);
    if (!known) return 'garbage';
    return { kind: 'error', ...common, sqlstate, queryid, known: severity === 'ERROR' || endsOfSessions.has(sqlstate) };
  }
  if (fields.backend !== 'client backend' || severity !== 'LOG') return 'irrelevant';
  if (/^(?:statement: |execute )/.test(message)) return announcementOf(pid, message);
  const found = duration.exec(message);
  if (found === null) return planOf(message, common, queryid);
  const [, milliseconds, step, text] = found;
  const tag = typeof fields.tag === 'string' ? fields.tag : '';
  return {
    ...{ kind: 'duration', ...common, seconds: secondsOf(milliseconds), tag, queryid },
    ...{ phase: phaseOf(step, tag), text: step === undefined ? null : textOf(step, text ?? '') },
    bare: step === undefined,
  };
};

/** Terminated by an administrator, or for being idle for too long: sessions that had been let in. */
const endsOfSessions = new Set(['57P01', '57P05', '25P03', '25P04']);

/** Source: setup_formatted_log_time() in PostgreSQL's utils/error/elog.c. */
const stamp = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \S/;

/** Source: errmsg()s with a duration in PostgreSQL's tcop/postgres.c and fastpath.c; with auto_explain's it is a plan. */
const duration = /^duration: (\d+\.\d+) ms(?: {2}(statement|parse|bind|execute|fastpath function call):? ?([^]*))?$/;

const phaseOf = (step: string | undefined, tag: string): Phase => {
  if (step === 'parse' || step === 'bind' || step === 'execute') return step;
  if (step === undefined && tag === 'PARSE') return 'parse';
  if (step === undefined && tag === 'BIND') return 'bind';
  return 'simple';
};

const explained = /^duration: (\d+\.\d+) ms {2}plan:\n/;

const planOf = (message: string, common: Common, queryid: string | null): Parsed => {
  const found = explained.exec(message);
  const plan = found === null ? undefined : readExplained(message.slice(found[0].length));
  if (found === null || plan === undefined) return 'irrelevant';
  return { kind: 'plan', ...common, seconds: secondsOf(found[1]), queryid, plan };
};

/** The log counts milliseconds, with three digits. */
const secondsOf = (milliseconds: string | undefined): number => Math.round(Number(milliseconds) * 1000) / 1e6;

/** Steps of the extended protocol name the prepared statement, and the portal, before the text. */
const textOf = (step: string, rest: string): string | null => {
  if (step === 'statement') return rest;
  if (step === 'fastpath function call') return null;
  const colon = rest.indexOf(': ');
  return colon === -1 ? null : rest.slice(colon + 2);
};
