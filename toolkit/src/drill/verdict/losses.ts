import type { Kept, WriteId } from './writes';

/** Acknowledged, and in the end not there. */
export const lostOf = <W extends WriteId>(acknowledged: readonly W[], kept: Kept): W[] =>
  acknowledged.filter(({ path, seq }) => (kept.get(path)?.get(seq) ?? 0) === 0);

/** There more than once; nobody sends one twice, so whoever stands between has. */
export const duplicatesOf = (kept: Kept): WriteId[] =>
  [...kept].flatMap(([path, counts]) => [...counts].flatMap(([seq, count]) => (count > 1 ? [{ path, seq }] : [])));
