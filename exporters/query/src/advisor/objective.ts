import type { Candidate } from './candidate';
import type { Query } from './query';

/** What a set of indexes is judged by; all relative to how things are. Less is better. */
export type Judgement = {
  /** Σ calls · cost with what writing to the new indexes costs, over Σ calls · cost now. */
  readonly sum: number;
  /** Geometric mean of each statement's cost over its cost now, all statements alike. */
  readonly geomean: number;
  /** The logarithms of both, weighted: halving one is worth doubling the other. */
  readonly score: number;
};

export type Weighted = { readonly query: Query; readonly base: number };

export type Goal = {
  readonly queries: readonly Weighted[];
  /** What writing to an index costs, per second, in the planner's units. */
  readonly writeCost: (candidate: Candidate) => number;
  /** Share of the geometric mean in the score, 0 to 1. */
  readonly fairness: number;
};

/** `costs` in the order of the goal's queries. */
export const judge = (
  { queries, writeCost, fairness }: Goal,
  costs: readonly number[],
  chosen: readonly Candidate[],
): Judgement => {
  const base = loadOf(queries);
  const reads = queries.reduce((sum, { query }, i) => sum + query.perSecond * (costs[i] ?? 0), 0);
  const writes = chosen.reduce((sum, candidate) => sum + writeCost(candidate), 0);
  const sum = base === 0 ? 1 : (reads + writes) / base;
  const logs = queries.map(({ base: before }, i) =>
    Math.log(Math.max(costs[i] ?? before, LEAST) / Math.max(before, LEAST)),
  );
  const mean = logs.length === 0 ? 0 : logs.reduce((total, log) => total + log, 0) / logs.length;
  const score = (1 - fairness) * Math.log(Math.max(sum, LEAST)) + fairness * mean;
  return { sum, geomean: Math.exp(mean), score };
};

/** Keeps logarithms finite. */
const LEAST = 1e-9;

/** The load of all reads, in the planner's units per second. */
export const loadOf = (queries: readonly Weighted[]): number =>
  queries.reduce((sum, { query, base }) => sum + query.perSecond * base, 0);

/** How much the score falls, about, when only this statement gets cheaper: for choosing what to try first. */
export const gainOf = ({ queries, fairness }: Goal, { query, base }: Weighted, cost: number, sumNow = 1): number => {
  const load = loadOf(queries);
  const saved = load === 0 ? 0 : (query.perSecond * (base - cost)) / load;
  const log = Math.log(Math.max(base, LEAST) / Math.max(cost, LEAST)) / Math.max(1, queries.length);
  return ((1 - fairness) * saved) / sumNow + fairness * log;
};
