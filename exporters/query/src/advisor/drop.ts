import { quoteQualified } from '@submilli/core';
import { indexesOf } from '../explain/plan';
import type { Budget } from './budget';
import type { Candidate } from './candidate';
import { asExisting, coversIndex } from './covers';
import type { ExistingIndex, Table } from './model';
import type { Planner } from './planner';
import type { Query } from './query';

/** An index that is there and that nothing would miss. */
export type DropAdvice = {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly bytes: number;
  /** The index that does its work, there or advised. */
  readonly instead: string;
  /** `hidden`: the planner was made blind to it, and no statement got dearer. `structure`: by its columns alone. */
  readonly proof: 'hidden' | 'structure';
  /** Of the statements whose plans use it now, the cost without it over the cost with it, at worst. */
  readonly worst: number | null;
  /** Statements whose plans use it now. */
  readonly statements: readonly string[];
  readonly drop: string;
  readonly undo: string;
};

/** A plan that gets dearer by less is the same plan as far as anybody can tell. */
const SAME = 1.02;

type Superseded = { readonly table: Table; readonly index: ExistingIndex; readonly instead: string };

/** Indexes that another one makes superfluous; where the planner can be made blind to them, only if it proves that. */
export const dropsFor = async (
  queries: readonly Query[],
  chosen: readonly Candidate[],
  planner: Planner,
  budget: Budget,
): Promise<readonly DropAdvice[]> => {
  const advice: DropAdvice[] = [];
  for (const one of supersededIn(queries, chosen)) {
    const own = queries.filter(({ slots }) => slots.some(({ table }) => table.oid === one.table.oid));
    const tested = await hideAndSee(one, own, planner, budget);
    if (tested !== undefined && tested.worst !== null && tested.worst > SAME) continue;
    advice.push({ ...described(one), ...(tested ?? { proof: 'structure', worst: null, statements: [] }) });
  }
  return advice;
};

const supersededIn = (queries: readonly Query[], chosen: readonly Candidate[]): Superseded[] => {
  const tables = new Map(queries.flatMap(({ slots }) => slots.map(({ table }) => [table.oid, table] as const)));
  return [...tables.values()].flatMap((table) => {
    const gone = new Set<string>();
    return table.indexes.flatMap((index): Superseded[] => {
      if (index.required || index.unique || !index.valid) return [];
      const there = table.indexes.find((other) => other !== index && !gone.has(other.oid) && coversIndex(other, index));
      const coming = chosen.find((one) => one.table.oid === table.oid && coversIndex(asExisting(one), index));
      if (there === undefined && coming === undefined) return [];
      gone.add(index.oid);
      return [{ table, index, instead: there?.name ?? coming?.id ?? '' }];
    });
  });
};

type Tested = Pick<DropAdvice, 'proof' | 'worst' | 'statements'>;

/** Asks for the plans that use it, with and without it; nothing where an index can't be hidden. */
const hideAndSee = async (
  { index, instead, table }: Superseded,
  queries: readonly Query[],
  { explain, whatIf }: Planner,
  budget: Budget,
): Promise<Tested | undefined> => {
  // An index that is yet to be built can't take over while this one is hidden.
  const isThere = table.indexes.some(({ name }) => name === instead);
  const { hide, unhide } = whatIf ?? { hide: null, unhide: null };
  if (!isThere || hide === null || unhide === null) return undefined;
  const ratios = new Map<string, number>();
  for (const { plannable, searchPath, statement } of queries) {
    if (budget.isOver()) return undefined;
    budget.spend();
    const before = await explain(plannable, searchPath);
    if (!('plan' in before) || !indexesOf(before.plan.root).includes(index.name)) continue;
    try {
      await hide([index.oid]);
      budget.spend();
      const after = await explain(plannable, searchPath);
      if ('plan' in after) ratios.set(statement.id, after.plan.totalCost / Math.max(before.plan.totalCost, 0.01));
    } finally {
      await unhide();
    }
  }
  const worst = ratios.size === 0 ? null : Math.max(...ratios.values());
  return { proof: 'hidden', worst, statements: [...ratios.keys()] };
};

const described = ({ table, index, instead }: Superseded) => ({
  ...{ schema: table.schema, table: table.name, name: index.name, bytes: index.bytes, instead },
  drop: `DROP INDEX CONCURRENTLY ${quoteQualified(table.schema, index.name)};`,
  undo: `${index.definition.replace(/^CREATE INDEX /, 'CREATE INDEX CONCURRENTLY ')};`,
});
