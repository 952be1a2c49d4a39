import { allOf, bodyOf, namesOf, parseText } from '../explain/ast';
import { isPlannable, type Plannable, plannableOf } from '../explain/plannable';
import type { SearchPaths } from '../explain/search-path';
import type { ColumnTypes } from '../explain/types';
import { assumeConstants } from './assume';
import type { Catalog, Refusal, Slot } from './model';
import { findTable, schemasOf } from './scope';
import { analyse } from './slots';
import { rowsPerCall, type Statement, type Workload } from './workload';
import { writesIn } from './writes';

/** A statement that can be planned, and what it asks of each table. */
export type Query = {
  readonly statement: Statement;
  readonly plannable: Plannable;
  readonly searchPath: string;
  readonly slots: readonly Slot[];
  /** What hides a column from every index, and parts that can't be looked at. */
  readonly notes: readonly Refusal[];
  readonly perSecond: number;
};

export type Unusable = { readonly statement: Statement; readonly refusals: readonly Refusal[] };

/** Names that the catalog must be asked about. */
export const namesIn = (
  workload: Workload,
  keepLiterals: boolean,
): { readonly tables: readonly string[]; readonly functions: readonly string[] } => {
  const tables = new Set<string>();
  const functions = new Set<string>();
  for (const { text } of workload.statements) {
    for (const { table } of writesIn(text)) tables.add(table);
    const plannable = plannableOf(text, { keepLiterals });
    if (!isPlannable(plannable)) continue;
    const tree = parseText(plannable.sql);
    for (const { relname } of allOf(tree, 'RangeVar')) tables.add(String(relname));
    for (const { funcname } of allOf(tree, 'FuncCall')) functions.add(namesOf(funcname).at(-1) ?? '');
  }
  return { tables: [...tables], functions: [...functions] };
};

export type ReadOptions = {
  readonly catalog: Catalog;
  readonly searchPaths: SearchPaths;
  readonly keepLiterals: boolean;
};

/** Statements as queries; and those that can't be one, with the reason. */
export const readQueries = (
  { seconds, statements }: Workload,
  options: ReadOptions,
): { readonly queries: readonly Query[]; readonly unusable: readonly Unusable[] } => {
  const queries: Query[] = [];
  const unusable: Unusable[] = [];
  for (const statement of statements) {
    const outcome = readQuery(statement, seconds, options);
    if ('plannable' in outcome) queries.push(outcome);
    else unusable.push({ statement, refusals: [outcome] });
  }
  return { queries, unusable };
};

const readQuery = (
  statement: Statement,
  seconds: number,
  { catalog, searchPaths, keepLiterals }: ReadOptions,
): Query | Refusal => {
  const searchPath = searchPaths(statement.role);
  const schemas = schemasOf(searchPath);
  const columnTypes: ColumnTypes = (relname, schemaname) => {
    const table = findTable({ relname, schemaname }, catalog.tables, schemas);
    return 'reason' in table ? undefined : new Map([...table.columns].map(([name, { type }]) => [name, type]));
  };
  const plannable = plannableOf(statement.text, { rowsPerCall: rowsPerCall(statement), columnTypes, keepLiterals });
  if (!isPlannable(plannable)) return plannable;
  const select = bodyOf(parseText(plannable.sql)[0], 'SelectStmt') ?? {};
  const { slots, notes } = analyse(select, catalog.tables, schemas);
  if (slots.length === 0) return notes[0] ?? { reason: 'no_table', detail: 'it reads no table of an application' };
  const perSecond = seconds > 0 ? statement.calls / seconds : 0;
  return { statement, searchPath, slots, notes, perSecond, plannable: assumeConstants(plannable, slots) };
};
