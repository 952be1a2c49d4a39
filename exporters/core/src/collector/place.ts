/** Where a target stands among those of its exporter: the `index`th of `of`, from 0. */
export type Place = { readonly index: number; readonly of: number };

export const alone: Place = { index: 0, of: 1 };

/** Connecting is dear on both sides: many targets begin one after the other. */
const BEGIN_APART_MS = 20;

export const startAfterMs = ({ index }: Place): number => index * BEGIN_APART_MS;

/**
 * How long after the first beat of an interval the second comes; from then on it beats at the whole interval. Targets
 * that begin together are so spread evenly over it, and their work never comes all at once.
 */
export const firstGapMs = ({ index, of }: Place, intervalMs: number): number => intervalMs * (1 - index / of);
