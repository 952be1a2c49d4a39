import { allOf, bodyOf, castNode, children, namesOf, type Node, nodesOf, parseText, transform, typeNode } from './ast';

/** The columns of a table and their types as `format_type` writes them; nothing if the table is not known. */
export type ColumnTypes = (table: string, schema: string | undefined) => ReadonlyMap<string, string> | undefined;

/** The type of a column that a statement names, where that is beyond doubt. */
type TypeOf = (reference: unknown) => string | undefined;

/**
 * Says the types of parameters that PostgreSQL could not tell: `now() - $1` is an interval, the sum `$1 + $2` has the
 * type of what it is compared with, and `unnest($1)` is a list of it.
 */
export const withTypes = (select: Node, columns: ColumnTypes | undefined): Node => {
  const typeOf = columns === undefined ? () => undefined : typesIn(select, columns);
  const lists = listTypes(select, typeOf);
  const visit = (node: Node): Node | undefined => {
    const expression = bodyOf(node, 'A_Expr');
    if (expression !== undefined) return { A_Expr: children(typed(expression, typeOf), visit) };
    const list = bodyOf(node, 'SubLink');
    const wanted = list === undefined ? undefined : typeOf(list.testexpr);
    if (list !== undefined && wanted !== undefined) return { SubLink: children(unnestAs(list, wanted), visit) };
    const call = bodyOf(node, 'FuncCall');
    return call !== undefined && isUnnest(call) ? { FuncCall: withLists(call, lists) } : undefined;
  };
  return transform(select, visit);
};

const isParam = (value: unknown): value is Node => bodyOf(value, 'ParamRef') !== undefined;
const isUnnest = ({ funcname }: Node): boolean => namesOf(funcname).at(-1) === 'unnest';

const TIMES = new Set(['now', 'transaction_timestamp', 'statement_timestamp', 'clock_timestamp']);

const TIME_VALUES = new Set<unknown>(['SVFOP_CURRENT_TIMESTAMP', 'SVFOP_LOCALTIMESTAMP']);

const isTime = (value: unknown): boolean =>
  TIMES.has(namesOf(bodyOf(value, 'FuncCall')?.funcname).at(-1) ?? '') ||
  TIME_VALUES.has(bodyOf(value, 'SQLValueFunction')?.op);

const typed = (expression: Node, typeOf: TypeOf): Node => {
  const { lexpr, rexpr } = expression;
  const operator = namesOf(expression.name).at(-1) ?? '';
  if (/^[+-]$/.test(operator) && isParam(rexpr) && (isTime(lexpr) || isTimeType(typeOf(lexpr)))) {
    return { ...expression, rexpr: castTo(rexpr, 'interval') };
  }
  if (!/^(=|<>|[<>]=?)$/.test(operator)) return expression;
  const [left, right] = [typeOf(lexpr), typeOf(rexpr)];
  if (left !== undefined) return { ...expression, rexpr: sumAs(rexpr, left) };
  return right === undefined ? expression : { ...expression, lexpr: sumAs(lexpr, right) };
};

const isTimeType = (type: string | undefined): boolean => type?.startsWith('timestamp') === true;

/** `$1 + $2` that is compared with a column: the first has the column's type, of times the second is an interval. */
const sumAs = (value: unknown, type: string): unknown => {
  const sum = bodyOf(value, 'A_Expr');
  if (sum === undefined || !/^[-+*/]$/.test(namesOf(sum.name).at(-1) ?? '') || !isParam(sum.rexpr)) return value;
  const left = isParam(sum.lexpr) ? castTo(sum.lexpr, type) : sumAs(sum.lexpr, type);
  const second = isTimeType(type) || type === 'date' ? 'interval' : type;
  return { A_Expr: { ...sum, lexpr: left, rexpr: castTo(sum.rexpr, second) } };
};

