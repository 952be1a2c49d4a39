import { bodyOf, contains, isNode, namesOf, type Node, nodesOf } from '../explain/ast';
import { expressionText, functionsIn } from './expression';
import type { Refusal, Target, Term, TermKind } from './model';
import { type Draft, mentions, resolve, type Scope } from './scope';

export type Classified = { readonly draft: Draft; readonly term: Term };

/** What conditions say of tables; `note` hears of those that hide a column from every index. */
export const classify = (condition: Node, scope: Scope, note: (refusal: Refusal) => void): Classified[] => {
  const expression = bodyOf(condition, 'A_Expr');
  if (expression !== undefined) return comparison(expression, scope, note);
  const test = bodyOf(condition, 'NullTest');
  if (test !== undefined) {
    return termOn(test.arg, scope, test.nulltesttype === 'IS_NULL' ? 'null' : 'not null', '', null);
  }
  const list = bodyOf(condition, 'SubLink');
  if (list?.subLinkType === 'ANY_SUBLINK' && list.operName === undefined) {
    return termOn(list.testexpr, scope, 'join', '=', null);
  }
  return flag(condition, scope);
};

/** A column that is itself a condition, as in `WHERE active AND NOT hidden`. */
const flag = (condition: Node, scope: Scope): Classified[] => {
  const negated = bodyOf(condition, 'BoolExpr');
  const inner = negated?.boolop === 'NOT_EXPR' ? nodesOf(negated.args)[0] : condition;
  if (bodyOf(inner, 'ColumnRef') === undefined) return [];
  return termOn(inner, scope, 'equal', '=', negated === undefined ? 'true' : 'false');
};

const RANGES = new Set(['<', '<=', '>', '>=']);
const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
/** What a GIN or GiST index may serve. */
const PATTERNS = new Set(['@>', '<@', '&&', '?', '?|', '?&', '@@', '@?', '~', '~*', '~~', '~~*', '%']);

const comparison = (expression: Node, scope: Scope, note: (refusal: Refusal) => void): Classified[] => {
  const { kind, lexpr, rexpr } = expression;
  const operator = namesOf(expression.name).at(-1) ?? '';
  if (kind === 'AEXPR_IN') return operator === '=' ? inList(lexpr, rexpr, scope) : [];
  if (kind === 'AEXPR_OP_ANY') return operator === '=' ? termOn(lexpr, scope, 'in', '=', null, rexpr) : [];
  if (kind === 'AEXPR_BETWEEN' || kind === 'AEXPR_BETWEEN_SYM') {
    return termOn(lexpr, scope, 'range', 'BETWEEN', null, rexpr, note);
  }
  if (kind === 'AEXPR_LIKE' || kind === 'AEXPR_ILIKE') return termOn(lexpr, scope, 'pattern', operator, literal(rexpr));
  if (kind !== 'AEXPR_OP') return [];
  if (operator === '=') return equality(lexpr, rexpr, scope, note);
  if (RANGES.has(operator)) {
    return [
      ...termOn(firstOf(lexpr), scope, 'range', operator, literal(rexpr), rexpr, note),
      ...termOn(firstOf(rexpr), scope, 'range', MIRRORED[operator] ?? operator, literal(lexpr), lexpr, note),
    ];
  }
  return PATTERNS.has(operator) ? termOn(lexpr, scope, 'pattern', operator, literal(rexpr)) : [];
};

/** `(a, b) > ($1, $2)` begins a range of a. */
const firstOf = (side: unknown): unknown => {
  const row = bodyOf(side, 'RowExpr');
  return row === undefined ? side : nodesOf(row.args)[0];
};

const equality = (left: unknown, right: unknown, scope: Scope, note: (refusal: Refusal) => void): Classified[] => {
  const [rows, others] = [bodyOf(left, 'RowExpr'), bodyOf(right, 'RowExpr')];
  if (rows !== undefined && others !== undefined) {
    const values = nodesOf(others.args);
    return nodesOf(rows.args).flatMap((one, i) => equality(one, values[i], scope, note));
  }
  const one = (side: unknown, other: unknown): Classified[] => {
    const { drafts, other: unknown } = mentions(other, scope);
    const joined = drafts.size > 0 || unknown;
    return termOn(side, scope, joined ? 'join' : 'equal', '=', literal(other), other, note);
  };
  return [...one(left, right), ...one(right, left)];
};

const inList = (left: unknown, list: unknown, scope: Scope): Classified[] => {
  const items = nodesOf(bodyOf(list, 'List')?.items);
  if (items.length !== 1) return termOn(left, scope, 'in', '=', null, list);
  return termOn(left, scope, 'equal', '=', literal(items[0]), list);
};

/** A term on what stands on one side, if that is of one table, and the other side is not of the same. */
const termOn = (
  side: unknown,
  scope: Scope,
  kind: TermKind,
  operator: string,
  constant: string | null,
  other?: unknown,
  note?: (refusal: Refusal) => void,
): Classified[] => {
  const found = targetOf(side, scope, note);
  if (found === undefined || mentions(other, scope).drafts.has(found.draft)) return [];
  return [{ draft: found.draft, term: { kind, target: found.target, operator, constant } }];
};

/** The column or expression that an index could be on. */
export const targetOf = (
  side: unknown,
  scope: Scope,
  note?: (refusal: Refusal) => void,
): { readonly draft: Draft; readonly target: Target } | undefined => {
  if (!isNode(side)) return undefined;
  if (bodyOf(side, 'ColumnRef') !== undefined) {
    const found = resolve(side, scope);
    if (found === undefined || found === 'other' || !found.draft.table.columns.has(found.column)) return undefined;
    return { draft: found.draft, target: { kind: 'column', column: found.column } };
  }
  return expressionTarget(side, scope, note);
};

const expressionTarget = (
  side: Node,
  scope: Scope,
  note?: (refusal: Refusal) => void,
): { readonly draft: Draft; readonly target: Target } | undefined => {
  const { drafts, other } = mentions(side, scope);
  const [draft] = drafts;
  if (draft === undefined || drafts.size > 1 || other || contains(side, 'SubLink', 'WindowDef')) return undefined;
  const { sql, columns } = expressionText(side);
  if (contains(side, 'ParamRef')) {
    note?.({
      reason: 'expression_with_parameter',
      detail: `${sql} can have no index, as a value in it changes; a range over ${columns.join(', ')} alone could use one`,
    });
    return undefined;
  }
  return { draft, target: { kind: 'expression', sql, columns, functions: functionsIn(side) } };
};

/** A value that is written out, as SQL. */
const literal = (value: unknown): string | null => {
  const cast = bodyOf(value, 'TypeCast');
  const constant = bodyOf(cast === undefined ? value : cast.arg, 'A_Const');
  if (constant === undefined || constant.isnull === true || !isNode(value)) return null;
  return expressionText(value).sql;
};
