import { deparseSync } from 'pgsql-deparser';
import { bodyOf, namesOf, type Node, parseText, transform } from '../explain/ast';
import { renumber } from '../explain/parameters';
import type { Plannable } from '../explain/plannable';
import type { Slot } from './model';

/**
 * A partial index `WHERE status = 'open'` serves only statements that have the value written out, which normalised text
 * no longer shows. Where an index says so, the statement is taken to be one of those it was made for: the value is the
 * index's own, never a client's. Otherwise we would advise against what is there already.
 */
export const assumeConstants = (plannable: Plannable, slots: readonly Slot[]): Plannable => {
  const known = new Map(slots.map((slot) => [slot, constantsOf(slot)]));
  if ([...known.values()].every(({ size }) => size === 0)) return plannable;
  const [statement] = parseText(plannable.sql);
  if (statement === undefined) return plannable;
  const constantFor = (side: unknown): Node | undefined => {
    const [qualifier, column] = twoNames(namesOf(bodyOf(side, 'ColumnRef')?.fields));
    const meant = slots.filter(({ alias, table }) =>
      qualifier === undefined ? table.columns.has(column ?? '') : alias === qualifier,
    );
    const [only] = meant;
    return meant.length === 1 && only !== undefined ? known.get(only)?.get(column ?? '') : undefined;
  };
  const assumed = transform(statement, (node) => {
    const expression = bodyOf(node, 'A_Expr');
    if (expression?.kind !== 'AEXPR_OP' || namesOf(expression.name).at(-1) !== '=') return undefined;
    const constant = bodyOf(expression.rexpr, 'ParamRef') === undefined ? undefined : constantFor(expression.lexpr);
    return constant === undefined ? undefined : { A_Expr: { ...expression, rexpr: constant } };
  });
  const { select, origins } = renumber(assumed);
  return { ...plannable, sql: deparseSync(select, { pretty: false }), parameters: origins.length };
};

const twoNames = (names: readonly string[]): readonly (string | undefined)[] =>
  names.length === 1 ? [undefined, names[0]] : [names.at(-2), names.at(-1)];

/** Columns that the slot compares with a value we don't see, and that a partial index of its table holds at one. */
const constantsOf = ({ table, terms }: Slot): Map<string, Node> => {
  const compared = new Set(
    terms.flatMap(({ kind, target, constant }) =>
      kind === 'equal' && target.kind === 'column' && constant === null ? [target.column] : [],
    ),
  );
  const found = new Map<string, Node>();
  const busiest = [...table.indexes].sort((a, b) => b.scans - a.scans);
  for (const { predicate, valid } of busiest) {
    const one = valid && predicate !== null ? equalityIn(predicate) : undefined;
    if (one !== undefined && compared.has(one.column) && !found.has(one.column)) found.set(one.column, one.constant);
  }
  return found;
};

const equalityIn = (predicate: string): { readonly column: string; readonly constant: Node } | undefined => {
  const [statement] = parseText(`SELECT 1 WHERE ${predicate}`);
  const expression = bodyOf(bodyOf(statement, 'SelectStmt')?.whereClause, 'A_Expr');
  const column = namesOf(bodyOf(expression?.lexpr, 'ColumnRef')?.fields).at(-1);
  const value = expression?.rexpr as Node | undefined;
  const inner = bodyOf(value, 'TypeCast')?.arg ?? value;
  if (expression?.kind !== 'AEXPR_OP' || namesOf(expression.name).at(-1) !== '=') return undefined;
  return column === undefined || value === undefined || bodyOf(inner, 'A_Const') === undefined
    ? undefined
    : { column, constant: value };
};
