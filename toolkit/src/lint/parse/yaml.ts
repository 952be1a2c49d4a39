import { isAlias, isMap, isScalar, isSeq, type Node as YamlNode, parseDocument, type Document } from 'yaml';
import { placeAt, topOf, wordAt, type Broken, type Place, type Source, type Word } from './place';

/** A node of a YAML file with where it stands; `text` is a scalar as it was written, without its quotes. */
export type Tree = {
  readonly place: Place;
  /** The key that leads to it. */
  readonly key: Word | undefined;
  readonly text: string | undefined;
  readonly quoted: boolean;
  readonly entries: ReadonlyMap<string, Tree>;
  readonly items: readonly Tree[];
};

export type YamlText = { readonly root: Tree; readonly plain: unknown; readonly broken: readonly Broken[] };

const NONE: ReadonlyMap<string, Tree> = new Map();

const treeOf = (source: Source, document: Document, node: unknown, key: Word | undefined, deep: number): Tree => {
  const real = isAlias(node) ? node.resolve(document) : (node as YamlNode | null | undefined);
  const [start, end] = real?.range ?? [key?.start ?? 0, key?.end ?? 0];
  const place = placeAt(source, start, Math.max(start, end));
  const bare = { place, key, text: undefined, quoted: false, entries: NONE, items: [] };
  // Anchors may refer to what they are part of.
  if (real === null || real === undefined || deep > 50) return bare;
  if (isScalar(real)) {
    const quoted = real.type === 'QUOTE_DOUBLE' || real.type === 'QUOTE_SINGLE';
    const text = typeof real.value === 'string' ? real.value : (real.source ?? String(real.value));
    return { ...bare, quoted, text: real.value === null && real.source === '' ? undefined : text };
  }
  if (isSeq(real))
    return { ...bare, items: real.items.map((item) => treeOf(source, document, item, undefined, deep + 1)) };
  if (!isMap(real)) return bare;
  const entries = new Map<string, Tree>();
  for (const { key: own, value } of real.items) {
    if (!isScalar(own)) continue;
    const name = own.source ?? String(own.value);
    const [from, to] = own.range ?? [start, start];
    const word = wordAt(source, from, to, typeof own.value === 'string' ? own.value : name);
    if (word.text === '<<') {
      const merged = treeOf(source, document, value, word, deep + 1);
      for (const [each, tree] of merged.entries) if (!entries.has(each)) entries.set(each, tree);
    } else entries.set(word.text, treeOf(source, document, value, word, deep + 1));
  }
  return { ...bare, entries };
};

export const parseYaml = (source: Source): YamlText => {
  try {
    const document = parseDocument(source.text, { merge: true, prettyErrors: false, uniqueKeys: true });
    const broken = document.errors.map(({ pos: [start, end], message }) => ({
      place: placeAt(source, start, Math.max(end, start + 1)),
      what: message,
    }));
    const plain: unknown = broken.length === 0 ? document.toJS() : undefined;
    return { root: treeOf(source, document, document.contents, undefined, 0), plain, broken };
  } catch (error) {
    // Aliases without end, and the like.
    const what = error instanceof Error ? error.message : String(error);
    const root = { place: topOf(source), key: undefined, text: undefined, quoted: false, entries: NONE, items: [] };
    return { root, plain: undefined, broken: [{ place: topOf(source), what }] };
  }
};

/** What is at the end of the path. */
export const at = (tree: Tree | undefined, ...path: readonly string[]): Tree | undefined =>
  path.reduce<Tree | undefined>((node, key) => node?.entries.get(key), tree);

/** Where to point for a node: its value if that is short, else the key that leads to it. */
export const spot = (tree: Tree): Place => (tree.text === undefined && tree.key !== undefined ? tree.key : tree.place);
