import { type Candidate, newCandidate } from './candidate';
import { isCovered } from './covers';
import { targetText } from './model';

const MOST_KEYS = 4;

/** Indexes that do the work of two, so that statements can share one: the keys of the first, then those of the other. */
export const merged = (candidates: readonly Candidate[], mostIncluded: number): Candidate[] => {
  const there = new Set(candidates.map(({ id }) => id));
  const made = new Map<string, Candidate>();
  for (const a of candidates) {
    for (const b of candidates) {
      const both = mergedPair(a, b, mostIncluded);
      if (both !== undefined && !there.has(both.id) && !isCovered(both)) made.set(both.id, both);
    }
  }
  return [...made.values()];
};

/** Only where the second has something to add, and both begin alike or one only adds columns to read. */
const mergedPair = (a: Candidate, b: Candidate, mostIncluded: number): Candidate | undefined => {
  if (a === b || a.table.oid !== b.table.oid || a.method !== 'btree' || b.method !== 'btree') return undefined;
  if (a.predicate?.sql !== b.predicate?.sql) return undefined;
  const [first, other] = [a.keys[0], b.keys[0]];
  if (first === undefined || other === undefined || targetText(first.target) !== targetText(other.target))
    return undefined;
  const own = new Set(a.keys.map(({ target }) => targetText(target)));
  const keys = [...a.keys, ...b.keys.filter(({ target }) => !own.has(targetText(target)))];
  if (keys.length > MOST_KEYS) return undefined;
  const inKeys = new Set(keys.map(({ target }) => targetText(target)));
  const include = [...new Set([...a.include, ...b.include])].filter((column) => !inKeys.has(column)).sort();
  if (include.length > mostIncluded) return undefined;
  return newCandidate(a.table, keys, { include, predicate: a.predicate });
};
