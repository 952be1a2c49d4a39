import { emptyHistogram, type Histogram, observe, type Problem } from '@submilli/core';
import { LATENCY_BUCKETS } from '../latency/metrics';

export const PATHS = ['direct', 'pool'] as const;
export type Path = (typeof PATHS)[number];
export type Operation = 'read' | 'write';

/**
 * One try. `seconds` from the moment it was due, if those before held it up; `commit`: of its COMMIT alone. A failed one
 * has no duration.
 */
export type Try = {
  readonly operation: Operation;
  readonly seconds: number;
  readonly commit: number | null;
  readonly problem: Problem | null;
  /** Those before held it up. */
  readonly isLate: boolean;
};

type Result = {
  readonly durations: Histogram;
  readonly commits: Histogram;
  readonly ok: number;
  readonly late: number;
  readonly missed: number;
  readonly failures: ReadonlyMap<string, number>;
};

/** What all tries came to, by path and operation. */
export type Results = ReadonlyMap<
  string,
  { readonly path: Path; readonly operation: Operation; readonly result: Result }
>;

const nothing = (): Result => ({
  durations: emptyHistogram(LATENCY_BUCKETS),
  commits: emptyHistogram(LATENCY_BUCKETS),
  ...{ ok: 0, late: 0, missed: 0, failures: new Map() },
});

const change = (results: Results, path: Path, operation: Operation, how: (result: Result) => Result): Results => {
  const key = `${path} ${operation}`;
  return new Map(results).set(key, { path, operation, result: how(results.get(key)?.result ?? nothing()) });
};

export const withTry = (results: Results, path: Path, { operation, seconds, commit, problem, isLate }: Try): Results =>
  change(results, path, operation, (before) => {
    const result = { ...before, late: before.late + (isLate ? 1 : 0) };
    return problem === null
      ? {
          ...result,
          ok: result.ok + 1,
          durations: observe(result.durations, seconds),
          commits: commit === null ? result.commits : observe(result.commits, commit),
        }
      : {
          ...result,
          failures: new Map(result.failures).set(problem.kind, (result.failures.get(problem.kind) ?? 0) + 1),
        };
  });

export const withMissed = (results: Results, path: Path, operation: Operation, missed: number): Results =>
  missed === 0
    ? results
    : change(results, path, operation, (result) => ({ ...result, missed: result.missed + missed }));
