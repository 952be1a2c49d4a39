import { orders } from '../../test/advisor/tables';
import { bodyOf, parseText } from '../explain/ast';
import { isPlannable, plannableOf } from '../explain/plannable';
import { loadParser } from '../statements/query-type';
import { budgetOf } from './budget';
import type { Candidate } from './candidate';
import { usualVariants } from './candidates';
import { explore } from './explore';
import type { Goal } from './objective';
import type { Query } from './query';
import { analyse } from './slots';
import type { Costs } from './whatif';

beforeAll(loadParser);

const queryOf = (sql: string): Query => {
  const plannable = plannableOf(sql, { keepLiterals: true });
  if (!isPlannable(plannable)) throw new Error(plannable.detail);
  const { slots } = analyse(bodyOf(parseText(plannable.sql)[0], 'SelectStmt') ?? {}, [orders], ['public']);
  return {
    ...{ statement: { id: sql, text: sql, calls: 1, seconds: 1, rows: 1 }, plannable, searchPath: 'public' },
    ...{ slots, notes: [], perSecond: 1 },
  };
};

const columns = ['account_id', 'instrument_id', 'status', 'price', 'quantity'];

const goalOf = (): Goal => ({
  queries: columns
    .flatMap((one, i) =>
      columns.slice(i + 1).map((other) => `SELECT note FROM orders WHERE ${one} = $1 AND ${other} = $2`),
    )
    .map((sql) => ({ query: queryOf(sql), base: 1000 })),
  ...{ writeCost: () => 0, fairness: 0.5 },
});

/** A planner that uses the longest index of a set, and takes ten milliseconds. */
const asking = (plans: number, seconds = Infinity) => {
  const asked: (readonly Candidate[])[] = [];
  const budget = budgetOf(plans, seconds, () => 10 * asked.length);
  const costs: Costs = {
    of: (_, set) => {
      if (budget.isOver()) return Promise.resolve(null);
      budget.spend();
      asked.push(set);
      const [longest] = [...set].sort((a, b) => b.keys.length - a.keys.length);
      return Promise.resolve({ cost: 10, used: longest === undefined ? [] : [longest] });
    },
    ...{ refusalOf: () => undefined, rejected: () => undefined, bytesOf: () => undefined },
  };
  const goal = goalOf();
  const options = { functions: [], variants: usualVariants, worthwhile: goal.queries.map(() => true) };
  return { budget, asked, run: () => explore(costs, goal, budget, options) };
};

describe('looking for what helps', () => {
  it('leaves plans for the choice among what was found', async () => {
    const { budget, run } = asking(100);
    const { considered, candidates, isCut } = await run();
    expect(budget.spent()).toBeGreaterThan(50);
    expect(budget.spent()).toBeLessThanOrEqual(70);
    expect(candidates.length).toBeGreaterThan(0);
    expect(considered).toContain(null);
    expect(isCut).toBe(true);
  });

  it('leaves time for it, too', async () => {
    const { asked, run } = asking(1_000_000, 1);
    await run();
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.length).toBeLessThanOrEqual(70);
  });

  it('also looks for what helps several where it has no plans left for each', async () => {
    const { asked, run } = asking(100);
    await run();
    // What one statement wants is asked about for others only after all had their turn.
    expect(asked.slice(50).every((set) => set.length === 1)).toBe(true);
    expect(asked.length).toBeGreaterThan(50);
  });

  it('takes no more than it needs', async () => {
    const { budget, run } = asking(1_000_000);
    const { considered, isCut } = await run();
    expect(isCut).toBe(false);
    expect(budget.isPast(0.01)).toBe(false);
    expect(considered).not.toContain(null);
  });
});
