import type { StatementSummary } from '@submilli/api/statements';

/** A statement, and the target it was seen on. */
export type Statement = StatementSummary & { readonly target: string };

export const BLOCK_BYTES = 8192;

/** Bytes that went through shared buffers, local buffers and temporary files, found there or not. */
export const ioBytes = ({ sharedBlocks, localBlocks, tempBlocks }: StatementSummary): number =>
  BLOCK_BYTES *
  (sharedBlocks.read +
    sharedBlocks.written +
    localBlocks.read +
    localBlocks.written +
    tempBlocks.read +
    tempBlocks.written);

export type StatementFilter = { readonly type: string; readonly database: string; readonly text: string };

export const filterStatements = (
  all: readonly Statement[],
  { type, database, text }: StatementFilter,
): readonly Statement[] => {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return all.filter((one) => {
    const said = `${one.query ?? ''} ${one.queryid} ${one.database} ${one.target}`.toLowerCase();
    return (
      (type === '' || one.queryType === type) &&
      (database === '' || one.database === database) &&
      words.every((word) => said.includes(word))
    );
  });
};

/** Names after FROM, JOIN, INTO and UPDATE: a hint for people, not a parser. */
export const tablesIn = (query: string): readonly string[] => {
  const names = [...query.matchAll(/\b(?:from|join|into|update)\s+((?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?)/gi)];
  const reserved = new Set(['select', 'lateral', 'only', 'set']);
  return [...new Set(names.map(([, name = '']) => name).filter((name) => !reserved.has(name.toLowerCase())))].sort();
};

/** Tables and indexes that a plan reads, by its outline as EXPLAIN prints it. */
export const readBy = (
  outline: string,
): { readonly tables: readonly string[]; readonly indexes: readonly string[] } => {
  const titles = outline.split('\n').flatMap((line) => /^\s*(?:->\s+)?(.+?) {2}\(cost=/.exec(line)?.[1] ?? []);
  const named = (pattern: RegExp): readonly string[] =>
    [...new Set(titles.flatMap((title) => pattern.exec(title)?.[1] ?? []))].sort();
  const name = '("[^"]+"|\\S+)';
  return { tables: named(new RegExp(` on ${name}`)), indexes: named(new RegExp(` using ${name}`)) };
};
