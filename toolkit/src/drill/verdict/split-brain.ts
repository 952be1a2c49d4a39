import type { Interval } from './outage';
import type { Acknowledged } from './writes';

export type Overlap = Interval & { readonly members: string[] };

/** All that one member acknowledged on one timeline. */
type Reign = {
  readonly member: string;
  readonly timeline: number;
  readonly first: number;
  readonly writes: readonly Acknowledged[];
};

const reignsOf = (acknowledged: readonly Acknowledged[]): Reign[] => {
  const reigns = new Map<string, Acknowledged[]>();
  for (const write of acknowledged) {
    const key = `${write.timeline} ${write.member}`;
    const own = reigns.get(key);
    if (own === undefined) reigns.set(key, [write]);
    else own.push(write);
  }
  return [...reigns.values()]
    .flatMap((writes) => {
      const [some] = writes;
      const first = writes.reduce((least, { at }) => Math.min(least, at), Infinity);
      return some === undefined ? [] : [{ member: some.member, timeline: some.timeline, first, writes }];
    })
    .sort((a, b) => a.timeline - b.timeline || a.first - b.first);
};

/**
 * When two members took writes at the same time: on an older timeline one acknowledged what it was sent after another
 * had acknowledged on a newer. An acknowledgement that only arrives late, of a write sent before, is none: it may have
 * been replicated before its member hung.
 */
export const splitBrainsOf = (acknowledged: readonly Acknowledged[]): Overlap[] => {
  const reigns = reignsOf(acknowledged);
  return reigns
    .flatMap((older, i) =>
      reigns.slice(i + 1).flatMap((newer): Overlap[] => {
        if (older.member === newer.member) return [];
        const late = older.writes.filter(({ sent }) => sent > newer.first);
        if (late.length === 0) return [];
        const from = late.reduce((least, { sent }) => Math.min(least, sent), Infinity);
        const to = late.reduce((most, { at }) => Math.max(most, at), -Infinity);
        return [{ from, to, members: [older.member, newer.member].sort() }];
      }),
    )
    .sort((a, b) => a.from - b.from);
};
