import { parseSync } from '../parser';

/** A node of libpg-query's tree, as JSON: `{ "ParamRef": { "number": 1 } }`, or its bare body where the field says which. */
export type Node = Readonly<Record<string, unknown>>;

/** The statements of a text. */
export const parseText = (text: string): readonly Node[] =>
  nodesOf(parseSync(text).stmts).flatMap(({ stmt }) => (isNode(stmt) ? [stmt] : []));

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The body of a node if it is of this kind. */
export const bodyOf = (value: unknown, tag: string): Node | undefined => {
  const body = isNode(value) ? value[tag] : undefined;
  return isNode(body) ? body : undefined;
};

export const nodesOf = (value: unknown): readonly Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

/** What stands in a node's place: another, several (in a list), or nothing to say: then its children are looked at. */
export type Visit = (node: Node, field: string) => Node | readonly Node[] | undefined;

/** A copy of the tree with some nodes replaced; a replacement is not looked into. */
export const transform = <T>(value: T, visit: Visit): T => copy(value, '', visit) as T;

const copy = (value: unknown, field: string, visit: Visit): unknown => {
  if (Array.isArray(value)) return value.flatMap((item) => copy(item, field, visit));
  if (!isNode(value)) return value;
  return visit(value, field) ?? children(value, visit);
};

/** The node itself stays; its children are looked at. */
export const children = (node: Node, visit: Visit): Node =>
  Object.fromEntries(Object.entries(node).map(([key, value]) => [key, copy(value, key, visit)]));

/** Every node of the tree, parents first. */
export function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* walk(item);
  else if (isNode(value)) {
    yield value;
    for (const child of Object.values(value)) yield* walk(child);
  }
}

/** All bodies of one kind in the tree. */
export const allOf = (value: unknown, tag: string): Node[] =>
  [...walk(value)].flatMap((node): Node[] => {
    const body = bodyOf(node, tag);
    return body === undefined ? [] : [body];
  });

export const contains = (value: unknown, ...tags: readonly string[]): boolean => {
  for (const node of walk(value)) if (tags.some((tag) => tag in node)) return true;
  return false;
};

/** `["s", "f"]` of a list of String nodes; a star is "*". */
export const namesOf = (fields: unknown): string[] =>
  nodesOf(fields).map((field) => {
    const name = bodyOf(field, 'String')?.sval;
    return typeof name === 'string' ? name : '*';
  });

export const textNode = (sval: string): Node => ({ String: { sval } });
export const paramNode = (number: number): Node => ({ ParamRef: { number } });
/** The parser leaves a zero out. */
export const integerNode = (ival: number): Node => ({ A_Const: { ival: ival === 0 ? {} : { ival } } });
export const trueNode: Node = { A_Const: { boolval: { boolval: true } } };
export const targetNode = (val: Node): Node => ({ ResTarget: { val } });
export const columnNode = (...names: readonly string[]): Node => ({ ColumnRef: { fields: names.map(textNode) } });
export const typeNode = (...names: readonly string[]): Node => ({ names: names.map(textNode), typemod: -1 });
export const castNode = (arg: Node, typeName: Node): Node => ({ TypeCast: { arg, typeName } });

/** Where something stood in the text, and how a call was spelled. */
const PLACES = new Set([
  ...[
    'location',
    'stmt_len',
    'stmt_location',
    'list_start',
    'list_end',
    'rexpr_list_start',
    'rexpr_list_end',
    'funcformat',
  ],
]);

/** The tree without positions in the text: equal for texts that mean the same to the grammar. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (key, inner: unknown) => {
    if (PLACES.has(key)) return undefined;
    return isNode(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner;
  });
