import { type Deadline, type Emitters, type Metrics, Problem, type Sample, type SqlSession } from '@submilli/core';

/**
 * One row of what PgBouncer's console answers. Columns come and go with its versions, so each is looked up by name: a
 * new one is no trouble, a missing one is absent.
 */
export type ShowRow = Readonly<Record<string, unknown>>;

/** One column of a SHOW command and the metric that carries it. */
export type Column<K extends string> = {
  readonly column: string;
  readonly metric: K;
  /** How many of the column's units make one of the metric's. */
  readonly divisor?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** PgBouncer writes 0 where it has nothing: no limit, or a mean of no events. */
  readonly zeroIsNone?: boolean;
};

/** The console's own database, which is no pool of anybody's. */
export const CONSOLE = 'pgbouncer';

/** PgBouncer counts time in microseconds. Dividing by them is exact to the last digit; multiplying by 1e-6 is not. */
export const MICROSECONDS = 1e6;

/** Runs one SHOW command. `key` is the column that names a row; an answer without it is not PgBouncer's. */
export const show = async (
  session: SqlSession,
  command: string,
  key: string,
  deadline: Deadline,
): Promise<readonly ShowRow[]> => {
  const rows = await session.query(command, [], deadline);
  const [first] = rows; // All rows of an answer have the same columns, and there can be many thousands.
  if (first !== undefined && !(key in first)) {
    throw new Problem('data', {
      what: `the answer to ${command} has no column ${key}`,
      hint: 'Is this really PgBouncer’s console?',
    });
  }
  return rows;
};

/** A `read` that runs one SHOW command. */
export const readShow =
  (command: string, key: string) =>
  (session: SqlSession, _env: unknown, deadline: Deadline): Promise<readonly ShowRow[]> =>
    show(session, command, key, deadline);

/** As PgBouncer writes numbers. JavaScript would take `true`, a space and `0x10` for some too. */
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** A column as a number; null when this version doesn't have it, or it holds none. */
export const numberOf = (row: ShowRow, column: string): number | null => {
  const value = row[column];
  if (typeof value !== 'number' && !(typeof value === 'string' && NUMBER.test(value))) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
};

/** As `numberOf`, where PgBouncer writes 0 for "none": a limit of zero would read as "always full". */
export const unlessZero = (row: ShowRow, column: string): number | null => {
  const limit = numberOf(row, column);
  return limit === 0 ? null : limit;
};

/** A column as text; empty when this version doesn't have it, or it holds none. */
export const textOf = (row: ShowRow, column: string): string => {
  const value = row[column];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

/**
 * A timestamp as seconds, to be compared with others of the same answer only: PgBouncer writes it in its own host's zone
 * ("2026-01-31 12:00:00 CET") and to the second.
 */
export const secondsOf = (row: ShowRow, column: string): number | null => {
  const parts = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)/.exec(textOf(row, column));
  if (parts === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
};

/** Of two values the one that `better` takes; the other one where one is missing. */
export const either = (better: (a: number, b: number) => number, a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : better(a, b);

/** The samples of one row: every known column that it has, under `labels` and the column's own. */
export const samplesOf = <M extends Metrics>(
  row: ShowRow,
  columns: readonly Column<keyof M & string>[],
  labels: Readonly<Record<string, string>>,
  emit: Emitters<M>,
): Sample[] =>
  columns.map(({ column, metric, divisor = 1, labels: own, zeroIsNone = false }) => {
    const value = zeroIsNone ? unlessZero(row, column) : numberOf(row, column);
    const send = emit[metric] as (labels: Readonly<Record<string, string>>, value: number | null) => Sample;
    return send({ ...labels, ...own }, value === null ? null : value / divisor);
  });