/** `column IN (SELECT unnest($1))`. */
const unnestAs = (list: Node, type: string): Node => {
  const select = bodyOf(list.subselect, 'SelectStmt');
  const [target, ...more] = nodesOf(select?.targetList);
  const call = bodyOf(bodyOf(target, 'ResTarget')?.val, 'FuncCall');
  const [argument] = nodesOf(call?.args);
  if (call === undefined || !isUnnest(call) || !isParam(argument) || more.length > 0) return list;
  const args = [castTo(argument, `${type}[]`)];
  return {
    ...list,
    subselect: { SelectStmt: { ...select, targetList: [{ ResTarget: { val: { FuncCall: { ...call, args } } } }] } },
  };
};

/** For parameters of `FROM unnest($1, …) AS alias(column, …)`, what their columns are compared with. */
const listTypes = (select: Node, typeOf: TypeOf): ReadonlyMap<number, string> => {
  const compared = new Map<string, string>();
  for (const { lexpr, rexpr } of allOf(select, 'A_Expr')) {
    for (const [one, other] of [[lexpr, rexpr] as const, [rexpr, lexpr] as const]) {
      const type = typeOf(other);
      const name = namesOf(bodyOf(one, 'ColumnRef')?.fields).at(-1);
      if (type !== undefined && name !== undefined && typeOf(one) === undefined) compared.set(name, type);
    }
  }
  const types = new Map<number, string>();
  for (const { functions, alias } of allOf(select, 'RangeFunction')) {
    const names = namesOf((alias as Node | undefined)?.colnames);
    const whole = (alias as Node | undefined)?.aliasname;
    const calls = nodesOf(functions).flatMap((list) => nodesOf(bodyOf(list, 'List')?.items).slice(0, 1));
    const args = calls.flatMap((node) => nodesOf(bodyOf(node, 'FuncCall')?.args));
    args.forEach((argument, index) => {
      const type = compared.get(names[index] ?? String(whole));
      const number = bodyOf(argument, 'ParamRef')?.number;
      if (typeof number === 'number' && type !== undefined) types.set(number, type);
    });
  }
  return types;
};

const withLists = (call: Node, lists: ReadonlyMap<number, string>): Node => ({
  ...call,
  args: nodesOf(call.args).map((argument) => {
    const number = bodyOf(argument, 'ParamRef')?.number;
    if (typeof number !== 'number') return argument;
    return castTo(argument, `${lists.get(number) ?? 'text'}[]`);
  }),
});

/** Columns by the names that the statement gives its tables. A name that two tables have is known if qualified. */
const typesIn = (select: Node, columns: ColumnTypes): TypeOf => {
  const tables = new Map<string, ReadonlyMap<string, string> | undefined>();
  // Tables of a join stand below tags, those of UPDATE were put there too.
  for (const { relname, schemaname, alias } of allOf(select, 'RangeVar')) {
    const name = String((alias as Node | undefined)?.aliasname ?? relname);
    const known = columns(String(relname), typeof schemaname === 'string' ? schemaname : undefined);
    tables.set(name, tables.has(name) ? undefined : known);
  }
  return (reference) => {
    const [table, column, more] = twoNames(namesOf(bodyOf(reference, 'ColumnRef')?.fields));
    if (column === undefined || more !== undefined) return undefined;
    if (table !== undefined) return tables.get(table)?.get(column);
    const types = [...tables.values()].flatMap((known) => known?.get(column) ?? []);
    return types.length === 1 ? types[0] : undefined;
  };
};

const twoNames = (names: readonly string[]): readonly (string | undefined)[] =>
  names.length === 1 ? [undefined, names[0]] : names;

const castTo = (value: Node, type: string): Node => castNode(value, typeTree(type));

/** A type's own tree: the grammar has names of its own for many. */
const typeTree = (type: string): Node => {
  const [statement] = parseText(`SELECT CAST(NULL AS ${type})`);
  const [target] = nodesOf(bodyOf(statement, 'SelectStmt')?.targetList);
  const found = bodyOf(bodyOf(target, 'ResTarget')?.val, 'TypeCast')?.typeName;
  return (found as Node | undefined) ?? typeNode('pg_catalog', 'text');
};
