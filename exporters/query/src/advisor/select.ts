import type { Candidate } from './candidate';
import { contains } from './covers';
import type { Explored } from './explore';
import { type Configuration, solve } from './ilp';
import { gainOf, type Goal, judge, type Judgement, loadOf } from './objective';
import { climb } from './climb';
import type { Costs } from './whatif';

/** A set of indexes and what it comes to. */
export type Selection = {
  readonly chosen: readonly Candidate[];
  readonly judgement: Judgement;
  /** Of each statement of the goal, with the chosen ones. */
  readonly costs: readonly number[];
};

export type SelectOptions = {
  readonly goal: Goal;
  readonly explored: Explored;
  readonly bytes: (candidate: Candidate) => number;
  readonly budgetBytes: number;
  /** Less than this share off what one statement would cost without it is no reason for an index. */
  readonly leastEffect: number;
  /** Nor is less than so much, in the planner's units. */
  readonly leastSaved: number;
  /** The integer program; replaced in tests. */
  readonly solver?: typeof solve;
};

/**
 * First the integer program, which sees all at once but adds up what does not quite add up; then local search, which
 * asks the planner what sets of indexes really cost together. Whatever the solver says, the result keeps to the budget
 * and is no worse than building nothing.
 */
export const select = async (costs: Costs, options: SelectOptions): Promise<Selection> => {
  const { goal, explored, bytes, budgetBytes, leastEffect, leastSaved, solver = solve } = options;
  const evaluate = evaluator(costs, goal, explored.configurations);
  const size = (set: readonly Candidate[]): number => set.reduce((sum, one) => sum + bytes(one), 0);
  const fits = (set: readonly Candidate[]): boolean => size(set) <= budgetBytes;
  const pool = explored.candidates.filter((one) => fits([one]));
  const inPool = new Set(pool.map(({ id }) => id));
  const usable = explored.configurations.filter(({ candidates }) => candidates.every(({ id }) => inPool.has(id)));

  const nothing = await evaluate([]);
  const starts = new Map<string, Selection>();
  // What a saved unit is worth depends on how many are left: each time round that is known better.
  for (let sum = 1, round = 0; round < ROUNDS; round += 1) {
    const set = await solver({
      configurations: usable.map((one) => ({ ...one, gain: gainOf(goal, weightedOf(goal, one), one.cost, sum) })),
      penalty: (candidate) => ((1 - goal.fairness) * writeShare(goal, candidate)) / sum,
      ...{ bytes, budgetBytes },
    });
    if (set === undefined || !fits(set)) break;
    const found = await evaluate(withoutContained(set));
    if (found.judgement.score < nothing.judgement.score) starts.set(keyOf(found), found);
    sum = Math.max(found.judgement.sum, LEAST_SUM);
  }
  let best = nothing;
  for (const start of [...starts.values(), nothing]) {
    const top = await climb(start, { goal, evaluate, fits, pool, configurations: usable, leastEffect, leastSaved });
    if (top.judgement.score < best.judgement.score) best = top;
  }
  return best;
};

/** Each begins where the one before ended; then hills are climbed from all of them, and from nothing. */
const ROUNDS = 4;
const LEAST_SUM = 0.001;

const keyOf = ({ chosen }: Selection): string =>
  chosen
    .map(({ id }) => id)
    .sort()
    .join('\n');

const weightedOf = (goal: Goal, { query }: Configuration): Goal['queries'][number] => {
  const weighted = goal.queries[query];
  if (weighted === undefined) throw new Error(`there is no query ${query}`);
  return weighted;
};

/** What writing to it adds to the sum, as a share of the load of now. */
export const writeShare = (goal: Goal, candidate: Candidate): number => {
  const load = loadOf(goal.queries);
  return load === 0 ? 0 : goal.writeCost(candidate) / load;
};

/** Where the planner may no longer be asked, what is known of subsets is an upper bound. */
const evaluator =
  (costs: Costs, goal: Goal, configurations: readonly Configuration[]) =>
  async (chosen: readonly Candidate[]): Promise<Selection> => {
    const ids = new Set(chosen.map(({ id }) => id));
    const known = goal.queries.map(({ base }) => base);
    for (const { query, candidates, cost } of configurations) {
      if (candidates.every(({ id }) => ids.has(id))) known[query] = Math.min(known[query] ?? cost, cost);
    }
    const found: number[] = [];
    for (const [i, { query, base }] of goal.queries.entries()) {
      const answer = await costs.of(query, chosen);
      found.push(answer?.cost ?? known[i] ?? base);
    }
    return { chosen, costs: found, judgement: judge(goal, found, chosen) };
  };

/** No index beside one that does all of its work. */
export const withoutContained = (set: readonly Candidate[]): readonly Candidate[] =>
  set.filter((narrow) => !set.some((wide) => contains(wide, narrow)));
