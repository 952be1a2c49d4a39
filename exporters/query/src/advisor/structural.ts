import { type PlanNode, walkPlan } from '../explain/plan';
import type { Budget } from './budget';
import type { Candidate } from './candidate';
import { asExisting } from './covers';
import { type ExistingIndex, type Refusal, type Slot, type Table, targetText, type Term } from './model';
import type { Planner } from './planner';
import type { Query } from './query';
import type { Cost, Costs } from './whatif';

const SEQ_PAGE = 1;
const RANDOM_PAGE = 4;
const CPU_TUPLE = 0.01;
const CPU_INDEX_TUPLE = 0.005;
const CPU_OPERATOR = 0.0025;
/** Of a range whose ends are not known, and of a list. */
const RANGE_SHARE = 1 / 3;
const LIST_LENGTH = 3;
const UNKNOWN_LIMIT = 10;

type Access = { readonly cost: number; readonly used: Candidate | undefined };

/**
 * Costs without a planner's what-if: what a scan costs now is from the plan, where we may see one, and what it would cost
 * with an index from the statistics. It knows nothing of joins changing their order, so it promises less than there may be.
 */
export const structuralCosts = (planner: Planner, budget: Budget): Costs => {
  const plans = new Map<Query, PlanNode | null>();
  const refusals = new Map<Query, Refusal>();
  const planOf = async (query: Query): Promise<PlanNode | null> => {
    const known = plans.get(query);
    if (known !== undefined) return known;
    if (budget.isOver()) return null;
    budget.spend();
    const explained = await planner.explain(query.plannable, query.searchPath);
    const root = 'plan' in explained ? explained.plan.root : null;
    // Without the right to read, statistics are all there is; anything else means that it can't run.
    if ('reason' in explained && explained.reason !== 'permission') refusals.set(query, explained);
    plans.set(query, root);
    return root;
  };
  return {
    of: async (query, candidates) => {
      const root = await planOf(query);
      return refusals.has(query) || (root === null && !plans.has(query)) ? null : estimate(query, root, candidates);
    },
    refusalOf: (query) => refusals.get(query),
    rejected: () => undefined,
    bytesOf: () => undefined,
  };
};

const estimate = (query: Query, root: PlanNode | null, candidates: readonly Candidate[]): Cost => {
  const found = query.slots.map((slot) => ({ slot, now: nowOf(slot, root) }));
  const base = root?.totalCost ?? found.reduce((sum, { now }) => sum + now, 0);
  // Below a LIMIT a scan shows what it would cost to its end.
  const slots = found.map(({ slot, now }) => ({ slot, now: Math.min(now, base) }));
  const used: Candidate[] = [];
  let cost = base;
  for (const { slot, now } of slots) {
    const best = bestAccess(slot, candidates, root === null ? undefined : limitOf(root));
    if (best.used === undefined || best.cost >= now) continue;
    used.push(best.used);
    cost -= now - best.cost;
  }
  return { cost: Math.max(cost, 0.01 * base, 0.01), used };
};

/** What reading the slot costs now: by the plan, or by what there is to read it with. */
const nowOf = (slot: Slot, root: PlanNode | null): number => {
  if (root === null)
    return Math.min(wholeTable(slot.table), ...slot.table.indexes.map((index) => accessCost(slot, index)));
  const found = scansIn(root, 1).find(
    ({ node }) => node.relation === slot.table.name && node.schema === slot.table.schema && node.alias === slot.alias,
  );
  return found === undefined
    ? 0
    : (found.node.totalCost - found.node.startupCost) * found.loops + sortAbove(root, slot);
};

/** The sort that an index in the right order would spare. */
const sortAbove = (root: PlanNode, { order, limited }: Slot): number => {
  if (order.length === 0 || !limited) return 0;
  const sort = [...walkPlan(root)].find(({ type }) => type === 'Sort');
  const input = sort?.children[0];
  return sort === undefined || input === undefined ? 0 : Math.max(0, sort.totalCost - input.totalCost);
};

/** Scans, and how often each is begun: once for each row of the other side of a nested loop. */
const scansIn = (node: PlanNode, loops: number): { readonly node: PlanNode; readonly loops: number }[] => [
  ...(node.relation === null ? [] : [{ node, loops }]),
  ...node.children.flatMap((child, i) => {
    const outer = node.type === 'Nested Loop' && i === 1 ? (node.children[0]?.rows ?? 1) : 1;
    const again = child.type === 'Materialize' || child.type === 'Memoize' ? 1 : Math.max(1, outer);
    return scansIn(child, loops * again);
  }),
];

const limitOf = (root: PlanNode): number | undefined => [...walkPlan(root)].find(({ type }) => type === 'Limit')?.rows;

