import type { PostgresFacts, Resource, StatementsAnswer } from '@submilli/core';
import { statements } from '../samplers/statements';
import { typeOf, windowOf } from '../statements/state';

const MOST = 500;

/** The statements of the window by executor time. */
export const statementsResource: Resource<PostgresFacts> = {
  path: 'statements',
  answer: ({ snapshots }): StatementsAnswer => {
    const state = snapshots.of(statements);
    if (state === undefined) return { windowSeconds: 0, statements: [] };
    const { seconds, intervals } = windowOf(state);
    const all = [...intervals.values()].sort((a, b) => b.seconds - a.seconds);
    const whole = all.reduce((sum, interval) => sum + interval.seconds, 0);
    return {
      windowSeconds: seconds,
      statements: all.slice(0, MOST).map((interval) => ({
        database: interval.database,
        queryid: interval.queryid,
        queryType: typeOf(state.types, interval.queryid),
        calls: interval.calls,
        totalSeconds: interval.seconds,
        meanSeconds: interval.seconds / interval.calls,
        deviationSeconds: interval.m2 === null ? null : Math.sqrt(interval.m2 / interval.calls),
        rows: interval.counters.rows,
        timeShare: whole === 0 ? 0 : interval.seconds / whole,
      })),
    };
  },
};
