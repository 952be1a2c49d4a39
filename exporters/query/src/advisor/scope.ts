import { allOf, bodyOf, namesOf, type Node, nodesOf } from '../explain/ast';
import type { Ordering, Refusal, Table, Target, Term } from './model';

/** A table in a statement while what it says of it is gathered. */
export type Draft = {
  readonly table: Table;
  readonly alias: string;
  readonly terms: Term[];
  readonly alternatives: Term[][];
  readonly grouped: Target[];
  readonly outputs: Set<string>;
  order: readonly Ordering[];
  limited: boolean;
  /** Needs every column, or one that no index holds. */
  whole: boolean;
};

/** What FROM names: a table that we know, or something else whose columns are known or not. */
export type Source = {
  readonly alias: string;
  readonly draft: Draft | undefined;
  readonly columns: ReadonlySet<string> | undefined;
};

export type Scope = {
  readonly sources: Source[];
  readonly parent: Scope | undefined;
  /** Names that WITH gave, which come before tables. */
  readonly ctes: Set<string>;
};

export type Resolved = { readonly draft: Draft; readonly column: string };

export const newDraft = (table: Table, alias: string): Draft => ({
  ...{ table, alias, terms: [], alternatives: [], grouped: [], outputs: new Set<string>() },
  ...{ order: [], limited: false, whole: false },
});

/** The bodies of those nodes of a list that are of this kind. */
export const bodiesOf = (list: unknown, tag: string): Node[] =>
  nodesOf(list).flatMap((node): Node[] => {
    const body = bodyOf(node, tag);
    return body === undefined ? [] : [body];
  });

/** Where a name points. Of a valid statement no name has two meanings in one scope; if two are found, we take none. */
export const resolve = (reference: unknown, scope: Scope | undefined): Resolved | 'other' | undefined => {
  const names = namesOf(bodyOf(reference, 'ColumnRef')?.fields);
  const [qualifier, column] = names.length === 1 ? [undefined, names[0]] : [names.at(-2), names.at(-1)];
  if (column === undefined || column === '*') return undefined;
  for (let at = scope; at !== undefined; at = at.parent) {
    const found = inSources(at.sources, qualifier, column);
    if (found !== undefined) return found;
  }
  return undefined;
};

const inSources = (
  sources: readonly Source[],
  qualifier: string | undefined,
  column: string,
): Resolved | 'other' | undefined => {
  if (qualifier !== undefined) {
    const named = sources.filter(({ alias }) => alias === qualifier);
    const [only] = named;
    if (only === undefined || named.length > 1) return only === undefined ? undefined : 'other';
    return only.draft === undefined ? 'other' : { draft: only.draft, column };
  }
  const holders = sources.filter(
    ({ draft, columns }) => draft?.table.columns.has(column) === true || columns?.has(column) === true,
  );
  const [only] = holders;
  if (only === undefined) return sources.some(isOpaque) ? 'other' : undefined;
  if (holders.length > 1) return 'other';
  return only.draft === undefined ? 'other' : { draft: only.draft, column };
};

const isOpaque = ({ draft, columns }: Source): boolean => draft === undefined && columns === undefined;

/** Every table that an expression speaks of, and whether it also needs something that we can't place. */
export const mentions = (
  value: unknown,
  scope: Scope,
): { readonly drafts: ReadonlySet<Draft>; readonly other: boolean } => {
  const drafts = new Set<Draft>();
  let other = false;
  for (const body of allOf(value, 'ColumnRef')) {
    const found = resolve({ ColumnRef: body }, scope);
    if (found === undefined || found === 'other') other = true;
    else drafts.add(found.draft);
  }
  return { drafts, other };
};

/** Notes which columns an expression needs. */
export const need = (value: unknown, scope: Scope): void => {
  for (const body of allOf(value, 'ColumnRef')) needReference(body, scope);
};

const needReference = (body: Node, scope: Scope): void => {
  const names = namesOf(body.fields);
  if (names.at(-1) === '*') {
    const wanted = names.at(-2);
    for (const { alias, draft } of scope.sources) {
      if (draft !== undefined && (wanted === undefined || wanted === alias)) draft.whole = true;
    }
    return;
  }
  const found = resolve({ ColumnRef: body }, scope);
  if (found === 'other') return;
  if (found === undefined) wholeRow(names, scope);
  else if (found.draft.table.columns.has(found.column)) found.draft.outputs.add(found.column);
  else found.draft.whole = true; // ctid and its like
};

/** A table's name where a column is expected is its whole row; of what nobody knows, any table may be meant. */
const wholeRow = (names: readonly string[], scope: Scope): void => {
  const named = scope.sources.filter(({ alias }) => alias === names.at(-1));
  for (const { draft } of named.length > 0 ? named : scope.sources) if (draft !== undefined) draft.whole = true;
};

/** The table that a name means to a role with this search path, or why none. */
export const findTable = (
  { relname, schemaname }: Node,
  tables: readonly Table[],
  searchPath: readonly string[],
): Table | Refusal => {
  const name = String(relname);
  const called = tables.filter((table) => table.name === name);
  const schemas = typeof schemaname === 'string' ? [schemaname] : searchPath;
  for (const schema of schemas) {
    const found = called.find((table) => table.schema === schema);
    if (found !== undefined) return found;
  }
  return called.length === 0
    ? { reason: 'unknown_table', detail: `no table ${name} of an application is known here` }
    : { reason: 'not_in_search_path', detail: `${name} is not in ${schemas.join(', ') || 'an empty search_path'}` };
};

/** The schemas of a `search_path`. */
export const schemasOf = (searchPath: string): readonly string[] =>
  (searchPath.match(/"(?:[^"]|"")*"|[^\s,]+/g) ?? []).map((name) =>
    name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase(),
  );

/** The names of a subquery's columns, unless a star hides them. */
export const outputNames = (select: Node | undefined): ReadonlySet<string> | undefined => {
  const first = leftmost(select);
  if (first === undefined || first.valuesLists !== undefined) return undefined;
  const names = nodesOf(first.targetList).map((target) => {
    const body = bodyOf(target, 'ResTarget');
    if (typeof body?.name === 'string') return body.name;
    const call = namesOf(bodyOf(body?.val, 'FuncCall')?.funcname).at(-1);
    return call ?? namesOf(bodyOf(body?.val, 'ColumnRef')?.fields).at(-1) ?? '?column?';
  });
  return names.includes('*') ? undefined : new Set(names);
};

const leftmost = (select: Node | undefined): Node | undefined => {
  let at = select;
  while (at?.larg !== undefined) at = at.larg as Node;
  return at;
};
