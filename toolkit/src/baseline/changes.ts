import { changePoints } from '../statistics/change-points';
import { medianOf } from '../statistics/quantiles';
import { holm } from '../statistics/ranks';
import { differenceOf } from './difference';
import { DAY, type Hour, HOUR, HOURS_OF_WEEK } from './model';
import { matters, scaleOf } from './scale';
import { leftOf, seasonOf } from './season';

/** A level that went to another, surely, by an amount that matters, and stayed there. */
export type Change = {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly before: number;
  readonly since: number;
  /** That there was none, corrected for all of the row that were considered. */
  readonly p: number;
};

const BLOCK = 6 * HOUR;
const ENOUGH_IN_BLOCK = 3;
/** By how much an edge between blocks misses a change that is one: a block that is parted by it may go to either side. */
const AROUND = 2 * BLOCK;
/** A day: what is shorter has no edges of its own. */
const LEAST_BLOCKS = 4;
/** What did not last so long is an incident, or may yet be one, and no new level. */
const LASTING = 3 * DAY;
/** In less than two weeks a weekend cannot be told from a change. */
const LEAST_HOURS = 2 * HOURS_OF_WEEK;
const SURE = 0.001;

/** Where the level of a row changed for good, oldest first. */
export const changesOf = (hours: readonly Hour[], least: number): readonly Change[] => {
  if (hours.length < LEAST_HOURS) return [];
  const { on, off } = scaleOf(least);
  const scaled = hours.map(([end, value]): Hour => [end, on(value)]);
  const left = leftOf(seasonOf(scaled));
  const blocks = blocksOf(left);
  const found = changePoints(
    blocks.map(({ median }) => median),
    LEAST_BLOCKS,
  );
  let edges = lasting(
    found.flatMap((i) => blocks[i]?.from ?? []).map((edge) => sharpened(left, edge)),
    hours.at(-1)?.[0] ?? 0,
  );
  for (;;) {
    const changes = testedAt(scaled, edges).map(({ before, since, ...one }) => ({
      ...{ ...one, before: off(before), since: off(since) },
    }));
    // The least sure of those that are none goes; what it parted is one again, and looked at anew.
    const none = changes
      .filter(({ before, since, p }) => !(p < SURE && matters(since, before, least)))
      .sort((a, b) => b.p - a.p)[0];
    if (none === undefined) return changes;
    edges = edges.filter((at) => at !== none.at);
  }
};

/** The hour about an edge between blocks that parts best what is before it from what is after: by the least deviation. */
const sharpened = (left: readonly Hour[], edge: number): number => {
  const near = left.filter(([end]) => Math.abs(end - edge) <= LEAST_BLOCKS * BLOCK);
  const candidates = near.flatMap(([at]) => {
    if (Math.abs(at - edge) > AROUND) return [];
    const parts = [near.filter(([end]) => end <= at), near.filter(([end]) => end > at)];
    return [{ at, deviation: parts.reduce((sum, part) => sum + deviationOf(part), 0) }];
  });
  return candidates.toSorted((a, b) => a.deviation - b.deviation)[0]?.at ?? edge;
};

const deviationOf = (hours: readonly Hour[]): number => {
  const values = hours.map(([, value]) => value);
  const median = medianOf(values);
  return values.reduce((sum, value) => sum + Math.abs(value - median), 0);
};

/** Without those after which it soon changed again, the shortest first: what was before goes on. */
const lasting = (edges: readonly number[], end: number): readonly number[] => {
  const lengths = edges.map((at, i) => (edges[i + 1] ?? end) - at);
  const shortest = Math.min(...lengths);
  return shortest >= LASTING ? edges : lasting(edges.toSpliced(lengths.indexOf(shortest), 1), end);
};

const blocksOf = (left: readonly Hour[]): readonly { readonly from: number; readonly median: number }[] => {
  const blocks = new Map<number, number[]>();
  for (const [end, value] of left) {
    const from = Math.floor((end - 1) / BLOCK) * BLOCK;
    blocks.set(from, [...(blocks.get(from) ?? []), value]);
  }
  return [...blocks].flatMap(([from, values]) =>
    values.length < ENOUGH_IN_BLOCK ? [] : [{ from, median: medianOf(values) }],
  );
};

/** Each part beside the one before it. */
const testedAt = (hours: readonly Hour[], edges: readonly number[]): readonly Change[] => {
  const parts = [-Infinity, ...edges].map((from, i) =>
    hours.filter(([end]) => end > from && end <= (edges[i] ?? Infinity)),
  );
  const tested = edges.map((at, i) => ({ at, ...differenceOf(parts[i] ?? [], parts[i + 1] ?? []) }));
  const ps = holm(tested.map(({ p = 1 }) => p));
  return tested.map(({ at, usual = NaN, shift }, i) => ({
    ...{ at, before: usual, since: usual + (shift?.value ?? NaN), p: ps[i] ?? 1 },
  }));
};

/** The hours that count: all since the last change. */
export const countingOf = (hours: readonly Hour[], changes: readonly Change[]): readonly Hour[] => {
  const since = changes.at(-1)?.at ?? -Infinity;
  return hours.filter(([end]) => end > since);
};
