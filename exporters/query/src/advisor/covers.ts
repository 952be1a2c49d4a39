import type { Candidate, CandidateKey } from './candidate';
import type { ExistingIndex, IndexKey } from './model';

/** Whether an index that is there does all that the candidate would do: then the candidate is not worth a thought. */
export const covers = (index: ExistingIndex, candidate: Candidate): boolean => {
  if (!index.valid || index.method !== candidate.method) return false;
  if (index.predicate !== null && !sameText(index.predicate, candidate.predicate?.sql)) return false;
  const there = new Set([...index.keys.map(({ column }) => column), ...index.include]);
  return startsWith(index.keys, candidate.keys) && candidate.include.every((column) => there.has(column));
};

export const isCovered = (candidate: Candidate): boolean =>
  candidate.table.indexes.some((index) => covers(index, candidate));

/** Its first keys are these, all in their direction or all against it. */
const startsWith = (keys: readonly IndexKey[], wanted: readonly CandidateKey[]): boolean => {
  if (keys.length < wanted.length) return false;
  const pairs = wanted.flatMap((want, i): Pair[] => {
    const key = keys[i];
    return key === undefined ? [] : [{ want, key }];
  });
  if (!pairs.every(({ want, key }) => sameTarget(key, want))) return false;
  if (wanted.length === 1) return wanted[0]?.nullsFirst === wanted[0]?.descending || oneWay(pairs);
  return oneWay(pairs);
};

type Pair = { readonly want: CandidateKey; readonly key: IndexKey };

const oneWay = (pairs: readonly Pair[]): boolean =>
  pairs.every(({ want, key }) => want.descending === key.descending && want.nullsFirst === key.nullsFirst) ||
  pairs.every(({ want, key }) => want.descending !== key.descending && want.nullsFirst !== key.nullsFirst);

const sameTarget = (key: IndexKey, { target, operatorClass }: CandidateKey): boolean => {
  if (key.defaultClass !== (operatorClass === null)) return false;
  return target.kind === 'column' ? key.column === target.column : sameText(key.expression ?? '', target.sql);
};

/** The server writes expressions its own way: parentheses, casts and case tell nothing apart. */
export const sameText = (a: string, b: string | undefined): boolean => b !== undefined && plain(a) === plain(b);

const plain = (text: string): string =>
  text
    .replace(/::(text|bpchar|"?char"?|character varying(\(\d+\))?|integer|bigint|boolean)/g, '')
    .replace(/[\s()"]/g, '')
    .toLowerCase();

/** Of two candidates, whether the first does all that the second does. */
export const contains = (wide: Candidate, narrow: Candidate): boolean =>
  wide.id !== narrow.id &&
  wide.table.oid === narrow.table.oid &&
  covers(asExisting(wide), narrow) &&
  wide.predicate?.sql === narrow.predicate?.sql;

/** Whether an index that is there is the one that was wanted, or does all of its work. */
export const does = (index: ExistingIndex, wanted: ExistingIndex): boolean => {
  const there = new Set([...index.keys.map(({ column }) => column), ...index.include]);
  return (
    coversIndex({ ...index, include: [] }, { ...wanted, include: [] }) &&
    wanted.include.every((column) => there.has(column))
  );
};

/** What the candidate would be once it is built. */
export const asExisting = ({ id, method, keys, include, predicate }: Candidate): ExistingIndex => ({
  ...{ oid: id, name: id, method, unique: false, required: false, valid: true, include, bytes: 0, scans: 0 },
  ...{ definition: id, predicate: predicate?.sql ?? null },
  keys: keys.map(({ target, descending, nullsFirst, operatorClass }) => ({
    column: target.kind === 'column' ? target.column : null,
    expression: target.kind === 'expression' ? target.sql : null,
    ...{ descending, nullsFirst, defaultClass: operatorClass === null },
  })),
});

/** Whether an index does all that another one does, which is not unique. */
export const coversIndex = (wide: ExistingIndex, narrow: ExistingIndex): boolean => {
  if (!wide.valid || wide.method !== narrow.method || narrow.method !== 'btree') return false;
  // A partial one beside a whole one is small on purpose.
  if ((wide.predicate === null) !== (narrow.predicate === null)) return false;
  if (wide.predicate !== null && !sameText(wide.predicate, narrow.predicate ?? undefined)) return false;
  if (wide.keys.length < narrow.keys.length || narrow.include.length > 0) return false;
  const alike = narrow.keys.map((key, i) => ({ key, other: wide.keys[i] }));
  return (
    alike.every(
      ({ key, other }) =>
        other?.column === key.column &&
        other.defaultClass === key.defaultClass &&
        (key.column !== null || sameText(key.expression ?? '', other.expression ?? undefined)),
    ) &&
    (alike.every(({ key, other }) => key.descending === other?.descending && key.nullsFirst === other.nullsFirst) ||
      alike.every(({ key, other }) => key.descending !== other?.descending && key.nullsFirst !== other?.nullsFirst))
  );
};
