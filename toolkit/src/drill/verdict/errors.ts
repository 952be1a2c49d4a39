import type { DrillErrors } from '@submilli/core';
import type { Failed } from './writes';

const SECOND = 1000;

/** Failures by class, the most frequent first. */
export const errorsByClass = (failed: readonly Failed[]): DrillErrors[] => {
  const classes = new Map<string, Failed[]>();
  for (const failure of failed) {
    const own = classes.get(failure.class);
    if (own === undefined) classes.set(failure.class, [failure]);
    else own.push(failure);
  }
  return [...classes]
    .map(([name, failures]) => {
      const times = failures.map(({ at }) => at / SECOND).sort((a, b) => a - b);
      return {
        class: name,
        count: failures.length,
        first: times[0] ?? 0,
        last: times.at(-1) ?? 0,
        example: failures[0]?.message ?? '',
      };
    })
    .sort((a, b) => b.count - a.count || (a.class < b.class ? -1 : 1));
};
