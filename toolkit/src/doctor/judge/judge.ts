import type { Thresholds } from '@submilli/core';
import type { Facts } from '../facts';
import { type Finding, worstFirst } from '../finding';
import { judgePointing, judgePool } from './pools';
import { judgeSessions, type Limits } from './sessions';

/** Facts in, findings out, the worst first. */
export const judge = (facts: Facts, thresholds: Thresholds, limits: Limits): readonly Finding[] =>
  worstFirst([
    ...facts.servers.flatMap((server) => judgeSessions(server, thresholds, limits)),
    ...facts.pools.flatMap(judgePool),
    ...judgePointing(facts),
  ]);

/** When an act was done, in milliseconds. */
export type Past = { readonly at: number; readonly id: string };

export type Budget = {
  /** So many acts in so many seconds, and no more. */
  readonly most: number;
  readonly perSeconds: number;
  /** What did not help is not done again so soon. */
  readonly againSeconds: number;
};

export type Plan = { readonly toDo: readonly Finding[]; readonly heldBack: readonly HeldBack[] };
export type HeldBack = { readonly finding: Finding; readonly why: string };

/** What is to be done now, the worst first, and what is not and why. One act on a pool or database is enough for all of its findings. */
export const planOf = (findings: readonly Finding[], past: readonly Past[], budget: Budget, now: number): Plan => {
  const recent = past.filter(({ at }) => now - at < budget.perSeconds * 1000);
  const toDo: Finding[] = [];
  const heldBack: HeldBack[] = [];
  for (const finding of worstFirst(findings)) {
    const { act, spared, id } = finding;
    if (act === null) continue;
    const before = past.findLast((one) => one.id === id);
    if (spared !== null) heldBack.push({ finding, why: spared });
    else if (before !== undefined && now - before.at < budget.againSeconds * 1000) {
      heldBack.push({ finding, why: `it was tried less than ${budget.againSeconds} s ago` });
    } else if (toDo.length + recent.length >= budget.most) {
      heldBack.push({ finding, why: `no more than ${budget.most} acts in ${budget.perSeconds} s` });
    } else if (toDo.some((other) => JSON.stringify(other.act) === JSON.stringify(act))) {
      heldBack.push({ finding, why: 'the same is done already' });
    } else toDo.push(finding);
  }
  return { toDo, heldBack };
};
