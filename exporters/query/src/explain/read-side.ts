import { bodyOf, columnNode, contains, type Node, nodesOf, targetNode, transform, trueNode } from './ast';
import type { Unplannable } from './plannable';

/** The part of a statement that looks for rows, as a SELECT; or why there is none. */
export const readSide = (statement: Node): Node | Unplannable => {
  const found = selectOf(statement);
  if ('reason' in found) return found;
  if (contains(found, 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt')) {
    return { reason: 'writes_inside', detail: 'its WITH clause writes' };
  }
  return withoutLocks(found);
};

const selectOf = (statement: Node): Node | Unplannable => {
  const [tag = ''] = Object.keys(statement);
  const body = bodyOf(statement, tag) ?? {};
  switch (tag) {
    case 'SelectStmt':
      return { SelectStmt: body };
    case 'DeclareCursorStmt':
      return isSelect(body.query) ? body.query : utility(tag);
    case 'InsertStmt':
      return insertSide(body);
    case 'UpdateStmt':
      return change(body, nodesOf(body.fromClause), nodesOf(body.targetList).flatMap(subqueryOf));
    case 'DeleteStmt':
      return change(body, nodesOf(body.usingClause), []);
    case 'MergeStmt':
      return mergeSide(body);
    default:
      return utility(tag);
  }
};

const isSelect = (value: unknown): value is Node => bodyOf(value, 'SelectStmt') !== undefined;

const utility = (tag: string): Unplannable => ({ reason: 'utility', detail: `${tag} has no plan` });

const insertSide = (body: Node): Node | Unplannable => {
  const select = bodyOf(body.selectStmt, 'SelectStmt');
  if (select === undefined || select.valuesLists !== undefined) {
    return { reason: 'nothing_to_plan', detail: 'an INSERT of values looks for no rows' };
  }
  return { SelectStmt: { ...select, ...withOf(body, select) } };
};

const withOf = (outer: Node, inner: Node): Node => {
  const [first, second] = [outer.withClause as Node | undefined, inner.withClause as Node | undefined];
  if (first === undefined || second === undefined) return { withClause: first ?? second };
  const recursive = first.recursive === true || second.recursive === true;
  return { withClause: { ...first, ctes: [...nodesOf(first.ctes), ...nodesOf(second.ctes)], recursive } };
};

/** `SELECT ctid FROM target, others WHERE …`, with the subqueries whose values are assigned. */
const change = (body: Node, others: readonly Node[], values: readonly Node[]): Node | Unplannable => {
  if (contains(body.whereClause, 'CurrentOfExpr')) {
    return { reason: 'cursor', detail: 'it changes the row that a cursor is at' };
  }
  const relation = body.relation as Node;
  return select([rowId(relation), ...values], [{ RangeVar: relation }, ...others], body.whereClause, body.withClause);
};

const mergeSide = (body: Node): Node => {
  const relation = body.relation as Node;
  const join: Node = {
    JoinExpr: {
      jointype: 'JOIN_LEFT',
      larg: body.sourceRelation,
      rarg: { RangeVar: relation },
      quals: body.joinCondition ?? trueNode,
    },
  };
  return select([rowId(relation)], [join], undefined, body.withClause);
};

const rowId = ({ alias, relname }: Node): Node => {
  const name = (alias as Node | undefined)?.aliasname ?? relname;
  return targetNode(columnNode(String(name), 'ctid'));
};

/** A value that is assigned from a subquery; of `(a, b) = (SELECT …)` it is enough whether there is a row. */
const subqueryOf = (target: Node): Node[] => {
  const value = bodyOf(target, 'ResTarget')?.val;
  const several = bodyOf(value, 'MultiAssignRef');
  if (several === undefined) return contains(value, 'SubLink') ? [targetNode(value as Node)] : [];
  const source = bodyOf(several.source, 'SubLink');
  if (source === undefined || several.colno !== 1) return [];
  return [targetNode({ SubLink: { ...source, subLinkType: 'EXISTS_SUBLINK' } })];
};

const select = (
  targetList: readonly Node[],
  fromClause: readonly Node[],
  where: unknown,
  withClause: unknown,
): Node => ({
  SelectStmt: {
    ...{ targetList, fromClause, limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_NONE' },
    ...(where === undefined ? {} : { whereClause: where }),
    ...(withClause === undefined ? {} : { withClause }),
  },
});

/** Row locks need the right to update, and INTO would make a table; neither changes how rows are found. */
const withoutLocks = (select: Node): Node =>
  transform(select, (node) => {
    if (node.lockingClause === undefined && node.intoClause === undefined) return undefined;
    const { lockingClause: _locks, intoClause: _into, ...rest } = node;
    return withoutLocks(rest);
  });
