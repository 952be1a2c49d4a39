import {
  allOf,
  bodyOf,
  castNode,
  children,
  contains,
  integerNode,
  isNode,
  type Node,
  paramNode,
  transform,
  trueNode,
  typeNode,
} from './ast';

/** How many rows a statement's LIMIT is for, when nothing is known. */
const UNKNOWN_ROWS = 10;
const UNKNOWN_LIST = 3;
const MAX_LIST = 100;

/** PostgreSQL 18 shows a list of any length as its first element and this comment. */
const SQUASHED = /\$(\d+) \/\*, \.\.\. \*\//g;

export const squashedIn = (text: string): ReadonlySet<number> =>
  new Set([...text.matchAll(SQUASHED)].map(([, number]) => Number(number)));

/**
 * Makes up for what normalising took away: a LIMIT gets back a number (of an unknown one the planner assumes a tenth of
 * all rows), a squashed list its length, a join without a condition its TRUE.
 */
export const restore = (select: Node, squashed: ReadonlySet<number>, rowsPerCall: number | undefined): Node => {
  const limit = Math.max(1, Math.round(rowsPerCall ?? UNKNOWN_ROWS));
  const length =
    rowsPerCall !== undefined && rowsPerCall >= 2 ? Math.min(Math.round(rowsPerCall), MAX_LIST) : UNKNOWN_LIST;
  let last = highest(select);
  const isParam = (value: unknown): boolean => bodyOf(uncast(value), 'ParamRef') !== undefined;
  return transform(select, (node, field) => {
    if (field === 'limitCount' && contains(node, 'ParamRef')) return integerNode(limit);
    if (field === 'limitOffset' && contains(node, 'ParamRef')) return integerNode(0);
    if (field === 'quals' && isParam(node)) return trueNode;
    const number = bodyOf(node, 'ParamRef')?.number;
    if ((field !== 'items' && field !== 'elements') || !squashed.has(number as number)) return undefined;
    return [node, ...Array.from({ length: length - 1 }, () => paramNode((last += 1)))];
  });
};

const uncast = (value: unknown): unknown => {
  const cast = bodyOf(value, 'TypeCast');
  return cast === undefined ? value : cast.arg;
};

const highest = (tree: Node): number =>
  Math.max(0, ...allOf(tree, 'ParamRef').map(({ number }) => Number(number ?? 0)));

/** Where a constant is no value: a position, a modifier of a type, a path that the grammar wants as a literal. */
const NOT_VALUES = new Set(['limitCount', 'limitOffset', 'node', 'groupClause', 'distinctClause', 'content', 'quals']);
const LITERAL_ONLY = new Set(['typeName', 'pathspec', 'DefElem', 'typmods']);

/**
 * Every literal becomes a parameter. `pg_stat_statements` leaves some: a text that it had to make up again after its
 * entry was thrown out is as the client sent it. So no literal of a client's is ever sent back, and nothing is left
 * that the planner could compute by calling a function.
 */
export const withoutLiterals = (select: Node): Node => {
  let last = highest(select);
  return transform(select, (node, field): Node | undefined => {
    if (LITERAL_ONLY.has(field)) return node;
    const constant = bodyOf(node, 'A_Const');
    if (constant === undefined || NOT_VALUES.has(field)) return constant === undefined ? undefined : node;
    const param = paramNode((last += 1));
    const type = typeOfConstant(constant);
    return type === undefined ? param : castNode(param, typeNode('pg_catalog', type));
  });
};

const typeOfConstant = ({ ival, fval, boolval }: Node): string | undefined => {
  if (ival !== undefined) return 'int4';
  if (boolval !== undefined) return 'bool';
  const digits = isNode(fval) ? String(fval.fval) : undefined;
  return digits === undefined ? undefined : /^\d{1,18}$/.test(digits) ? 'int8' : 'numeric';
};

/** What the grammar reads in its own way (`EXTRACT(… FROM …)`) as plain calls, which take parameters anywhere. */
export const plainCalls = (select: Node): Node => {
  const visit = (node: Node): Node | undefined =>
    node.funcformat === 'COERCE_SQL_SYNTAX'
      ? children({ ...node, funcformat: 'COERCE_EXPLICIT_CALL' }, visit)
      : undefined;
  return transform(select, visit);
};

/** Parameters numbered 1, 2, … without gaps, in their old order; and the numbers they had. */
export const renumber = (select: Node): { readonly select: Node; readonly origins: readonly number[] } => {
  const used = new Set(allOf(select, 'ParamRef').map(({ number }) => Number(number ?? 0)));
  const origins = [...used].sort((a, b) => a - b);
  const numbers = new Map(origins.map((origin, index) => [origin, index + 1]));
  const renumbered = transform(select, (node) => {
    const param = bodyOf(node, 'ParamRef');
    return param === undefined ? undefined : paramNode(numbers.get(Number(param.number ?? 0)) ?? 0);
  });
  return { select: renumbered, origins };
};
