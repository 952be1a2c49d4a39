import type { SearchPaths } from '../explain/search-path';
import { budgetOf } from './budget';
import type { Candidate } from './candidate';
import { LEAST_ROWS, usualVariants, type Variants } from './candidates';
import { dropsFor } from './drop';
import { explore } from './explore';
import type { Catalog, Refusal } from './model';
import type { Goal, Weighted } from './objective';
import type { Planner } from './planner';
import { type Query, readQueries } from './query';
import { type Advice, reportOf } from './report';
import { select } from './select';
import { sizeOf } from './size';
import { structuralCosts } from './structural';
import { trialsFor } from './trials';
import { type Costs, costsOf } from './whatif';
import type { Workload } from './workload';
import { writeTaxOf } from './write-cost';
import { withRates, writeRates } from './writes';

export type AdviseOptions = {
  /** Bytes that new indexes may take together. */
  readonly storageBytes: number;
  /** Questions to the planner, and seconds of the clock. */
  readonly explains: number;
  readonly seconds: number;
  /** Share of "every statement counts alike" against "every call counts alike", 0 to 1. */
  readonly fairness: number;
  /** An index must take at least this share off what one of its statements would cost without it. */
  readonly leastEffect: number;
  /** And at least so much in the planner's units, where reading a page from disk is 4. */
  readonly leastSaved: number;
  /** Literals in the texts stay: they come from whoever runs this. */
  readonly keepLiterals: boolean;
  readonly variants: Variants;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
};

export const usualOptions = (now: () => number): AdviseOptions => ({
  ...{ storageBytes: 1024 * 1024 * 1024, explains: 5000, seconds: 30, fairness: 0.35, keepLiterals: false },
  ...{ leastEffect: 0.3, leastSaved: 10, variants: usualVariants, now },
});

export type Known = { readonly workload: Workload; readonly catalog: Catalog; readonly searchPaths: SearchPaths };

/** Which indexes this workload wants, what they would change and cost, and why every other statement got none. */
export const advise = async (known: Known, planner: Planner, options: AdviseOptions): Promise<Advice> => {
  await planner.whatIf?.reset();
  try {
    return await adviseAfresh(known, planner, options);
  } finally {
    // A connection that is gone has forgotten them by itself.
    await planner.whatIf?.reset().catch(() => undefined);
  }
};

const adviseAfresh = async (known: Known, planner: Planner, options: AdviseOptions): Promise<Advice> => {
  const { workload, searchPaths } = known;
  const began = options.now();
  const budget = budgetOf(options.explains, options.seconds, options.now);
  const { keepLiterals, fairness } = options;
  const writes = writeRates(workload);
  const catalog = withRates(known.catalog, writes);
  const { queries, unusable } = readQueries(workload, { catalog, searchPaths, keepLiterals });
  const costs = planner.whatIf === null ? structuralCosts(planner, budget) : costsOf(planner, planner.whatIf, budget);

  const { weighted, refused } = await baseCosts(queries, costs);
  const goal: Goal = {
    queries: weighted,
    writeCost: (candidate) => writeTaxOf(candidate, writes).costPerSecond,
    fairness,
  };
  const worthwhile = weighted.map(({ query }) => query.slots.some(isLarge));
  const explored = await explore(costs, goal, budget, {
    functions: catalog.functions,
    variants: options.variants,
    worthwhile,
  });
  const bytes = (candidate: Candidate): number => sizeOf(candidate, shareOf(candidate, costs)).expected;
  const { storageBytes: budgetBytes, leastEffect, leastSaved } = options;
  const selection = await select(costs, { goal, explored, bytes, budgetBytes, leastEffect, leastSaved });
  const drops = await dropsFor(queries, selection.chosen, planner, budget);
  return reportOf({
    ...{ workload, goal, explored, selection, costs, writes, catalog, unusable, refused },
    ...{ trials: trialsFor(queries), drops },
    checked: planner.whatIf !== null,
    share: (candidate) => shareOf(candidate, costs),
    explains: budget.spent(),
    overBudget: budget.isOver() || explored.isCut,
    seconds: (options.now() - began) / 1000,
    storageBytes: options.storageBytes,
  });
};

const isLarge = ({ table }: Query['slots'][number]): boolean =>
  table.kind !== 'partitioned' && (table.rows ?? 0) >= LEAST_ROWS;

/** The share of rows that a partial index holds, as the planner sees it: its size against that of a whole one. */
const shareOf = (candidate: Candidate, costs: Costs): number => {
  if (candidate.predicate === null) return 1;
  const told = costs.bytesOf(candidate);
  return told === undefined ? 0.1 : Math.min(1, told / sizeOf(candidate).high);
};

export type Refused = { readonly query: Query; readonly refusal: Refusal };

const baseCosts = async (
  queries: readonly Query[],
  costs: Costs,
): Promise<{ readonly weighted: readonly Weighted[]; readonly refused: readonly Refused[] }> => {
  const weighted: Weighted[] = [];
  const refused: Refused[] = [];
  for (const query of queries) {
    const base = await costs.of(query, []);
    if (base !== null) weighted.push({ query, base: base.cost });
    else refused.push({ query, refusal: costs.refusalOf(query) ?? overBudget });
  }
  return { weighted, refused };
};

const overBudget: Refusal = { reason: 'over_budget', detail: 'the budget for plans was spent before its turn' };
