import { scanSync } from '../parser';
import { deparseSync } from 'pgsql-deparser';
import { messageOf } from '@submilli/core';
import { bodyOf, canonical, type Node, parseText } from './ast';
import { foldableCall } from './functions';
import { plainCalls, renumber, restore, squashedIn, withoutLiterals } from './parameters';
import { readSide } from './read-side';
import { type ColumnTypes, withTypes } from './types';
import { type Names, namesIn } from './vet';

/** Why a statement has no plan to show, before a server was asked. */
export type UnplannableReason =
  | 'hidden'
  | 'empty'
  | 'too_long'
  | 'truncated'
  | 'parse_error'
  | 'several_statements'
  | 'utility'
  | 'nothing_to_plan'
  | 'writes_inside'
  | 'cursor'
  | 'constant_function'
  | 'too_complex'
  | 'deparse';

export type Unplannable = { readonly reason: UnplannableReason; readonly detail: string };

/** One SELECT, written by the deparser from a parsed tree: no comment, no second statement, no literal of a client's. */
export type Plannable = {
  readonly sql: string;
  /** Parameters `$1` to this. */
  readonly parameters: number;
  /** The number that each parameter had in the text; those that were added come last, with numbers not used there. */
  readonly origins: readonly number[];
  /** The tables and functions in it. */
  readonly names: Names;
  /** The statement itself writes; `sql` is how it finds its rows. */
  readonly readSideOf: 'select' | 'insert' | 'update' | 'delete' | 'merge';
};

export type PlannableOptions = {
  /** Rows per call, for LIMIT and the length of lists. */
  readonly rowsPerCall?: number | undefined;
  /** Types of a table's columns, for parameters that don't say their own. */
  readonly columnTypes?: ColumnTypes | undefined;
  /** Literals stay. For texts from whoever runs the tool: then planning may call any immutable function in them. */
  readonly keepLiterals?: boolean;
  /** Functions without parameters or columns among their arguments that may be called to plan. */
  readonly isBuiltin?: (name: string) => boolean;
};

/** The parser takes a few milliseconds per 10 kB, in which nothing else runs. */
const MAX_LENGTH = 100_000;

/** A text of `pg_stat_statements` as a statement whose generic plan can be asked for. `loadParser()` comes first. */
export const plannableOf = (text: string, options: PlannableOptions = {}): Plannable | Unplannable => {
  if (text === '<insufficient privilege>') {
    return { reason: 'hidden', detail: 'the text is hidden: the monitoring role needs pg_read_all_stats (pg_monitor)' };
  }
  if (text.length > MAX_LENGTH) return { reason: 'too_long', detail: `${text.length} characters` };
  if (text.trim() === '') return { reason: 'empty', detail: 'no statement' };
  if (text.includes('\0')) return { reason: 'parse_error', detail: 'a zero byte' };
  try {
    return rewrite(text, options);
  } catch (error) {
    return unparsed(error);
  }
};

export const isPlannable = (outcome: Plannable | Unplannable): outcome is Plannable => 'sql' in outcome;

const rewrite = (text: string, options: PlannableOptions): Plannable | Unplannable => {
  const statements = parseText(text);
  const [statement] = statements;
  if (statement === undefined) return { reason: 'empty', detail: 'no statement' };
  if (statements.length > 1) return { reason: 'several_statements', detail: `${statements.length} statements` };
  const found = readSide(statement);
  if ('reason' in found) return found as Unplannable;

  const plain = plainCalls(restore(found, squashedIn(text), options.rowsPerCall));
  const bare = options.keepLiterals === true ? plain : withoutLiterals(plain);
  const foldable = foldableCall(bare, options.isBuiltin);
  if (foldable !== undefined) {
    return {
      reason: 'constant_function',
      detail: `planning could call ${foldable}: all of its arguments are constant`,
    };
  }
  const { select, origins } = renumber(withTypes(bare, options.columnTypes));
  const written = deparsed(select, origins, kindOf(statement));
  return options.keepLiterals !== true && isPlannable(written) && hasText(written.sql)
    ? { reason: 'deparse', detail: 'a literal stands where no parameter can' }
    : written;
};

/** As in a type's modifiers, or a path: it would be a client's, and is left to the server's way of reading quotes. */
const hasText = (sql: string): boolean => scanSync(sql).tokens.some(({ tokenName }) => TEXTS.has(tokenName));
const TEXTS = new Set(['SCONST', 'USCONST', 'BCONST', 'XCONST']);

/** Only a text that reads back as the very tree that was meant is let out. */
const deparsed = (
  select: Node,
  origins: readonly number[],
  readSideOf: Plannable['readSideOf'],
): Plannable | Unplannable => {
  const unsure = (detail: string): Unplannable => ({ reason: 'deparse', detail });
  let sql: string;
  let back: readonly Node[];
  try {
    sql = deparseSync(select, { pretty: false });
    back = parseText(sql);
  } catch (error) {
    return error instanceof RangeError ? unparsed(error) : unsure(`it could not be written again: ${firstLine(error)}`);
  }
  if (back.length !== 1 || bodyOf(back[0], 'SelectStmt') === undefined) return unsure('not one SELECT');
  if (canonical(back[0]) !== canonical(select)) return unsure('written again, it would mean something else');
  return { sql, parameters: origins.length, origins, names: namesIn(select), readSideOf };
};

const kinds: Readonly<Record<string, Plannable['readSideOf']>> = {
  InsertStmt: 'insert',
  UpdateStmt: 'update',
  DeleteStmt: 'delete',
  MergeStmt: 'merge',
};

const kindOf = (statement: Node): Plannable['readSideOf'] => kinds[Object.keys(statement)[0] ?? ''] ?? 'select';

const unparsed = (error: unknown): Unplannable => {
  const message = firstLine(error);
  if (error instanceof RangeError || /memory|stack|limit/i.test(message))
    return { reason: 'too_complex', detail: message };
  // What follows "near" is a piece of the text, which may hold a literal.
  const detail = message.replace(/ at or near .*$/s, '');
  return { reason: /end of input|unterminated/.test(message) ? 'truncated' : 'parse_error', detail };
};

const firstLine = (error: unknown): string => messageOf(error).split('\n')[0] ?? '';
