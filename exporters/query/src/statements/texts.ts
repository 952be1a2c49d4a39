import type { QueryType } from './query-type';

/** Why the text of a statement isn't kept. */
export const textReasons = [
  'utility',
  'too_long',
  'unparsable',
  'several_statements',
  'literal',
  'no_text',
  'no_room',
] as const;
export type TextReason = (typeof textReasons)[number];

/** What a look at a text told. */
export type Look = {
  readonly type: QueryType;
  /** What a utility statement does, in the parser's words: its text may hold a password. */
  readonly kind: string | null;
  /** One line of normalised SQL without comments and literals; or why there is none. */
  readonly text: string | null;
  readonly reason: TextReason | null;
  /** It reads nothing but the catalogs and statistics. */
  readonly system: boolean;
};

/** What is known of texts, by queryid. */
export type Texts = { readonly looks: ReadonlyMap<string, Look>; readonly bytes: number };

export const noTexts: Texts = { looks: new Map(), bytes: 0 };

/** All texts together; the look itself (type, kind) stays when the text must go. */
export const TEXT_BYTES = 8 * 1024 ** 2;
/** Statements remembered that pg_stat_statements no longer holds; they often come back. */
const REMEMBERED = 10_000;

/** With more looks, within bounds: what pg_stat_statements no longer holds goes first, and of the rest what came last. */
export const withLooks = (
  texts: Texts,
  more: ReadonlyMap<string, Look>,
  held: ReadonlySet<string>,
  limit: number = TEXT_BYTES,
): Texts => {
  if (more.size === 0) return texts;
  const looks = new Map([...texts.looks, ...more]);
  const gone = [...looks.keys()].filter((queryid) => !held.has(queryid));
  for (const queryid of gone.slice(0, -REMEMBERED)) looks.delete(queryid);
  let bytes = [...looks.values()].reduce((sum, look) => sum + sizeOf(look), 0);
  for (const [queryid, look] of bytes <= limit ? [] : expendable(looks, held)) {
    if (bytes <= limit) break;
    bytes -= sizeOf(look);
    looks.set(queryid, { ...look, text: null, reason: 'no_room' });
  }
  return { looks, bytes };
};

/** Texts in the order in which they must go. */
const expendable = (
  looks: ReadonlyMap<string, Look>,
  held: ReadonlySet<string>,
): readonly (readonly [string, Look])[] => {
  const withText = [...looks].filter(([, { text }]) => text !== null);
  const isHeld = ([queryid]: readonly [string, Look]): boolean => held.has(queryid);
  return [...withText.filter((one) => !isHeld(one)), ...withText.filter(isHeld).reverse()];
};

const sizeOf = ({ text }: Look): number => (text === null ? 0 : Buffer.byteLength(text));
