import type { Sample } from './declare';
import { type Built, buildFamilies, type BuildOptions } from './families';

/** What one part publishes: under our names, and, already built, under another exporter's. */
export type Split = { readonly own: readonly Sample[]; readonly viewed: Built };

/**
 * Another exporter's names are no other part's, and are not folded: they are built once for each time that their part
 * reads. A part that reads every half minute may have a series for each column of each table.
 */
export const viewSplitter = (): ((samples: readonly Sample[], options: BuildOptions) => Split) => {
  const known = new WeakMap<readonly Sample[], Split>();
  return (samples, options) => {
    const before = known.get(samples);
    if (before !== undefined) return before;
    const viewed = samples.filter(({ metric }) => metric.view !== null);
    const split: Split =
      viewed.length === 0
        ? { own: samples, viewed: { families: [], dropped: [] } }
        : { own: samples.filter(({ metric }) => metric.view === null), viewed: buildFamilies(viewed, options) };
    known.set(samples, split);
    return split;
  };
};
