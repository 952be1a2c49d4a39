import { loadModule, parseSync } from '../parser';

export const queryTypes = [
  'select',
  'insert',
  'update',
  'delete',
  'merge',
  'copy',
  'transaction',
  'utility',
  'other',
] as const;
export type QueryType = (typeof queryTypes)[number];

/** Loads the parser; once per process, before the first `queryTypeOf`. */
export const loadParser = (): Promise<void> => loadModule();

const byNode: Readonly<Record<string, QueryType>> = {
  SelectStmt: 'select',
  InsertStmt: 'insert',
  UpdateStmt: 'update',
  DeleteStmt: 'delete',
  MergeStmt: 'merge',
  CopyStmt: 'copy',
  TransactionStmt: 'transaction',
};

/**
 * What kind of statement a text is, by PostgreSQL's own grammar. A SELECT whose WITH clause writes counts as that
 * write. Text that was cut off, or is newer than the grammar, is judged by its first word.
 */
export const queryTypeOf = (text: string): QueryType => {
  try {
    const statement: unknown = parseSync(text).stmts?.[0]?.stmt;
    return statement === undefined ? 'other' : typeOfNode(statement);
  } catch {
    return queryTypeByFirstWord(text);
  }
};

export const typeOfNode = (node: unknown): QueryType => {
  const [entry] = isRecord(node) ? Object.entries(node) : [];
  if (entry === undefined) return 'other';
  const [name, body] = entry;
  const type = byNode[name] ?? 'utility';
  if (type !== 'select') return type;
  // SELECT INTO makes a table.
  return isRecord(body) && 'intoClause' in body ? 'utility' : (writeInside(body) ?? 'select');
};

const writeInside = (select: unknown): QueryType | undefined => {
  const clause = isRecord(select) ? select.withClause : undefined;
  const ctes = isRecord(clause) && Array.isArray(clause.ctes) ? (clause.ctes as unknown[]) : [];
  return ctes
    .map((cte) =>
      isRecord(cte) && isRecord(cte.CommonTableExpr) ? typeOfNode(cte.CommonTableExpr.ctequery) : 'select',
    )
    .find((type) => type !== 'select');
};

const TRANSACTION_WORDS = ['begin', 'commit', 'rollback', 'savepoint', 'release', 'start', 'end', 'abort'];

/** For text that can't be parsed. In a WITH query a write follows a parenthesis: one that opens its term, or closes the last. */
export const queryTypeByFirstWord = (text: string): QueryType => {
  const bare = text.replace(/^(?:\s|--[^\n]*\n|\/\*.*?\*\/)+/s, '');
  const word = /^[\s(]*([a-z]+)/i.exec(bare)?.[1]?.toLowerCase() ?? '';
  if (word === 'with') return writeAfterWith(bare);
  if (word === 'values' || word === 'table') return 'select';
  if (TRANSACTION_WORDS.includes(word)) return 'transaction';
  return queryTypes.find((type) => type === word) ?? (word === '' ? 'other' : 'utility');
};

const writeAfterWith = (text: string): QueryType => {
  const write = /[()]\s*(insert\s+into|update|delete\s+from|merge\s+into)\b/i.exec(text)?.[1]?.toLowerCase() ?? '';
  return queryTypes.find((type) => write.startsWith(type)) ?? 'select';
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
