import { quoteIdentifier, quoteQualified } from '@submilli/core';
import { columnsOf, type Ordering, type Table, type Target } from './model';

/** One key of an index that does not exist yet. */
export type CandidateKey = Ordering & { readonly operatorClass: string | null };

export type Predicate = { readonly sql: string; readonly columns: readonly string[] };

export type Candidate = {
  /** What it is on, as DDL writes it: two with the same are the same. */
  readonly id: string;
  readonly table: Table;
  readonly method: 'btree' | 'brin';
  readonly keys: readonly CandidateKey[];
  readonly include: readonly string[];
  readonly predicate: Predicate | null;
};

export const newCandidate = (
  table: Table,
  keys: readonly CandidateKey[],
  more: Partial<Pick<Candidate, 'method' | 'include' | 'predicate'>> = {},
): Candidate => {
  const candidate = { table, keys, method: 'btree' as const, include: [], predicate: null, ...more };
  return { ...candidate, id: specificationOf(candidate) };
};

export const ascending = (target: Target): CandidateKey => ({
  ...{ target, descending: false, nullsFirst: false, operatorClass: null },
});

/** `schema.table USING btree (a, b DESC) INCLUDE (c) WHERE d`, all names quoted. */
const specificationOf = ({ table, method, keys, include, predicate }: Omit<Candidate, 'id'>): string =>
  [
    `${quoteQualified(table.schema, table.name)} USING ${method} (${keys.map(keyText).join(', ')})`,
    ...(include.length === 0 ? [] : [`INCLUDE (${include.map(quoteIdentifier).join(', ')})`]),
    ...(predicate === null ? [] : [`WHERE ${predicate.sql}`]),
  ].join(' ');

const keyText = ({ target, descending, nullsFirst, operatorClass }: CandidateKey): string =>
  [
    target.kind === 'column' ? quoteIdentifier(target.column) : `(${target.sql})`,
    ...(operatorClass === null ? [] : [operatorClass]),
    ...(descending ? ['DESC'] : []),
    ...(descending === nullsFirst ? [] : [nullsFirst ? 'NULLS FIRST' : 'NULLS LAST']),
  ].join(' ');

export const columnsIn = ({ keys, include, predicate }: Candidate): readonly string[] => [
  ...new Set([...keys.flatMap(({ target }) => columnsOf(target)), ...include, ...(predicate?.columns ?? [])]),
];

/** Bytes that a name may have. */
const LONGEST_NAME = 63;

/** A name in the server's own style that no index of the table's schema has yet, as far as we know. */
export const nameFor = (candidate: Candidate, taken: ReadonlySet<string>): string => {
  const words = candidate.keys.map(({ target }) => (target.kind === 'column' ? target.column : 'expr'));
  const suffix = candidate.method === 'brin' ? 'brin' : 'idx';
  for (let n = 0; ; n += 1) {
    const end = `_${suffix}${n === 0 ? '' : n}`;
    const name = cut([candidate.table.name, ...words].join('_'), LONGEST_NAME - end.length) + end;
    if (!taken.has(name)) return name;
  }
};

const cut = (text: string, bytes: number): string => {
  let end = text.length;
  while (Buffer.byteLength(text.slice(0, end)) > bytes) end -= 1;
  return text.slice(0, end);
};

export type Ddl = { readonly name: string; readonly create: string; readonly drop: string };

export const ddlFor = (candidate: Candidate, taken: ReadonlySet<string>): Ddl => {
  const name = nameFor(candidate, taken);
  return {
    name,
    create: `CREATE INDEX CONCURRENTLY IF NOT EXISTS ${quoteIdentifier(name)} ON ${candidate.id};`,
    drop: `DROP INDEX CONCURRENTLY IF EXISTS ${quoteQualified(candidate.table.schema, name)};`,
  };
};
