import type { PlansAnswer, PostgresFacts, Resource } from '@submilli/core';
import { perCall, type Period, type PlannedStatement } from '../plans/state';
import { log } from '../samplers/log';
import { plans } from '../surveys/plans';

/** How the statements with the most time are planned, and were before. */
export const plansResource: Resource<PostgresFacts> = {
  path: 'plans',
  answer: ({ snapshots }): PlansAnswer => {
    const state = snapshots.of(plans);
    const logged = [...(snapshots.of(log)?.plans.values() ?? [])].reverse();
    return {
      enabled: state !== undefined,
      logged,
      statements: [...(state?.statements.values() ?? [])].map(statementOf),
    };
  },
};

const statementOf = ({ database, queryid, role, reason, periods, findings }: PlannedStatement) => ({
  ...{ database, queryid, role, reason, findings },
  periods: periods.map(periodOf),
});

const periodOf = ({ shape, cost, outline, firstSeen, lastSeen, work }: Period) => ({
  ...{ shape, cost, outline },
  ...{ firstSeen: time(firstSeen), lastSeen: time(lastSeen) },
  ...{ meanSeconds: perCall(work)?.seconds ?? null, blocksPerCall: perCall(work)?.blocks ?? null },
});

const time = (seconds: number): string => new Date(seconds * 1000).toISOString();
