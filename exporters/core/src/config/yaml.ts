import { Lexer, LineCounter, parseDocument, type YAMLError } from 'yaml';
import { SubmilliError } from '../errors';

/**
 * YAML as plain values. What it throws says what is wrong and where, and repeats nothing of the text: a password that
 * lacks its quotes must not get into a log.
 */
export const readYaml = (text: string, where: string): unknown => {
  const refuse = (what: string, hint = 'Nothing was changed.'): SubmilliError =>
    new SubmilliError({ what: `not valid YAML: ${what}`, where, hint });
  if (isTooDeep(text)) throw refuse(`nested deeper than ${DEEPEST} levels`);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...{ merge: true, uniqueKeys: true, prettyErrors: false, lineCounter: lines, logLevel: 'error' },
  });
  const broken = document.errors[0] ?? document.warnings[0];
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw refuse(`${explain(broken)} at line ${line}, column ${col}`);
  }
  let value: unknown;
  try {
    value = document.toJS();
  } catch {
    const what =
      'an alias (*name) has no anchor (&name) before it, is merged though it is no map, or is used too often';
    throw refuse(what, 'A value that begins with * must be in quotes. Nothing was changed.');
  }
  const odd = oddity(value, new Set());
  if (odd !== undefined) throw refuse(odd);
  return value;
};

/** Far above what any file of ours has; thousands would end the process in the parser. */
const DEEPEST = 50;

/** Before the parser sees it: by its brackets, and by how far its lines are indented. */
const isTooDeep = (text: string): boolean => {
  if (/^[ ?:-]{200}/m.test(text)) return true;
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    if (depth > DEEPEST) return true;
  }
  return false;
};

/** The parser's own words for most; some of them quote the text. */
const explain = ({ code, message }: YAMLError): string => {
  switch (code) {
    case 'BAD_ALIAS':
      return 'an alias that is none: a value that begins with * must be in quotes';
    case 'BAD_DIRECTIVE':
      return 'an unknown directive: a line that begins with % must be in quotes';
    case 'BAD_DQ_ESCAPE':
      return 'an invalid escape sequence: a backslash in double quotes must be doubled';
    case 'BAD_SCALAR_START':
      return 'a value that begins with a reserved character must be in quotes';
    case 'MULTIPLE_DOCS':
      return 'several documents in one file';
    case 'TAG_RESOLVE_FAILED':
      return 'an unknown tag: a value that begins with ! must be in quotes';
    case 'UNEXPECTED_TOKEN':
      return 'something that can’t stand here';
    default:
      return message;
  }
};

/** What can't be written as JSON: YAML 1.1 has sets, dates and bytes, and an alias may stand for what it is in. */
const oddity = (value: unknown, above: Set<object>): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  if (above.has(value)) return 'an alias of what it is itself a part of';
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype)
    return 'a value that is no text, number, list or map';
  above.add(value);
  for (const inner of Object.values(value)) {
    const odd = oddity(inner, above);
    if (odd !== undefined) return odd;
  }
  above.delete(value);
  return undefined;
};
