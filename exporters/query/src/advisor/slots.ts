import { allOf, bodyOf, canonical, isNode, namesOf, type Node, nodesOf } from '../explain/ast';
import type { Ordering, Refusal, Slot, Table } from './model';
import { bodiesOf, type Draft, findTable, mentions, need, newDraft, outputNames, resolve, type Scope } from './scope';
import { classify, targetOf } from './terms';

export type Analysis = { readonly slots: readonly Slot[]; readonly notes: readonly Refusal[] };

/** The tables that a SELECT reads, each with what the statement asks of it. */
export const analyse = (select: Node, tables: readonly Table[], searchPath: readonly string[]): Analysis => {
  const drafts: Draft[] = [];
  const notes: Refusal[] = [];
  const note = (refusal: Refusal): void => {
    if (!notes.some(({ detail }) => detail === refusal.detail)) notes.push(refusal);
  };
  const reader = new Reader(drafts, note, tables, searchPath);
  reader.select(select, undefined);
  return { slots: drafts.map(finish), notes };
};

const finish = ({ table, alias, terms, alternatives, order, limited, grouped, outputs, whole }: Draft): Slot => ({
  ...{ table, alias, terms, alternatives, order, limited, grouped },
  outputs: whole ? null : outputs,
});

/** Goes through a statement once; what it finds goes into the drafts. */
class Reader {
  constructor(
    private readonly drafts: Draft[],
    private readonly note: (refusal: Refusal) => void,
    private readonly tables: readonly Table[],
    private readonly searchPath: readonly string[],
  ) {}

  select(body: Node, parent: Scope | undefined): void {
    const scope: Scope = { sources: [], parent, ctes: new Set(parent?.ctes) };
    this.with(body.withClause, scope);
    if (isNode(body.larg) && isNode(body.rarg)) {
      this.select(body.larg, scope);
      this.select(body.rarg, scope);
      return;
    }
    const conditions = nodesOf(body.fromClause).flatMap((item) => this.from(item, scope));
    if (isNode(body.whereClause)) conditions.push(body.whereClause);
    for (const part of [body.targetList, body.groupClause, body.havingClause, body.sortClause, body.distinctClause]) {
      this.expression(part, scope);
    }
    this.expression(conditions, scope);
    for (const condition of conditions) this.condition(condition, scope);
    this.order(body, scope);
  }

  private with(clause: unknown, scope: Scope): void {
    for (const node of nodesOf(isNode(clause) ? clause.ctes : [])) {
      const cte = bodyOf(node, 'CommonTableExpr');
      if (isNode(clause) && clause.recursive === true) scope.ctes.add(String(cte?.ctename));
      const query = bodyOf(cte?.ctequery, 'SelectStmt');
      if (query !== undefined) this.select(query, scope);
      scope.ctes.add(String(cte?.ctename));
    }
  }

  /** Adds what stands in FROM; returns the conditions of joins. */
  private from(item: Node, scope: Scope): Node[] {
    const table = bodyOf(item, 'RangeVar');
    if (table !== undefined) this.table(table, scope);
    const join = bodyOf(item, 'JoinExpr');
    if (join !== undefined) {
      const inner = [join.larg, join.rarg].flatMap((side) => (isNode(side) ? this.from(side, scope) : []));
      this.using(namesOf(join.usingClause), scope);
      return isNode(join.quals) ? [...inner, join.quals] : inner;
    }
    const subquery = bodyOf(item, 'RangeSubselect');
    if (subquery !== undefined) {
      const select = bodyOf(subquery.subquery, 'SelectStmt');
      const outer = subquery.lateral === true ? scope : scope.parent;
      if (select !== undefined)
        this.select(select, { sources: outer?.sources ?? [], parent: outer?.parent, ctes: scope.ctes });
      const alias = subquery.alias as Node | undefined;
      const renamed = namesOf(alias?.colnames);
      const columns = renamed.length > 0 ? new Set(renamed) : outputNames(select);
      scope.sources.push({ alias: nameOf(alias), draft: undefined, columns });
    }
    const call = bodyOf(item, 'RangeFunction') ?? bodyOf(item, 'RangeTableFunc');
    if (call !== undefined) {
      this.expression(call, scope);
      const alias = nameOf(call.alias);
      scope.sources.push({ alias, draft: undefined, columns: undefined });
    }
    return [];
  }

