import type { DurationLine } from '../log/line';
import { queryTypeOf, type QueryType, queryTypes } from '../statements/query-type';

/** Types of statements by their id, so that each text is parsed once. */
export type KnownTypes = ReadonlyMap<string, QueryType>;

const MOST_KNOWN = 20_000;
const LONGEST_TEXT = 10_000;

/** The type of the statement that a line is about, and what is known of types from now on. */
export const typeOfLine = (
  { queryid, text, tag }: Pick<DurationLine, 'queryid' | 'text' | 'tag'>,
  known: Map<string, QueryType>,
): QueryType => {
  const before = queryid === null ? undefined : known.get(queryid);
  if (before !== undefined) return before;
  const byTag = typeOfTag(tag);
  if (text === null) return byTag ?? 'other';
  // Without an id there is nothing to remember the parser's verdict by; the tag is the server's own.
  if (queryid === null) return byTag ?? queryTypeOf(text.slice(0, 40));
  const type = queryTypeOf(text.slice(0, LONGEST_TEXT));
  if (known.size >= MOST_KNOWN) known.delete(known.keys().next().value ?? '');
  known.set(queryid, type);
  return type;
};

const TRANSACTION_TAGS = /^(BEGIN|COMMIT|ROLLBACK|START TRANSACTION|SAVEPOINT|RELEASE|PREPARE TRANSACTION)\b/;

/** By the command tag; nothing for the steps before an execution, whose tag is their own name. */
const typeOfTag = (tag: string): QueryType | undefined => {
  if (tag === '' || tag === 'PARSE' || tag === 'BIND') return undefined;
  if (TRANSACTION_TAGS.test(tag)) return 'transaction';
  return queryTypes.find((type) => type.toUpperCase() === tag) ?? 'utility';
};

/** Whether it is the end of a transaction that may have had something to write. */
export const isCommit = ({ tag, phase }: Pick<DurationLine, 'tag' | 'phase'>): boolean =>
  (tag === 'COMMIT' || tag === 'COMMIT PREPARED') && (phase === 'execute' || phase === 'simple');
