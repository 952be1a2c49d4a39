import { normalizeSync, parseSync, type ScanToken, scanSync } from '../parser';
import { allOf, isNode, type Node, nodesOf } from '../explain/ast';
import { queryTypeByFirstWord, typeOfNode } from './query-type';
import type { Look, TextReason } from './texts';

const PLANNED = new Set(['select', 'insert', 'update', 'delete', 'merge']);

/**
 * Looks at the text of one statement. What is kept of it has no comment and no literal; nothing else of it gets on, nor
 * into a message.
 *
 * @param isCut only the beginning was read: it would mean something else
 */
export const lookAt = (text: string, isCut: boolean): Look => {
  if (isCut) return without('too_long', { type: queryTypeByFirstWord(text) });
  try {
    return lookAtWhole(text);
  } catch {
    return without('unparsable', { type: queryTypeByFirstWord(text) });
  }
};

const lookAtWhole = (text: string): Look => {
  const [first, ...more] = nodesOf(parseSync(text).stmts).map(({ stmt }) => stmt);
  if (!isNode(first)) return without('no_text', {});
  const type = typeOfNode(first);
  if (!PLANNED.has(type)) return without('utility', { type, kind: kindOf(first) });
  if (more.length > 0) return without('several_statements', { type });
  const bare = normalised(text);
  const system = type === 'select' && readsSystemOnly(first);
  return bare === undefined ? without('literal', { type, system }) : { ...found, type, text: bare, system };
};

const found: Look = { type: 'other', kind: null, text: null, reason: null, system: false };

const without = (reason: TextReason, more: Partial<Look>): Look => ({ ...found, ...more, reason });

export const withoutText: Look = { ...found, reason: 'no_text' };

/** `AlterRoleStmt` is "alter role". */
const kindOf = (statement: Node): string =>
  (Object.keys(statement)[0] ?? '')
    .replace(/Stmt$/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();

const COMMENTS = new Set(['SQL_COMMENT', 'C_COMMENT']);
/** PostgreSQL 18 shows a list of any length as its first element and this. */
const SQUASHED = '/*, ... */';
const STRINGS = new Set(['SCONST', 'USCONST', 'BCONST', 'XCONST']);

/** In one line, comments gone and every literal a parameter; nothing if the parser left one. */
const normalised = (text: string): string | undefined => {
  const bytes = Buffer.from(withoutControls(normalizeSync(text)));
  const { tokens } = scanSync(bytes.toString());
  const kept = tokens.filter((token) => !COMMENTS.has(token.tokenName) || token.text === SQUASHED);
  if (kept.some((token) => STRINGS.has(token.tokenName) || token.text.includes(REPLACED))) return undefined;
  return kept
    .map((token, i) => spaceBefore(kept[i - 1], token) + bytes.toString('utf8', token.start, token.end))
    .join('');
};

const REPLACED = '\ufffd';

/** The scanner can't say tokens with control characters. They are left in comments, as a rule. */
const withoutControls = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- that is what it is about
  text.replaceAll(/[\f\v]/g, ' ').replaceAll(/[\x00-\x08\x0e-\x1f]/g, REPLACED);

const spaceBefore = (before: ScanToken | undefined, { start }: ScanToken): string =>
  before === undefined || before.end === start ? '' : ' ';

const SYSTEM_SCHEMAS = new Set(['pg_catalog', 'information_schema']);

/** What monitoring asks. A name that a WITH clause gives is no table. */
const readsSystemOnly = (select: Node): boolean => {
  const given = new Set(allOf(select, 'CommonTableExpr').map(({ ctename }) => ctename));
  const tables = allOf(select, 'RangeVar').filter(
    ({ relname, schemaname }) => schemaname !== undefined || !given.has(relname),
  );
  return (
    tables.length > 0 &&
    tables.every(
      ({ relname, schemaname }) => SYSTEM_SCHEMAS.has(String(schemaname)) || String(relname).startsWith('pg_'),
    )
  );
};