  private table(range: Node, scope: Scope): void {
    const alias = String((range.alias as Node | undefined)?.aliasname ?? range.relname);
    const isCte = range.schemaname === undefined && scope.ctes.has(String(range.relname));
    const found = isCte ? undefined : findTable(range, this.tables, this.searchPath);
    if (found === undefined || 'reason' in found || found.kind === 'view' || found.kind === 'foreign table') {
      if (found !== undefined && !isSystems(range)) this.note('reason' in found ? found : notOurs(found));
      const columns = found !== undefined && 'columns' in found ? new Set(found.columns.keys()) : undefined;
      scope.sources.push({ alias, draft: undefined, columns });
      return;
    }
    const draft = newDraft(found, alias);
    this.drafts.push(draft);
    scope.sources.push({ alias, draft, columns: undefined });
  }

  private using(columns: readonly string[], scope: Scope): void {
    for (const column of columns) {
      for (const { draft } of scope.sources) {
        if (draft?.table.columns.has(column) !== true) continue;
        draft.outputs.add(column);
        draft.terms.push({ kind: 'join', target: { kind: 'column', column }, operator: '=', constant: null });
      }
    }
  }

  /** Notes the columns that are needed, and goes into subqueries. */
  private expression(value: unknown, scope: Scope): void {
    need(value, scope);
    for (const link of allOf(value, 'SubLink')) {
      const inner = bodyOf(link.subselect, 'SelectStmt');
      if (inner !== undefined) this.select(inner, scope);
    }
  }

  private condition(condition: Node, scope: Scope): void {
    for (const part of conjuncts(condition)) {
      const arms = disjuncts(part);
      if (arms.length > 1) this.either(arms, scope);
      else for (const { draft, term } of classify(part, scope, this.note)) draft.terms.push(term);
    }
  }

  /** Of `a = 1 OR a = 2` a list; otherwise each arm is a way in. */
  private either(arms: readonly Node[], scope: Scope): void {
    const ways = arms.map((arm) => conjuncts(arm).flatMap((part) => classify(part, scope, this.note)));
    const drafts = new Set(ways.flatMap((way) => way.map(({ draft }) => draft)));
    for (const draft of drafts) {
      const own = ways.map((way) => way.flatMap((one) => (one.draft === draft ? [one.term] : [])));
      const [first] = own.flat();
      const alike = own.every(
        (terms) => terms.length === 1 && canonical(terms[0]?.target) === canonical(first?.target),
      );
      if (alike && first !== undefined && own.every(([term]) => term?.kind === 'equal')) {
        draft.terms.push({ ...first, kind: 'in', constant: null });
      } else draft.alternatives.push(...own.filter((terms) => terms.length > 0));
    }
  }

  private order(body: Node, scope: Scope): void {
    const targets = bodiesOf(body.targetList, 'ResTarget');
    const wanted = wantedOrder(body, targets, scope);
    const [first] = wanted;
    if (first?.draft.order.length === 0) {
      const own = wanted.findIndex(({ draft }) => draft !== first.draft);
      first.draft.order = wanted.slice(0, own === -1 ? undefined : own).map(({ ordering }) => ordering);
      first.draft.limited = body.limitCount !== undefined && own === -1;
    }
    for (const group of nodesOf(body.groupClause)) {
      const found = targetOf(meant(group, targets, scope), scope);
      found?.draft.grouped.push(found.target);
    }
    extremes(targets, scope);
  }
}

const nameOf = (alias: unknown): string => {
  const name = isNode(alias) ? alias.aliasname : undefined;
  return typeof name === 'string' ? name : '';
};

