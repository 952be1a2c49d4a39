import { type Deadline, type Emitters, type Metrics, Problem, type Sample, type SqlSession } from '@submilli/core';
import { z } from 'zod';

/**
 * What PgBouncer's console answers. Columns come and go with its versions (1.17 to 1.25 are known), so each is looked
 * up by name: a new one is no trouble, a missing one is absent.
 */
export type ShowRow = Readonly<Record<string, unknown>>;

/** One column of a SHOW command and the metric that carries it. */
export type Column<K extends string> = {
  readonly column: string;
  readonly metric: K;
  /** Multiplied with the column's value; 1e-6 turns PgBouncer's microseconds into seconds. */
  readonly scale?: number;
  readonly labels?: Readonly<Record<string, string>>;
};

export const MICROSECONDS = 1e-6;

const rowSchema = z.record(z.string(), z.unknown());

/** Runs one SHOW command; an answer without `marker`, a column it has in every version, is not PgBouncer's. */
export const show = async (
  session: SqlSession,
  command: string,
  marker: string,
  deadline: Deadline,
): Promise<readonly ShowRow[]> => {
  const rows = rowSchema.array().parse(await session.query(command, [], deadline));
  if (rows.some((row) => !(marker in row))) {
    throw new Problem('data', {
      what: `the answer to ${command} has no column ${marker}`,
      hint: 'Is this really PgBouncer’s console?',
    });
  }
  return rows;
};

/** A column as a number; null when this version doesn't have it, or it holds none. */
export const numberOf = (row: ShowRow, column: string): number | null => {
  const value = row[column];
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
};

export const textOf = (row: ShowRow, column: string): string => {
  const value = row[column];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

/** The samples of one row: every known column that it has, under `labels` and the column's own. */
export const samplesOf = <M extends Metrics>(
  row: ShowRow,
  columns: readonly Column<keyof M & string>[],
  labels: Readonly<Record<string, string>>,
  emit: Emitters<M>,
): Sample[] =>
  columns.map(({ column, metric, scale = 1, labels: own }) => {
    const value = numberOf(row, column);
    const send = emit[metric] as (labels: Readonly<Record<string, string>>, value: number | null) => Sample;
    return send({ ...labels, ...own }, value === null ? null : value * scale);
  });

/** The console's own database, which is no pool of the user's. */
export const CONSOLE = 'pgbouncer';
