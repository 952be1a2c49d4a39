import type { Candidate } from './candidate';
import type { Configuration } from './ilp';
import { gainOf, type Goal } from './objective';
import { type Selection, withoutContained, writeShare } from './select';

export type ClimbOptions = {
  readonly goal: Goal;
  readonly evaluate: (chosen: readonly Candidate[]) => Promise<Selection>;
  readonly fits: (set: readonly Candidate[]) => boolean;
  readonly pool: readonly Candidate[];
  readonly configurations: readonly Configuration[];
  readonly leastEffect: number;
  readonly leastSaved: number;
};

/** A step must better the score by at least this much, and an index that betters it by less is not kept. */
const LEAST_STEP = 0.001;
const MOST_STEPS = 100;
const MOST_ROUNDS = 4;
const MOST_TRIED = 24;

/**
 * Adds, swaps and drops while that betters the score; then drops what does not earn its keep, and begins again without
 * it: others may use the room.
 */
export const climb = async (from: Selection, options: ClimbOptions): Promise<Selection> => {
  let best = from;
  let pool = options.pool;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const top = await upFrom(best, { ...options, pool });
    best = await pruned(top, options);
    const kept = new Set(best.chosen.map(({ id }) => id));
    const gone = new Set(top.chosen.map(({ id }) => id).filter((id) => !kept.has(id)));
    if (gone.size === 0) break;
    pool = pool.filter(({ id }) => !gone.has(id));
  }
  return best;
};

const upFrom = async (from: Selection, options: ClimbOptions): Promise<Selection> => {
  let best = from;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const better = await firstBetter(best, options);
    if (better === undefined) break;
    best = better;
  }
  return best;
};

const firstBetter = async (best: Selection, options: ClimbOptions): Promise<Selection | undefined> => {
  for (const set of moves(best, options)) {
    const found = await options.evaluate(set);
    if (found.judgement.score < best.judgement.score - LEAST_STEP) return found;
  }
  return undefined;
};

/** What to try, the most promising first. */
function* moves(best: Selection, options: ClimbOptions): Generator<readonly Candidate[]> {
  const { chosen } = best;
  const promising = promises(best, options).slice(0, MOST_TRIED);
  for (const more of promising) {
    const wider = withoutContained([...chosen, more]);
    if (options.fits(wider)) yield wider;
  }
  for (const more of promising) {
    for (const less of nearestFirst(chosen, more)) {
      const swapped = withoutContained([...chosen.filter((one) => one !== less), more]);
      if (options.fits(swapped)) yield swapped;
      else yield* smaller(swapped, more, options);
    }
  }
  for (const less of chosen) yield chosen.filter((one) => one !== less);
}

/** Those on the same table first: they are likeliest to do the same work. */
const nearestFirst = (chosen: readonly Candidate[], { table }: Candidate): Candidate[] =>
  [...chosen].sort((a, b) => Number(b.table.oid === table.oid) - Number(a.table.oid === table.oid));

/** One more away, where one alone did not make room. */
function* smaller(set: readonly Candidate[], keep: Candidate, { fits }: ClimbOptions): Generator<readonly Candidate[]> {
  for (const less of set) {
    const rest = set.filter((one) => one !== less);
    if (less !== keep && fits(rest)) yield rest;
  }
}

/** Candidates by what is known of them together with what is chosen already. */
const promises = (
  { chosen, costs, judgement }: Selection,
  { goal, pool, configurations }: ClimbOptions,
): Candidate[] => {
  const ids = new Set(chosen.map(({ id }) => id));
  const best = new Map<string, Map<number, number>>();
  for (const { query, candidates, cost } of configurations) {
    const missing = candidates.filter(({ id }) => !ids.has(id));
    const weighted = goal.queries[query];
    if (missing.length === 0 || weighted === undefined || cost >= (costs[query] ?? weighted.base)) continue;
    const now = { ...weighted, base: costs[query] ?? weighted.base };
    const gain = gainOf(goal, now, cost, Math.max(judgement.sum, 0.001)) / missing.length;
    for (const { id } of missing) {
      const own = best.get(id) ?? new Map<number, number>();
      own.set(query, Math.max(own.get(query) ?? 0, gain));
      best.set(id, own);
    }
  }
  const worth = (candidate: Candidate): number =>
    [...(best.get(candidate.id)?.values() ?? [])].reduce((sum, gain) => sum + gain, 0) -
    (1 - goal.fairness) * writeShare(goal, candidate);
  return pool
    .filter(({ id }) => best.has(id) && !ids.has(id))
    .map((candidate) => ({ candidate, promise: worth(candidate) }))
    .filter(({ promise }) => promise > 0)
    .sort((a, b) => b.promise - a.promise || (a.candidate.id < b.candidate.id ? -1 : 1))
    .map(({ candidate }) => candidate);
};

/** Takes away what does not earn its keep, the dearest to write first. */
const pruned = async (from: Selection, options: ClimbOptions): Promise<Selection> => {
  const { goal, evaluate } = options;
  let best = from;
  const dearest = [...from.chosen].sort((a, b) => goal.writeCost(b) - goal.writeCost(a) || (a.id < b.id ? -1 : 1));
  for (const less of dearest) {
    const without = await evaluate(best.chosen.filter((one) => one !== less));
    if (!earnsItsKeep(less, best, without, options)) best = without;
  }
  return best;
};

/** It betters the score, saves readers more than it costs writers, and is felt by one statement at least. */
const earnsItsKeep = (
  candidate: Candidate,
  having: Selection,
  without: Selection,
  { goal, leastEffect, leastSaved }: ClimbOptions,
): boolean => {
  const saved = goal.queries.map((_, i) => (without.costs[i] ?? 0) - (having.costs[i] ?? 0));
  const load = goal.queries.reduce((sum, { query }, i) => sum + query.perSecond * (saved[i] ?? 0), 0);
  // Of what the statement would cost without it: what other indexes have saved already is not its to save.
  const felt = without.costs.some((cost, i) => (saved[i] ?? 0) >= Math.max(leastSaved, leastEffect * cost));
  return without.judgement.score > having.judgement.score + LEAST_STEP && load >= goal.writeCost(candidate) && felt;
};