/** Tables of the server itself, which nobody adds indexes to. */
const isSystems = ({ schemaname, relname }: Node): boolean =>
  /^(pg_catalog|information_schema)$/.test(String(schemaname)) || String(relname).startsWith('pg_');

const notOurs = ({ kind, name }: Table): Refusal => ({
  reason: kind === 'view' ? 'view' : 'foreign_table',
  detail: kind === 'view' ? `${name} is a view; only its tables can have indexes` : `${name} lives on another server`,
});

const conjuncts = (condition: Node): Node[] => {
  const body = bodyOf(condition, 'BoolExpr');
  return body?.boolop === 'AND_EXPR' ? nodesOf(body.args).flatMap(conjuncts) : commonOf(condition);
};

/** What every arm of an OR says holds anyway. */
const commonOf = (condition: Node): Node[] => {
  const arms = disjuncts(condition);
  if (arms.length < 2) return [condition];
  const parts = arms.map((arm) => {
    const body = bodyOf(arm, 'BoolExpr');
    return body?.boolop === 'AND_EXPR' ? nodesOf(body.args) : [arm];
  });
  const [first = [], ...rest] = parts;
  const common = first.filter((part) => rest.every((other) => other.some((one) => canonical(one) === canonical(part))));
  return [...common, condition];
};

const disjuncts = (condition: Node): Node[] => {
  const body = bodyOf(condition, 'BoolExpr');
  return body?.boolop === 'OR_EXPR' ? nodesOf(body.args).flatMap(disjuncts) : [condition];
};

/** What an output's name or number stands for. */
const meant = (node: unknown, targets: readonly Node[], scope: Scope): unknown => {
  const position = (bodyOf(node, 'A_Const')?.ival as Node | undefined)?.ival;
  if (typeof position === 'number') return targets[position - 1]?.val;
  const names = namesOf(bodyOf(node, 'ColumnRef')?.fields);
  const named = names.length === 1 ? targets.find(({ name }) => name === names[0]) : undefined;
  if (named !== undefined) return named.val;
  return resolve(node, scope) === undefined ? undefined : node;
};

type Wanted = { readonly draft: Draft; readonly ordering: Ordering };

/** The order of the answer, up to the first thing that no index can be on. */
const wantedOrder = (body: Node, targets: readonly Node[], scope: Scope): Wanted[] => {
  const found: Wanted[] = [];
  const sorts = bodiesOf(body.sortClause, 'SortBy');
  const distinct = nodesOf(body.distinctClause).filter((node) => Object.keys(node).length > 0);
  const keys: Node[] = sorts.length > 0 ? sorts : distinct.map((node) => ({ node }));
  for (const { node, sortby_dir, sortby_nulls } of keys) {
    const side = meant(node, targets, scope);
    const target = side === undefined ? undefined : targetOf(side, scope);
    if (target === undefined) break;
    const descending = sortby_dir === 'SORTBY_DESC';
    const nullsFirst = sortby_nulls === 'SORTBY_NULLS_FIRST' || (sortby_nulls !== 'SORTBY_NULLS_LAST' && descending);
    found.push({ draft: target.draft, ordering: { target: target.target, descending, nullsFirst } });
  }
  return found;
};

/** min() and max() of a column are the first row in its order. */
const extremes = (targets: readonly Node[], scope: Scope): void => {
  for (const call of allOf(targets, 'FuncCall')) {
    const name = namesOf(call.funcname).at(-1);
    const [argument] = nodesOf(call.args);
    if ((name !== 'min' && name !== 'max') || call.agg_filter !== undefined || argument === undefined) continue;
    if (mentions(argument, scope).drafts.size !== 1) continue;
    const found = targetOf(argument, scope);
    if (found === undefined || found.draft.order.length > 0) continue;
    found.draft.order = [{ target: found.target, descending: name === 'max', nullsFirst: name === 'max' }];
    found.draft.limited = true;
  }
};
