import type { Budget } from './budget';
import type { Candidate } from './candidate';
import { candidatesFor, type Variants, variantsOf } from './candidates';
import type { Configuration } from './ilp';
import { merged } from './merge';
import { type KnownFunction, type Slot, targetText } from './model';
import { gainOf, type Goal, type Weighted } from './objective';
import type { Cost, Costs } from './whatif';

/** What is worth choosing from, and what each statement gains by it. */
export type Explored = {
  readonly candidates: readonly Candidate[];
  readonly configurations: readonly Configuration[];
  /** The least that each statement could cost, of what was tried; its cost now where nothing helps. */
  readonly floors: readonly number[];
  /** How many candidates each statement had; null when the budget was spent before its turn. */
  readonly considered: readonly (number | null)[];
  /** Whether there was more to ask than its share of the budget. */
  readonly isCut: boolean;
};

export type ExploreOptions = {
  readonly functions: readonly KnownFunction[];
  readonly variants: Variants;
  /** Statements, by their place in the goal, with a table large enough to be worth it. */
  readonly worthwhile: readonly boolean[];
};

/** A plan that is cheaper by less is no reason for an index. */
const LEAST_GAIN = 0.02;
const MOST_ROUNDS = 10;
const BEST_PER_SLOT = 4;
const MOST_PAIRED = 6;
const MOST_MERGED = 60;

/** Of the budget, for what helps each statement, and then for what helps several; what is left is for the choice. */
const FOR_EACH = 0.5;
const FOR_SEVERAL = 0.7;

/** Asks, and keeps what helps; nothing when it doesn't. */
type Tell = (set: readonly Candidate[]) => Promise<Cost | undefined>;

/** The statements with the most to gain first: where the budget ends, they have had their turn. */
export const explore = async (costs: Costs, goal: Goal, budget: Budget, options: ExploreOptions): Promise<Explored> => {
  const found = new Map<string, Candidate>();
  const configurations: Configuration[] = [];
  const floors = goal.queries.map(({ base }) => base);
  const considered: (number | null)[] = goal.queries.map(() => null);
  let isCut = false;
  const isPast = (share: number): boolean => {
    const past = budget.isPast(share);
    isCut ||= past;
    return past;
  };

  const tellFor = (index: number, share: number): Tell => {
    const weighted = goal.queries[index];
    return async (set) => {
      if (weighted === undefined || isPast(share)) return undefined;
      const cost = await costs.of(weighted.query, set);
      if (cost === null || cost.used.length === 0 || cost.cost > weighted.base * (1 - LEAST_GAIN)) return undefined;
      configurations.push({ query: index, candidates: cost.used, cost: cost.cost });
      for (const one of cost.used) found.set(one.id, one);
      floors[index] = Math.min(floors[index] ?? Infinity, cost.cost);
      return cost;
    };
  };

  for (const index of byPromise(goal)) {
    if (isPast(FOR_EACH)) break;
    const query = options.worthwhile[index] === true ? goal.queries[index]?.query : undefined;
    considered[index] = query === undefined ? 0 : await exploreOne(query, tellFor(index, FOR_EACH), options);
  }
  const tellSeveral = (index: number): Tell => tellFor(index, FOR_SEVERAL);
  await share([...found.values()], goal, tellSeveral);
  const tables = goal.queries.map(({ query }) => new Set(query.slots.map(({ table }) => table.oid)));
  for (const candidate of merged([...found.values()], options.variants.mostIncluded).slice(0, MOST_MERGED)) {
    for (const [index, own] of tables.entries()) {
      if (own.has(candidate.table.oid)) await tellSeveral(index)([candidate]);
    }
  }
  return { candidates: [...found.values()], configurations, floors, considered, isCut };
};

/** What was found for one statement may serve another that asks for its first key. */
const share = async (found: readonly Candidate[], goal: Goal, tellFor: (index: number) => Tell): Promise<void> => {
  for (const [index, { query }] of goal.queries.entries()) {
    for (const candidate of found) {
      const first = candidate.keys[0]?.target;
      const asks = ({ table, terms, alternatives, order }: Slot): boolean =>
        table.oid === candidate.table.oid &&
        [...terms, ...alternatives.flat(), ...order].some(
          ({ target }) => first !== undefined && targetText(target) === targetText(first),
        );
      if (query.slots.some(asks)) await tellFor(index)([candidate]);
    }
  }
};

const byPromise = (goal: Goal): number[] =>
  goal.queries
    .map((weighted, index) => ({ index, most: gainOf(goal, weighted, 0.01 * weighted.base) }))
    .sort((a, b) => b.most - a.most || a.index - b.index)
    .map(({ index }) => index);

/**
 * All at once, then without those that were used, and so on: what the planner never picks costs no question of its own.
 * Then what it picked with more columns, each alone, and in pairs. Returns how many candidates there were.
 */
const exploreOne = async (
  query: Weighted['query'],
  tell: Tell,
  { functions, variants }: ExploreOptions,
): Promise<number> => {
  const bySlot = query.slots.map((slot) => candidatesFor(slot, functions));
  const picked = await peel(bySlot.flat(), tell);
  if (picked.length === 0) return unique(bySlot.flat()).length;
  const more = query.slots.flatMap((slot, i) => {
    const ids = new Set(bySlot[i]?.map(({ id }) => id));
    const own = picked.filter(({ id }) => ids.has(id));
    return own.slice(0, BEST_PER_SLOT).flatMap((candidate) => variantsOf(candidate, slot, variants));
  });
  const all = unique([...picked, ...(await peel(more, tell))]);
  const alone = new Map<Candidate, number>();
  for (const candidate of all) {
    const cost = await tell([candidate]);
    if (cost !== undefined) alone.set(candidate, cost.cost);
  }
  await tell(all);
  if (query.slots.length > 1) await pairUp(alone, tell);
  return unique([...bySlot.flat(), ...more]).length;
};

const unique = (candidates: readonly Candidate[]): Candidate[] => [
  ...new Map(candidates.map((candidate) => [candidate.id, candidate])).values(),
];

const peel = async (candidates: readonly Candidate[], tell: Tell): Promise<Candidate[]> => {
  const picked: Candidate[] = [];
  let rest = unique(candidates);
  for (let round = 0; round < MOST_ROUNDS && rest.length > 0; round += 1) {
    const used = new Set((await tell(rest))?.used);
    if (used.size === 0) break;
    picked.push(...used);
    rest = rest.filter((candidate) => !used.has(candidate));
  }
  return picked;
};

/** Two indexes on different tables can be worth more together than each alone. */
const pairUp = async (alone: ReadonlyMap<Candidate, number>, tell: Tell): Promise<void> => {
  const byTable = new Map<string, Candidate[]>();
  for (const [candidate] of [...alone].sort(([, a], [, b]) => a - b)) {
    const own = byTable.get(candidate.table.oid) ?? [];
    if (own.length < MOST_PAIRED) byTable.set(candidate.table.oid, [...own, candidate]);
  }
  const tables = [...byTable.values()];
  for (const [i, first] of tables.entries()) {
    for (const second of tables.slice(i + 1)) {
      for (const a of first) for (const b of second) await tell([a, b]);
    }
  }
};
