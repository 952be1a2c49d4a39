import { indexesOf } from '../explain/plan';
import type { Budget } from './budget';
import type { Candidate } from './candidate';
import { oidOfHypothetical, type Planner, type WhatIf } from './planner';
import type { Query } from './query';
import type { Refusal } from './model';

/** What a statement would cost, and which of the candidates its plan would use. */
export type Cost = { readonly cost: number; readonly used: readonly Candidate[] };

/** The planner's costs of statements under sets of candidates, each asked for once. */
export type Costs = {
  /** Null when the budget is spent or the server gave no plan. */
  readonly of: (query: Query, candidates: readonly Candidate[]) => Promise<Cost | null>;
  readonly refusalOf: (query: Query) => Refusal | undefined;
  /** Why the server would not have a candidate; undefined when it would, or was not asked. */
  readonly rejected: (candidate: Candidate) => string | undefined;
  /** HypoPG's own figure, which knows no deduplication. */
  readonly bytesOf: (candidate: Candidate) => number | undefined;
};

type Known = { readonly all: ReadonlySet<string>; readonly cost: Cost };

/**
 * A plan that uses U of the set S is also the plan for every set between: what it did not use it would not miss. That
 * and the candidates that have nothing to do with a statement save most questions.
 */
export const costsOf = (planner: Planner, whatIf: WhatIf, budget: Budget): Costs => {
  const known = new Map<Query, Known[]>();
  const refusals = new Map<Query, Refusal>();
  const bench = workbench(whatIf);

  const ask = async (query: Query, candidates: readonly Candidate[]): Promise<Cost | null> => {
    if (budget.isOver() || refusals.has(query)) return null;
    const there = await bench.set(candidates);
    budget.spend();
    const explained = await planner.explain(query.plannable, query.searchPath);
    if (!('plan' in explained)) {
      refusals.set(query, { reason: explained.reason, detail: explained.detail });
      return null;
    }
    const { plan } = explained;
    const oids = new Set(indexesOf(plan.root).flatMap((name) => oidOfHypothetical(name) ?? []));
    const used = candidates.filter((candidate) => oids.has(there.get(candidate.id) ?? ''));
    const cost = { cost: plan.totalCost, used };
    const entries = known.get(query) ?? [];
    entries.push({ all: new Set(candidates.map(({ id }) => id)), cost });
    known.set(query, entries);
    return cost;
  };

  return {
    of: async (query, candidates) => {
      const tables = new Set(query.slots.map(({ table }) => table.oid));
      const relevant = candidates.filter(
        (candidate) => tables.has(candidate.table.oid) && bench.rejected(candidate) === undefined,
      );
      const ids = new Set(relevant.map(({ id }) => id));
      const found = known
        .get(query)
        ?.find(({ all, cost }) => within(ids, all) && cost.used.every(({ id }) => ids.has(id)));
      return found?.cost ?? ask(query, relevant);
    },
    refusalOf: (query) => refusals.get(query),
    rejected: bench.rejected,
    bytesOf: bench.bytesOf,
  };
};

const within = (small: ReadonlySet<string>, large: ReadonlySet<string>): boolean => {
  if (small.size > large.size) return false;
  for (const id of small) if (!large.has(id)) return false;
  return true;
};

type Workbench = {
  /** Makes these, and only these, there; returns their ids on the server. */
  readonly set: (candidates: readonly Candidate[]) => Promise<ReadonlyMap<string, string>>;
  readonly rejected: (candidate: Candidate) => string | undefined;
  readonly bytesOf: (candidate: Candidate) => number | undefined;
};

/** HypoPG hands out object ids from a range of about 2500. */
const MOST_AT_ONCE = 500;

const workbench = (whatIf: WhatIf): Workbench => {
  const there = new Map<string, string>();
  const errors = new Map<string, string>();
  const bytes = new Map<string, number>();

  const add = async (candidate: Candidate): Promise<void> => {
    const plain = candidate.predicate === null && candidate.keys.every(({ target }) => target.kind === 'column');
    if (!plain && !whatIf.partial) {
      errors.set(candidate.id, 'not tried here: HypoPG has crashed servers over indexes of this kind');
      return;
    }
    const made = await whatIf.create(candidate.id);
    if ('error' in made) errors.set(candidate.id, made.error);
    else {
      there.set(candidate.id, made.oid);
      bytes.set(candidate.id, made.bytes);
    }
  };

  return {
    set: async (candidates) => {
      const wanted = candidates.slice(0, MOST_AT_ONCE);
      const ids = new Set(wanted.map(({ id }) => id));
      const away = [...there].filter(([id]) => !ids.has(id));
      await whatIf.drop(away.map(([, oid]) => oid));
      for (const [id] of away) there.delete(id);
      for (const candidate of wanted) if (!there.has(candidate.id) && !errors.has(candidate.id)) await add(candidate);
      return there;
    },
    rejected: ({ id }) => errors.get(id),
    bytesOf: ({ id }) => bytes.get(id),
  };
};