const bestAccess = (slot: Slot, candidates: readonly Candidate[], limit: number | undefined): Access => {
  let best: Access = { cost: Infinity, used: undefined };
  for (const candidate of candidates) {
    if (candidate.table.oid !== slot.table.oid) continue;
    const cost = accessCost(slot, asExisting(candidate), limit);
    if (cost < best.cost) best = { cost, used: candidate };
  }
  return best;
};

const wholeTable = ({ pages, rows }: Table): number => pages * SEQ_PAGE + (rows ?? 0) * (CPU_TUPLE + CPU_OPERATOR);

/** What reading the slot through this index costs; infinite when it is of no use. Joins are not reckoned with. */
const accessCost = (slot: Slot, index: ExistingIndex, limit: number = UNKNOWN_LIMIT): number => {
  const { table } = slot;
  const rows = table.rows ?? 0;
  if (!index.valid || index.method !== 'btree' || index.predicate !== null) return Infinity;
  const { share, matched } = sharedBy(slot, index);
  const inOrder = slot.limited && followsOrder(slot, index, matched);
  if (matched === 0 && !inOrder) return Infinity;
  const others = inOrder ? remainingShare(slot, index, matched) : 1;
  const found = inOrder ? Math.min(rows * share, limit / Math.max(others, 1 / Math.max(rows, 1))) : rows * share;
  const first = index.keys[0]?.column ?? null;
  const correlation = first === null ? 0 : (table.columns.get(first)?.correlation ?? 0);
  const scattered = Math.min(found, table.pages) * RANDOM_PAGE;
  const together = Math.ceil((found / Math.max(1, rows)) * table.pages) * SEQ_PAGE;
  const heap = scattered + correlation ** 2 * (together - scattered);
  const fetched = answersAlone(slot, index) ? heap * (1 - table.allVisible) : heap;
  const descent = CPU_OPERATOR * Math.log2(Math.max(2, rows)) + 2 * RANDOM_PAGE;
  return descent + fetched + found * (CPU_TUPLE + CPU_INDEX_TUPLE);
};

const answersAlone = ({ outputs }: Slot, { keys, include }: ExistingIndex): boolean => {
  const there = new Set([...keys.map(({ column }) => column), ...include]);
  return outputs !== null && [...outputs].every((column) => there.has(column));
};

/** The share of rows that the first keys leave, and how many keys do. */
const sharedBy = (slot: Slot, { keys }: ExistingIndex): { readonly share: number; readonly matched: number } => {
  let share = 1;
  let matched = 0;
  for (const { column, expression } of keys) {
    const own = slot.terms.filter(({ target }) => targetText(target) === (column ?? expression));
    const fixed = own.find(({ kind }) => kind === 'equal' || kind === 'in' || kind === 'null');
    const range = own.find(({ kind }) => kind === 'range');
    const term = fixed ?? range;
    if (term === undefined) break;
    share *= shareOf(term, slot.table);
    matched += 1;
    if (fixed === undefined) break;
  }
  return { share, matched };
};

const shareOf = ({ kind, target }: Term, { columns, rows }: Table): number => {
  if (kind === 'range') return RANGE_SHARE;
  const column = target.kind === 'column' ? columns.get(target.column) : undefined;
  if (kind === 'null') return Math.max(column?.nullFraction ?? 0.01, 1e-6);
  const distinct = column?.distinct ?? Math.min(200, rows ?? 200);
  return Math.min(1, ((1 - (column?.nullFraction ?? 0)) / Math.max(1, distinct)) * (kind === 'in' ? LIST_LENGTH : 1));
};

/** What conditions that are no key leave of the rows that come in order. */
const remainingShare = (slot: Slot, { keys }: ExistingIndex, matched: number): number => {
  const fixed = new Set(keys.slice(0, matched).map(({ column, expression }) => column ?? expression));
  return slot.terms
    .filter(({ kind, target }) => ['equal', 'in', 'range', 'null'].includes(kind) && !fixed.has(targetText(target)))
    .reduce((share, term) => share * shareOf(term, slot.table), 1);
};

const followsOrder = ({ order }: Slot, { keys }: ExistingIndex, matched: number): boolean => {
  const rest = keys.slice(matched);
  if (order.length === 0 || rest.length < order.length) return false;
  const same = order.every(({ target }, i) => targetText(target) === (rest[i]?.column ?? rest[i]?.expression));
  const forwards = order.every(({ descending }, i) => descending === rest[i]?.descending);
  const backwards = order.every(({ descending }, i) => descending !== rest[i]?.descending);
  return same && (forwards || backwards);
};
